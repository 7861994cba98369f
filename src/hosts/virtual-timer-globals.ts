/** `setTimeout` and its kin of a run, in the global scope, `node:timers` and `node:timers/promises`. */
import { syncBuiltinESMExports } from 'node:module'
import timers from 'node:timers'
import timersPromises from 'node:timers/promises'
import { promisify } from 'node:util'
import { type Restore, replaceProperty, running, type VirtualSources } from './virtual-sources.ts'

type Callback = (...parameters: unknown[]) => void
type Starter = (callback: Callback, ...rest: unknown[]) => unknown

/** What a run's setTimeout returns: as much of a Timeout as programs use. */
class VirtualTimer {
  readonly sources: VirtualSources
  readonly id: number

  constructor(sources: VirtualSources, id: number) {
    this.sources = sources
    this.id = id
  }
  ref(): this {
    return this
  }
  unref(): this {
    return this
  }
  hasRef(): boolean {
    return true
  }
  close(): this {
    this.sources.stopTimer(this.id)
    return this
  }
  [Symbol.toPrimitive](): number {
    return this.id
  }
  [Symbol.dispose](): void {
    this.close()
  }
}

export function replaceTimers(): Restore {
  const start = {
    setTimeout: starter(timers.setTimeout as Starter, true, false),
    setInterval: starter(timers.setInterval as Starter, true, true),
    setImmediate: starter(timers.setImmediate as Starter, false, false),
  }
  const stop = {
    clearTimeout: stopper(timers.clearTimeout as Callback),
    clearInterval: stopper(timers.clearInterval as Callback),
    clearImmediate: stopper(timers.clearImmediate as Callback),
  }
  const promises = {
    setTimeout: sleeper(timersPromises.setTimeout as Sleep, true),
    setImmediate: sleeper(timersPromises.setImmediate as Sleep, false),
    setInterval: virtualInterval,
  }
  Object.defineProperty(start.setTimeout, promisify.custom, { value: promises.setTimeout })
  Object.defineProperty(start.setImmediate, promisify.custom, { value: promises.setImmediate })
  const restores: Restore[] = []
  for (const [name, replacement] of Object.entries({ ...start, ...stop })) {
    restores.push(replaceProperty(globalThis, name, replacement), replaceProperty(timers, name, replacement))
  }
  for (const [name, replacement] of Object.entries(promises))
    restores.push(replaceProperty(timersPromises, name, replacement))
  syncBuiltinESMExports()
  return () => {
    for (const restore of restores.reverse()) restore()
    syncBuiltinESMExports()
  }
}

function starter(real: Starter, hasDelay: boolean, repeat: boolean): Starter {
  return (callback, ...rest) => {
    const sources = running.sources
    if (sources === undefined || typeof callback !== 'function') return real(callback, ...rest)
    const [delayMs, parameters] = hasDelay ? [Number(rest[0]), rest.slice(1)] : [0, rest]
    return new VirtualTimer(
      sources,
      sources.startTimer(() => callback(...parameters), delayMs, repeat),
    )
  }
}

function stopper(real: Callback): Callback {
  return (timer) => {
    if (timer instanceof VirtualTimer) timer.close()
    else if (running.sources !== undefined && (typeof timer === 'number' || typeof timer === 'string'))
      running.sources.stopTimer(Number(timer))
    else real(timer)
  }
}

type Sleep = (...parameters: unknown[]) => Promise<unknown>
interface SleepOptions {
  readonly signal?: AbortSignal
}

function sleeper(real: Sleep, hasDelay: boolean): Sleep {
  return (...parameters) => {
    const sources = running.sources
    if (sources === undefined) return real(...parameters)
    const [delayMs, value, options] = hasDelay ? parameters : [0, ...parameters]
    return sleep(sources, Number(delayMs), value, options as SleepOptions | undefined)
  }
}

function sleep(
  sources: VirtualSources,
  delayMs: number,
  value: unknown,
  options: SleepOptions | undefined,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const signal = options?.signal
    if (signal?.aborted) return reject(abortError(signal))
    const id = sources.startTimer(() => resolve(value), delayMs, false)
    signal?.addEventListener('abort', () => {
      sources.stopTimer(id)
      reject(abortError(signal))
    })
  })
}

function abortError(signal: AbortSignal): Error {
  return Object.assign(new Error('The operation was aborted', { cause: signal.reason }), {
    name: 'AbortError',
    code: 'ABORT_ERR',
  })
}

const realInterval = timersPromises.setInterval

function virtualInterval(delayMs?: number, value?: unknown, options?: object): AsyncIterable<unknown> {
  const sources = running.sources
  if (sources === undefined) return realInterval(delayMs, value, options)
  return (async function* ticks() {
    for (;;) yield await sleep(sources, Number(delayMs), value, options as SleepOptions | undefined)
  })()
}
