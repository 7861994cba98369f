/**
 * Whether code reads the clock though its program is not declared to: the first reconciles of each controller are run
 * once more in a child that lives years later, with the same answers. Where it does something else there, twice alike,
 * it is the clock; what is different every time is chance or memory, which audits find.
 */
import type { ResourceTable } from '#api/resource.ts'
import type { HostCall, HostReply, RunRequest } from '#controller/host.ts'
import type { Program } from '#controller/program.ts'
import { Child, isEnding } from './child.ts'
import type { KameraMessage, ProgramMessage } from './messages.ts'
import { startMessage } from './start-message.ts'

export interface ClockProbeOptions {
  readonly program: Program
  readonly directory: string
  readonly command: readonly string[]
  readonly resources: ResourceTable
  readonly nowMs: number
  readonly stepLimitMs: number
}

/** A reconcile as it went: what it called, what it was answered, and its last message. */
export interface PlayedRun {
  readonly request: RunRequest
  readonly calls: readonly { readonly call: HostCall; readonly reply: HostReply }[]
  readonly end: ProgramMessage
}

const START_LIMIT_MS = 60_000
/** Some three years, and a time of day and a weekday of their own. */
const LATER_MS = 1_000 * 86_400_000 + 7 * 3_600_000 + 13 * 60_000 + 29_000
const RUNS_OF_EACH = 12

export class ClockProbe {
  readonly #options: ClockProbeOptions
  readonly #played = new Map<string, number>()
  #child: Child | undefined
  readonly notes: string[] = []

  constructor(options: ClockProbeOptions) {
    this.#options = options
  }

  wants(controller: string): boolean {
    return (this.#played.get(controller) ?? 0) < RUNS_OF_EACH
  }

  async play(run: PlayedRun): Promise<void> {
    const { controller } = run.request
    this.#played.set(controller, (this.#played.get(controller) ?? 0) + 1)
    const first = await this.#replay(run)
    if (first === undefined || first !== (await this.#replay(run))) return
    this.#played.set(controller, RUNS_OF_EACH)
    this.notes.push(
      `controller ${controller} of program ${this.#options.program.name} reads the clock: at a later time it ${first}. For it time stands still at the start of the scenario, so what it decides by time is not explored. If it decides by time, say readsClock: true of the program; if it only writes the time down, all is well.`,
    )
  }

  async close(): Promise<void> {
    await this.#child?.close()
    this.#child = undefined
  }

  /** What the code does otherwise; undefined: nothing, or the child cannot tell. */
  async #replay({ request, calls, end }: PlayedRun, isAgain = false): Promise<string | undefined> {
    const child = this.#child ?? (await this.#start())
    if (child?.isAlive !== true) return undefined
    const nowMs = this.#options.nowMs + LATER_MS
    child.send({ type: 'run', controller: request.controller, request: request.request, nowMs })
    for (let place = 0; ; place++) {
      const message = await child.receive(this.#options.stepLimitMs)
      if (isEnding(message)) return undefined
      if (message.type === 'past') {
        // The child before has slept.
        await this.close()
        return isAgain ? undefined : this.#replay({ request, calls, end }, true)
      }
      if (message.type !== 'call') return comparable(message) === comparable(end) ? undefined : describeEnd(message)
      const known = calls[place]
      if (known === undefined || JSON.stringify(known.call) !== JSON.stringify(message.call)) {
        // What it would be answered nobody knows: the next replay needs another child.
        await this.close()
        return describeCall(message.call)
      }
      child.send({ type: 'reply', ...known.reply } as KameraMessage)
    }
  }

  async #start(): Promise<Child | undefined> {
    const { program, command, directory, nowMs } = this.#options
    const child = new Child(program, command, directory)
    this.#child = child
    const hello = await child.receive(START_LIMIT_MS)
    if (isEnding(hello) || hello.type !== 'hello') return undefined
    child.send({ ...startMessage({ ...this.#options, nowMs: nowMs + LATER_MS }), instances: 'fresh' })
    const told = await child.receive(START_LIMIT_MS)
    return isEnding(told) || told.type !== 'controllers' ? undefined : child
  }
}

function comparable(message: ProgramMessage): string {
  if (message.type === 'done') return JSON.stringify(message.result ?? {})
  return message.type === 'failed' ? message.message : message.type
}

function describeEnd(message: ProgramMessage): string {
  if (message.type === 'failed') return `fails with "${message.message}"`
  return message.type === 'done' ? `ends with ${JSON.stringify(message.result ?? {})}` : 'does not come to its end'
}

function describeCall(call: HostCall): string {
  if (!('type' in call)) return `asks for ${call.op}`
  const body = 'body' in call && call.body !== undefined ? ` with ${JSON.stringify(call.body).slice(0, 200)}` : ''
  return `calls ${call.op} ${call.type.kind} ${call.namespace === undefined ? '' : `${call.namespace}/`}${'name' in call ? (call.name ?? '') : ''}${body}`
}
