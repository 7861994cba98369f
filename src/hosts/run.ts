/**
 * One run of a reconciler, from its start to its end. A run is over when its code has nothing left to do: microtasks
 * are drained, and so code that nobody awaits is part of the run that started it. Nothing of it is heard afterwards.
 */
import { format } from 'node:util'
import type { KubernetesObject } from '#api/object.ts'
import type { EventSource, ObjectEvent, Reconciler, ReconcilerTools } from '#controller/controller.ts'
import { createClient, createReader } from '#controller/create-client.ts'
import { createExternalClient } from '#controller/create-external-client.ts'
import type { Controller } from '#controller/define-controller.ts'
import { type HostCall, type HostReply, type RunOutcome, type RunRequest, STOP } from '#controller/host.ts'
import { frozenJson } from '#controller/json.ts'
import { cachedMutationMessage } from './cached-mutation.ts'
import { currentSite, siteOfStack } from './call-site.ts'
import { HeldQuestions } from './held-questions.ts'
import { outcomeOfResult, outcomeOfThrown } from './outcome.ts'
import { RunTimers } from './run-timers.ts'
import { tooManyCalls } from './unusable.ts'
import { running, type VirtualSources } from './virtual-sources.ts'

/** A line that a reconciler wrote to the console. */
export interface LogEntry {
  readonly controller: string
  /** The console method: `log`, `warn`, `error`, … */
  readonly level: string
  readonly text: string
}

/** What a run needs to know of its host. */
export interface RunOptions {
  readonly callLimit: number
  readonly loopLimitMs: number
  readonly onLog: (entry: LogEntry) => void
  /** Makes the `kubeConfig` of a run. Default: there is none. */
  readonly kubeConfig?: MakeKubeConfig
}

/** Makes what a run gets as `kubeConfig`; its requests are answered in rounds (`held-questions.ts`). */
export type MakeKubeConfig = (hold: HeldQuestions['hold']) => unknown

/** Thrown into code that is not heard any more, where a promise that never settles cannot be returned. */
class RunOver extends Error {
  constructor() {
    super('this reconcile was stopped by kamera')
    this.name = 'RunOver'
  }
}

export function isRunOver(thrown: unknown): boolean {
  return thrown instanceof RunOver
}

/** Numbers shared with the watchdog's thread: the serial of the run whose code is running (0: none), its calls, and,
 *  written by the watchdog, the serial of the run whose code it ended. */
export const progress = new Int32Array(new SharedArrayBuffer(12))
let lastSerial = 0

const settledPromise = Promise.resolve()
const clock = { now: () => new Date() }
/** Kubernetes Events are no part of what is explored: no reconciler reads them. */
const recorder = { event(): void {} }

export class Run implements VirtualSources {
  readonly controller: Controller
  readonly request: RunRequest
  readonly options: RunOptions
  readonly serial: number
  readonly timers = new RunTimers()
  /** Requests of its `kubeConfig`; undefined while the code has not asked for one. */
  held: HeldQuestions | undefined
  /** Every answer so far: to run the code once more, and to name what was read. */
  readonly replies: HostReply[] = []
  readonly cachedReplies: HostReply[] = []
  lastCall: HostCall | undefined
  /** How the run ends, once that is known. Its code may still have to be drained then. */
  outcome: RunOutcome | undefined
  /** A fault of the caller's `respond`, with which the run rejects. */
  failure: { readonly error: unknown } | undefined
  /** Whether the end must wait for a turn of the event loop, after which unhandled rejections are known. */
  careful: boolean
  private calls = 0
  private batch = 0
  /** Whether the code cannot yet have seen the answer of the last call. */
  private unseen = false
  /** Whether code of this run is still heard. */
  private heard = true
  private reconciler: Reconciler | undefined
  private madeKubeConfig: unknown
  private lastNowMs = 0
  private unheardStepMs = 1000

  constructor(controller: Controller, request: RunRequest, options: RunOptions, careful: boolean) {
    this.controller = controller
    this.request = request
    this.options = options
    this.careful = careful
    lastSerial = (lastSerial % 0x3fffffff) + 1
    this.serial = lastSerial
  }

  /** Calls the reconciler. */
  start(): void {
    this.enter()
    try {
      const { memory, request } = this.request
      this.reconciler = this.controller.reconciler(this.tools())
      if (typeof this.reconciler?.reconcile !== 'function') return this.isNoReconciler()
      if (memory !== undefined) this.controller.memory?.restore(this.reconciler as never, memory)
      Promise.resolve(this.reconciler.reconcile(request)).then(
        (value) => this.returned(value),
        (thrown) => this.threw(thrown),
      )
    } catch (thrown) {
      this.threw(thrown)
    }
  }

  private isNoReconciler(): void {
    const message =
      'the function reconciler returned something that has no method reconcile. ' +
      'Write reconciler: ({ client }) => ({ async reconcile(request) { … } }), or return an instance of a class with it.'
    this.outcome = { type: 'error', defect: true, message }
  }

  /** From here on user code runs: the globals are this run's, and the watchdog looks. */
  enter(): void {
    running.sources = this
    progress[0] = this.serial
  }

  /** Whether the watchdog ended the code: what it had queued is lost, and the watchdog's message is on its way. */
  get isInterrupted(): boolean {
    return progress[2] === this.serial
  }

  leave(): void {
    running.sources = undefined
    progress[0] = 0
  }

  private returned(value: unknown): void {
    if (this.unseen) this.careful = true
    this.outcome ??= outcomeOfResult(value)
  }

  private threw(thrown: unknown): void {
    if (this.unseen) this.careful = true
    this.outcome ??= this.outcomeOf(thrown)
  }

  /** A mistake outside the reconcile's own promise: a rejection or an exception that nobody caught. */
  defect(what: string, thrown: unknown): void {
    if (!this.heard) return
    const outcome = this.outcomeOf(thrown)
    const site = outcome.site ?? siteOfStack((thrown as Error | undefined)?.stack)
    this.outcome = {
      ...outcome,
      defect: true,
      message: `${what}: ${outcome.message}`,
      ...(site === undefined ? {} : { site }),
    }
  }

  /** Whether an error is an answer that this run got. */
  wasAnswered(thrown: unknown): boolean {
    const status = (thrown as { readonly status?: unknown } | null | undefined)?.status
    return typeof status === 'object' && this.replies.some((reply) => 'status' in reply && reply.status === status)
  }

  private outcomeOf(thrown: unknown): Extract<RunOutcome, { type: 'error' }> {
    const outcome = outcomeOfThrown(thrown)
    const mutation = outcome.defect ? cachedMutationMessage(thrown, this.cachedObjects(), outcome.site) : undefined
    return mutation === undefined ? outcome : { ...outcome, message: mutation }
  }

  private cachedObjects(): KubernetesObject[] {
    return this.cachedReplies.flatMap((reply) => {
      if ('items' in reply) return reply.items
      if ('event' in reply) return [reply.event.object, ...(reply.event.old === undefined ? [] : [reply.event.old])]
      return 'object' in reply && reply.object !== undefined ? [reply.object] : []
    })
  }

  /** Ends the run here. What its code does from now on is not heard. */
  abandon(outcome: RunOutcome): void {
    this.outcome = outcome
    this.heard = false
    this.timers.clear()
  }

  /** The outcome, with the instance's memory. To be called once, when the run is over. */
  finish(): RunOutcome {
    const { outcome } = this
    if (outcome === undefined) throw new Error('a run was finished before it was over')
    if (!this.heard) return outcome
    try {
      return this.withMemory(outcome)
    } finally {
      this.heard = false
      this.timers.clear()
    }
  }

  private withMemory(outcome: RunOutcome): RunOutcome {
    const { memory } = this.controller
    if (
      memory === undefined ||
      this.reconciler === undefined ||
      outcome.type === 'stopped' ||
      outcome.type === 'unusable'
    )
      return outcome
    try {
      return { ...outcome, memory: frozenJson(memory.snapshot(this.reconciler as never), 'the memory snapshot') }
    } catch (thrown) {
      const { message, site } = outcomeOfThrown(thrown)
      return {
        type: 'error',
        defect: true,
        message: `memory.snapshot: ${message}`,
        ...(site === undefined ? {} : { site }),
      }
    }
  }

  // Calls

  /** Answers a call of the client. */
  private answer(call: HostCall): HostReply | Promise<never> {
    const reply = this.ask(call)
    if (reply === STOP) return new Promise(never)
    if (!this.unseen) {
      this.unseen = true
      // Queued before anything that awaits this answer, so it runs before any code has seen it.
      void settledPromise.then(() => this.answersSeen())
    }
    if ('status' in reply || 'failure' in reply) this.careful = true
    return reply
  }

  private answersSeen(): void {
    this.unseen = false
    this.batch += 1
  }

  private ask(call: HostCall): HostReply | typeof STOP {
    if (!this.heard) return STOP
    this.calls += 1
    this.lastCall = call
    if (this.calls > this.options.callLimit) {
      this.abandon(tooManyCalls(this.request, this.options.callLimit, call))
      return STOP
    }
    const before = running.sources
    this.leave()
    try {
      const reply = this.request.respond(call, this.batch)
      if (reply === STOP) this.abandon({ type: 'stopped' })
      else {
        this.replies.push(reply)
        if ((call as { readonly cached?: boolean }).cached === true || 'event' in reply) this.cachedReplies.push(reply)
      }
      return reply
    } catch (error) {
      this.failure = { error }
      this.abandon({ type: 'stopped' })
      return STOP
    } finally {
      running.sources = before
      progress[1] = this.calls
      progress[0] = this.serial
    }
  }

  private tools(): ReconcilerTools & EventSource {
    const transport = (call: HostCall) => this.answer(call)
    const kubeConfig = () => this.kubeConfig(transport)
    return {
      event: async () => eventOf(await transport({ op: 'event' })),
      get kubeConfig() {
        return kubeConfig()
      },
      client: createClient(transport, { cached: true }),
      apiReader: createReader(transport, { cached: false }),
      clock,
      recorder,
      external: <T>(name: string) => createExternalClient(transport, name) as T,
    }
  }

  /** Made when it is first asked for: most code never does. */
  private kubeConfig(transport: (call: HostCall) => HostReply | Promise<never>): unknown {
    if (this.held === undefined && this.options.kubeConfig !== undefined) {
      this.held = new HeldQuestions(transport)
      this.madeKubeConfig = this.options.kubeConfig(this.held.hold)
    }
    return this.madeKubeConfig
  }

  // Clock, chance, timers, console and exit

  nowMs(): number {
    if (this.heard) this.lastNowMs = (this.value({ op: 'now' }) as number) + this.timers.sleptMs
    else this.passUnheard()
    return this.lastNowMs
  }

  /** In code that is not heard any more a loop that waits for an instant must end soon, too. */
  private passUnheard(): void {
    this.lastNowMs += this.unheardStepMs
    this.unheardStepMs *= 2
  }

  randomNumber(): number {
    return this.value(this.randomCall('number')) as number
  }

  randomUuid(): string {
    return this.value(this.randomCall('uuid')) as string
  }

  randomBytes(size: number): Uint8Array {
    return Uint8Array.from(Buffer.from(this.value({ ...this.randomCall('bytes'), bytes: size }) as string, 'hex'))
  }

  private randomCall(what: 'number' | 'uuid' | 'bytes'): HostCall & { readonly op: 'random' } {
    const site = this.heard ? currentSite() : undefined
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
    if (!this.heard) return
    this.leave()
    this.options.onLog({ controller: this.controller.name, level, text: format(...parts) })
    this.enter()
  }

  exit(code: number | string | null | undefined): never {
    const site = currentSite()
    const message = `process.exit(${code ?? ''}) was called: it would end every controller of the process. Throw an Error instead, so that the request is tried again`
    if (this.heard) {
      this.abandon({ type: 'error', defect: true, message, ...(site === undefined ? {} : { site }) })
    }
    throw new RunOver()
  }
}

function never(): void {}

function eventOf(reply: HostReply): ObjectEvent {
  if (!('event' in reply)) throw new Error('a handler was called without an event')
  return reply.event
}
