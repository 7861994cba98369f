/**
 * A program as a child process: lines in, lines out, and what becomes of it. It is started in a process group of its
 * own and never outlives this process: it ends when its standard input does, and the group is killed when we end.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import type { Program } from '#controller/program.ts'
import type { KameraMessage, ProgramMessage } from './messages.ts'

/** The program ended, or did not answer: what is known of it then. */
export interface Ending {
  readonly reason: 'exited' | 'not JSON' | 'no answer' | 'not started'
  /** `status 2`, `signal SIGKILL`, the line that is no JSON. */
  readonly detail: string
  /** The last lines of its standard error. */
  readonly log: string
}

const LOG_MAX = 32_768
/** What it takes in vain for a program to end of itself. */
const EXIT_LIMIT_MS = 2000
/** So long a wait keeps this thread awake: most answers come sooner than a processor that sleeps is woken. */
const AWAKE_MS = 0.3

// Not those of code under exploration.
const realSetTimeout = setTimeout
const realClearTimeout = clearTimeout
const realSetImmediate = setImmediate
const realNow = performance.now.bind(performance)

const children = new Set<Child>()

function killAll(): void {
  for (const child of children) child.kill()
}

export class Child {
  readonly #process: ChildProcess
  readonly #exited: Promise<void>
  readonly #lines: string[] = []
  #rest = ''
  #log = ''
  #ending: Omit<Ending, 'log'> | undefined
  #waiting: (() => void) | undefined

  constructor(program: Program, command: readonly string[], directory: string) {
    const [file = '', ...args] = command
    this.#process = spawn(file, args, {
      cwd: directory,
      env: { ...process.env, ...program.environment },
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    })
    const { stdin, stdout, stderr } = this.#process
    stdout?.setEncoding('utf8').on('data', (text: string) => this.#take(text))
    stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#log = (this.#log + text).slice(-LOG_MAX)
    })
    // Writing to a program that has just died: its end is told by `close`.
    stdin?.on('error', () => {})
    this.#exited = new Promise((resolve) => {
      this.#process.once('error', (error) => {
        this.#end({ reason: 'not started', detail: error.message })
        resolve()
      })
      this.#process.once('close', (code, signal) => {
        this.#end({ reason: 'exited', detail: code === null ? `signal ${signal}` : `status ${code}` })
        resolve()
      })
    })
    if (children.size === 0) process.once('exit', killAll)
    children.add(this)
  }

  get log(): string {
    return this.#log
  }

  /** Whether it can be asked for more. */
  get isAlive(): boolean {
    return this.#ending === undefined
  }

  /** Sends messages as one piece: each wakes the program, and to be woken is most of what one costs. */
  send(...messages: readonly KameraMessage[]): void {
    this.#process.stdin?.write(messages.map((message) => `${JSON.stringify(message)}\n`).join(''))
  }

  /** The next message, or why there is none. After an ending nothing more comes. */
  async receive(limitMs: number): Promise<ProgramMessage | Ending> {
    if (this.#lines.length === 0 && this.#ending === undefined) await this.#wait(limitMs)
    const line = this.#lines.shift()
    if (line === undefined) return this.#told(this.#ending ?? { reason: 'no answer', detail: `${limitMs} ms` })
    const message = parsedMessage(line)
    if (message !== undefined) return message
    this.#end({ reason: 'not JSON', detail: line })
    return this.#told({ reason: 'not JSON', detail: line })
  }

  async #told(ending: Omit<Ending, 'log'>): Promise<Ending> {
    await this.close()
    return { ...ending, log: this.#log.trim() }
  }

  #wait(limitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = realSetTimeout(resolve, limitMs)
      this.#waiting = () => {
        realClearTimeout(timer)
        resolve()
      }
      this.#stayAwake(realNow() + AWAKE_MS)
    })
  }

  /** Lets the event loop go round instead of sleeping, until a line has come or the time is over. */
  #stayAwake(until: number): void {
    realSetImmediate(() => {
      if (this.#waiting !== undefined && realNow() < until) this.#stayAwake(until)
    })
  }

  #take(text: string): void {
    this.#rest += text
    for (let end = this.#rest.indexOf('\n'); end !== -1; end = this.#rest.indexOf('\n')) {
      this.#lines.push(this.#rest.slice(0, end))
      this.#rest = this.#rest.slice(end + 1)
    }
    if (this.#lines.length > 0) this.#wake()
  }

  #wake(): void {
    const waiting = this.#waiting
    this.#waiting = undefined
    waiting?.()
  }

  #end(ending: Omit<Ending, 'log'>): void {
    if (this.#rest !== '') this.#lines.push(this.#rest)
    this.#rest = ''
    this.#ending ??= ending
    this.#wake()
  }

  /** Kills the program and what it has started. */
  kill(): void {
    try {
      if (this.#process.pid !== undefined) process.kill(-this.#process.pid, 'SIGKILL')
    } catch {
      // It is gone already.
    }
  }

  /** Lets the program end; kills it when it does not. */
  async close(): Promise<void> {
    this.#process.stdin?.end()
    const timer = realSetTimeout(() => this.kill(), this.#ending === undefined ? EXIT_LIMIT_MS : 0)
    await this.#exited
    realClearTimeout(timer)
    this.kill()
    children.delete(this)
    if (children.size === 0) process.off('exit', killAll)
  }
}

/** Undefined: the line is no message. */
export function parsedMessage(line: string): ProgramMessage | undefined {
  try {
    const value: unknown = JSON.parse(line)
    const isMessage = typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'
    return isMessage ? (value as ProgramMessage) : undefined
  } catch {
    return undefined
  }
}

export function isEnding(message: ProgramMessage | Ending): message is Ending {
  return 'reason' in message
}
