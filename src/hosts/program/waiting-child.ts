/**
 * A program as a child process whose answers are waited for: what asks cannot be suspended, as the decision of the API
 * server cannot. A thread has the process and hands on its lines; this thread sleeps until there is one, or the time
 * is over.
 */
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads'
import type { Program } from '#controller/program.ts'
import { type Ending, parsedMessage } from './child.ts'
import type { KameraMessage, ProgramMessage } from './messages.ts'

type Told =
  | { readonly pid: number }
  | { readonly line: string }
  | { readonly log: string }
  | { readonly ended: Omit<Ending, 'log'> }

const LOG_MAX = 32_768

/** What is still alive when this process ends. */
const alive = new Set<WaitingChild>()

function killAll(): void {
  for (const child of alive) child.close()
}

export class WaitingChild {
  readonly #worker: Worker
  readonly #port: InstanceType<typeof MessageChannel>['port1']
  readonly #bell = new Int32Array(new SharedArrayBuffer(4))
  #pid: number | undefined
  #log = ''
  #ending: Omit<Ending, 'log'> | undefined

  constructor(program: Program, command: readonly string[], directory: string) {
    const { port1, port2 } = new MessageChannel()
    this.#port = port1
    this.#worker = new Worker(source, {
      eval: true,
      workerData: { command, directory, environment: program.environment ?? {}, bell: this.#bell, port: port2 },
      transferList: [port2],
      execArgv: [],
    })
    this.#worker.on('error', () => {})
    this.#worker.unref()
    port1.unref()
    if (alive.size === 0) process.once('exit', killAll)
    alive.add(this)
  }

  get isAlive(): boolean {
    return this.#ending === undefined
  }

  send(message: KameraMessage): void {
    this.#port.postMessage(`${JSON.stringify(message)}\n`)
  }

  /** The next message, or why there is none. After an ending nothing more comes. */
  receive(limitMs: number): ProgramMessage | Ending {
    const end = performance.now() + limitMs
    for (;;) {
      const rung = Atomics.load(this.#bell, 0)
      const line = this.#take()
      if (line !== undefined) {
        const message = parsedMessage(line)
        if (message !== undefined) return message
        this.#ending = { reason: 'not JSON', detail: line }
      }
      if (this.#ending === undefined) {
        const left = end - performance.now()
        if (left > 0) {
          Atomics.wait(this.#bell, 0, rung, left)
          continue
        }
        this.#ending = { reason: 'no answer', detail: `${limitMs} ms` }
      }
      this.close()
      return { ...this.#ending, log: this.#log.trim() }
    }
  }

  get log(): string {
    return this.#log
  }

  /** Takes what the thread has told, up to the next line. */
  #take(): string | undefined {
    for (;;) {
      const told = receiveMessageOnPort(this.#port)?.message as Told | undefined
      if (told === undefined) return undefined
      if ('line' in told) return told.line
      if ('pid' in told) this.#pid = told.pid
      else if ('log' in told) this.#log = (this.#log + told.log).slice(-LOG_MAX)
      else this.#ending ??= told.ended
    }
  }

  /** Kills the program and what it has started. */
  close(): void {
    if (!alive.delete(this)) return
    if (alive.size === 0) process.off('exit', killAll)
    this.#take()
    this.#ending ??= { reason: 'exited', detail: 'by Kamera' }
    try {
      if (this.#pid !== undefined) process.kill(-this.#pid, 'SIGKILL')
    } catch {
      // It is gone already.
    }
    this.#port.close()
    void this.#worker.terminate()
  }
}

const source = `
const { workerData: { command, directory, environment, bell, port } } = require('node:worker_threads')
const { spawn } = require('node:child_process')
const tell = (message) => {
  port.postMessage(message)
  Atomics.add(bell, 0, 1)
  Atomics.notify(bell, 0)
}
const child = spawn(command[0], command.slice(1), {
  cwd: directory,
  env: { ...process.env, ...environment },
  stdio: ['pipe', 'pipe', 'pipe'],
  detached: true,
})
if (child.pid !== undefined) tell({ pid: child.pid })
let rest = ''
child.stdout.setEncoding('utf8').on('data', (text) => {
  const lines = (rest + text).split('\\n')
  rest = lines.pop()
  for (const line of lines) tell({ line })
})
child.stderr.setEncoding('utf8').on('data', (log) => tell({ log }))
child.stdin.on('error', () => {})
child.on('error', (error) => tell({ ended: { reason: 'not started', detail: error.message } }))
child.on('close', (code, signal) => {
  if (rest !== '') tell({ line: rest })
  tell({ ended: { reason: 'exited', detail: code === null ? 'signal ' + signal : 'status ' + code } })
})
port.on('message', (text) => child.stdin.write(text))
`
