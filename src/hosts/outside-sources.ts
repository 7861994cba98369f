/** Clock, chance and the console of user code that runs outside a reconcile; its timers stay the real ones. */
import { format } from 'node:util'
import type { Outside } from '#controller/host.ts'
import { currentSite } from './call-site.ts'
import type { LogEntry } from './run.ts'
import type { VirtualSources } from './virtual-sources.ts'

const realTimers = { setTimeout, clearTimeout, setInterval, clearInterval }

export class OutsideSources implements VirtualSources {
  readonly #what: string
  readonly #outside: Outside
  readonly #onLog: (entry: LogEntry) => void
  readonly #timers = new Map<number, NodeJS.Timeout>()

  constructor(what: string, outside: Outside, onLog: (entry: LogEntry) => void) {
    this.#what = what
    this.#outside = outside
    this.#onLog = onLog
  }

  nowMs(): number {
    return this.#outside.nowMs(currentSite())
  }

  randomNumber(): number {
    return this.#outside.randomNumber(currentSite())
  }

  randomUuid(): string {
    const hex = [...this.randomBytes(16)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`
  }

  randomBytes(size: number): Uint8Array {
    return new Uint8Array(size).fill(Math.floor(this.randomNumber() * 256))
  }

  startTimer(callback: () => void, delayMs: number, repeat: boolean): number {
    const timer = repeat ? realTimers.setInterval(callback, delayMs) : realTimers.setTimeout(callback, delayMs)
    const id = this.#timers.size + 1
    this.#timers.set(id, timer)
    return id
  }

  stopTimer(id: number): void {
    realTimers.clearTimeout(this.#timers.get(id))
  }

  log(level: string, parts: readonly unknown[]): void {
    this.#onLog({ controller: this.#what, level, text: format(...parts) })
  }

  exit(code: number | string | null | undefined): never {
    throw new Error(`process.exit(${code ?? ''}) would end the search`)
  }
}
