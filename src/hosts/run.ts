/**
 * One run of a reconciler, from its start to its end. A run is over when its code has nothing left to do: microtasks
 * are drained, and so code that nobody awaits is part of the run that started it. Nothing of it is heard afterwards.
 */
import { format } from 'node:util'
import type { Json } from '#api/object.ts'
import type { Controller } from '#controller/define-controller.ts'
import type { Client, Reader } from '#controller/client.ts'
import type { Reconciler, ReconcilerTools } from '#controller/controller.ts'
import { createClient, createReader } from '#controller/create-client.ts'
import { type HostCall, type HostReply, type RunOutcome, type RunRequest, STOP } from '#controller/host.ts'
import { frozenJson } from '#controller/json.ts'
import { currentSite } from './call-site.ts'
import { outcomeOfResult, outcomeOfThrown } from './outcome.ts'
import { RunTimers } from './run-timers.ts'
import { running, type VirtualSources } from './virtual-globals.ts'

/** What a run needs to know of its host. */
export interface RunOptions {
  /** Calls of one reconcile beyond which it is taken for an endless loop. */
  readonly callLimit: number
  readonly onLog: (entry: LogEntry) => void
}

/** A line that a reconciler wrote to the console. */
export interface LogEntry {
  readonly controller: string
  readonly level: string
  readonly text: string
}

/** Thrown into the code of a run that is over where a promise that never settles cannot be returned. */
class RunOver extends Error {
  constructor() {
    super('this reconcile was stopped by kamera')
    this.name = 'RunOver'
  }
}

const settledPromise = Promise.resolve()

export class Run implements VirtualSources {
  readonly request: RunRequest
  /** Set once, when it is known how the run ends. The code may still have to be drained then. */
  outcome: RunOutcome | undefined
  /** A fault of the caller's `respond`: the run rejects with it. */
  failure: { readonly error: unknown } | undefined
  /** Whether the end must wait for a turn of the event loop, which tells of unhandled rejections. */
  careful: boolean
  /** Whether code of this run is still heard. */
  heard = true
  calls = 0
  lastCall: HostCall | undefined
  readonly timers = new RunTimers()
  /** Every answer so far, for messages and for finding the site of a wait. */
  readonly replies: HostReply[] = []
  private readonly controller: Controller
  private readonly options: RunOptions
  private batch = 0
  /** Whether the code cannot yet have seen the answer of the last call. */
  private unseen = false
  private reconciler: Reconciler | undefined
  private abandonedMs = 0

  constructor(controller: Controller, request: RunRequest, options: RunOptions, careful: boolean) {
    this.controller = controller
    this.request = request
    this.options = options
    this.careful = careful
  }

  /** Calls the reconciler. Its answer comes in a microtask at the earliest. */
  start(): void {
    try {
      this.reconciler = this.controller.reconciler(this.tools())
      const { memory } = this.request
      if (memory !== undefined) this.controller.memory?.restore(this.reconciler as never, memory)
      const returned = this.reconciler.reconcile(this.request.request) as unknown
      if (returned instanceof Promise) returned.then(this.returned, this.threw)
      else Promise.resolve(returned).then(this.returned, this.threw)
    } catch (error) {
      this.threw(error)
    }
  }

  private readonly returned = (value: unknown): void => {
    if (this.unseen) this.careful = true
    this.outcome ??= outcomeOfResult(value)
  }

  private readonly threw = (thrown: unknown): void => {
    if (this.unseen) this.careful = true
    this.outcome ??= outcomeOfThrown(thrown)
  }

  /** A mistake of the program outside the reconcile's own promise: a rejection or an exception that nobody caught. */
  defect(what: string, thrown: unknown): void {
    if (this.outcome?.type === 'stopped' || this.outcome?.type === 'unusable') return
    if (thrown instanceof RunOver) return
    const outcome = outcomeOfThrown(thrown)
    this.outcome = { ...outcome, defect: true, message: `${what}: ${outcome.message}` }
  }

  /** Ends the run here. What its code does from now on is not heard. */
  abandon(outcome: RunOutcome): void {
    this.outcome = outcome
    this.heard = false
    this.timers.clear()
  }

  /** The outcome with the instance's memory. To be called once, when the run is over. */
  finish(): RunOutcome {
    const { outcome } = this
    this.heard = false
    this.timers.clear()
    if (outcome === undefined) throw new Error('a run was finished before it was over')
    const { memory } = this.controller
    if (memory === undefined || this.reconciler === undefined || outcome.type === 'stopped' || outcome.type === 'unusable') return outcome
    return { ...outcome, memory: frozenJson(memory.snapshot(this.reconciler as never), 'the memory snapshot') as Json }
  }

  /** Answers a call of the run's code, unless the run is over. */
  readonly call = (call: HostCall): HostReply | Promise<never> => {
    const reply = this.ask(call)
    if (reply === STOP) return new Promise(never)
    if (!this.unseen) {
      this.unseen = true
      settledPromise.then(this.answersSeen)
    }
    if ('status' in reply) this.careful = true
    return reply
  }

  private readonly answersSeen = (): void => {
    this.unseen = false
    this.batch += 1
  }

  private ask(call: HostCall): HostReply | typeof STOP {
    if (!this.heard) return STOP
    this.calls += 1
    this.lastCall = call
    if (this.calls > this.options.callLimit) {
      this.abandon(endlessCalls(this.request, this.options.callLimit, call))
      return STOP
    }
    running.sources = undefined
    try {
      const reply = this.request.respond(call, this.batch)
      if (reply === STOP) this.abandon({ type: 'stopped' })
      else this.replies.push(reply)
      return reply
    } catch (error) {
      this.failure = { error }
      this.abandon({ type: 'stopped' })
      return STOP
    } finally {
      running.sources = this
    }
  }

  // Clock, chance and timers

  nowMs(): number {
    // A loop that waits for an instant must end in code that is not heard any more, too.
    if (!this.heard) return (this.abandonedMs += 60_000)
    return (this.value({ op: 'now' }) as number) + this.timers.sleptMs
  }

  randomNumber(): number {
    return this.value(this.randomCall('number')) as number
  }

  randomUuid(): string {
    return this.value(this.randomCall('uuid')) as string
  }

  randomBytes(size: number): Uint8Array {
    const hex = this.value({ ...this.randomCall('bytes'), bytes: size }) as string
    return Uint8Array.from(Buffer.from(hex, 'hex'))
  }

  private randomCall(what: 'number' | 'uuid' | 'bytes'): HostCall & { readonly op: 'random' } {
    const site = currentSite()
    return { op: 'random', what, ...(site === undefined ? {} : { site }) }
  }

  /** A call whose caller cannot wait: its answer is seen at once. */
  private value(call: HostCall): number | string {
    const reply = this.ask(call)
    if (reply === STOP) throw new RunOver()
    return (reply as { readonly value: number | string }).value
  }

  startTimer(callback: () => void, delayMs: number, repeat: boolean): number {
    return this.heard ? this.timers.start(callback, delayMs, repeat) : 0
  }

  stopTimer(id: number): void {
    this.timers.stop(id)
  }

  log(level: string, parts: readonly unknown[]): void {
    if (this.heard) this.options.onLog({ controller: this.controller.name, level, text: format(...parts) })
  }

  private tools(): ReconcilerTools {
    const transport = this.call
    let client: Client | undefined
    let apiReader: Reader | undefined
    return {
      get client() {
        client ??= createClient(transport, { cached: true })
        return client
      },
      get apiReader() {
        apiReader ??= createReader(transport, { cached: false })
        return apiReader
      },
      clock: { now: () => new Date() },
      recorder: { event: ignoreEvent },
    }
  }
}

function never(): void {}

/** Kubernetes Events are no part of what is explored: no reconciler reads them. */
function ignoreEvent(): void {}

function endlessCalls({ controller, request }: RunRequest, limit: number, call: HostCall): RunOutcome {
  const site = currentSite()
  const key = request.namespace === undefined ? request.name : `${request.namespace}/${request.name}`
  const message =
    `controller ${controller}, request ${key}: more than ${limit} calls in one reconcile; the last was ${describeCall(call)}${site === undefined ? '' : ` at ${site}`}. ` +
    'It is probably a loop that waits for the cluster to change, which it cannot do while a reconcile runs. Return { requeueAfterMs } instead of waiting, or raise callLimit.'
  return { type: 'unusable', message, ...(site === undefined ? {} : { site }) }
}

/** `update Pod default/web`, for messages. */
export function describeCall(call: HostCall): string {
  if (call.op === 'now') return 'a read of the clock'
  if (call.op === 'random') return `a random ${call.what}`
  const name = call.name === undefined ? '' : ` ${call.namespace === undefined ? '' : `${call.namespace}/`}${call.name}`
  return `${call.op} ${call.type.kind}${call.subresource === undefined ? '' : `/${call.subresource}`}${name}`
}
