/**
 * The host of one program: its controllers, one step at a time, in one child process, which is started again when it
 * has ended. What a program does wrong becomes an outcome of the reconcile or a message that names controller,
 * request and step; nothing hangs.
 */
import type { ResourceTable } from '#api/resource.ts'
import type { ObjectEvent, ReconcileRequest } from '#controller/controller.ts'
import { type Controller, defineController } from '#controller/define-controller.ts'
import {
  type EventAhead,
  type Host,
  type HostCall,
  type HostReply,
  type RunOutcome,
  type RunRequest,
  STOP,
} from '#controller/host.ts'
import { frozenJson } from '#controller/json.ts'
import type { Program } from '#controller/program.ts'
import { type Ending, isEnding } from './child.ts'
import { Children, type OpenChild } from './children.ts'
import { ClockProbe } from './clock-probe.ts'
import { compiledCommand } from './go-build.ts'
import { MemoryProbe } from './memory-probe.ts'
import type { KameraMessage, ProgramMessage } from './messages.ts'
import { afterLateCalls, crashMessage, endedInStep, ofChance, onRealClock, unexpected } from './program-errors.ts'
import { GRACE_MS } from './start-message.ts'
import { WebhookSession } from './webhook-session.ts'

const STEP_LIMIT_MS = 10_000
const CALLS_MAX = 10_000

export interface ProgramHostOptions {
  readonly program: Program
  /** Absolute. */
  readonly directory: string
  readonly resources: ResourceTable
  /** The clock at the start of the scenario. */
  readonly nowMs: number
}

export interface ProgramHost extends Host {
  readonly controllers: readonly Controller[]
  /** `k8s.io/client-go` and others, as the program tells. */
  readonly versions: Readonly<Record<string, string>>
  /** What of the program is not simulated. */
  readonly notes: readonly string[]
}

/** Starts a program and learns its controllers. @throws Error when it cannot be started or does not speak the protocol. */
export async function openProgram(options: ProgramHostOptions): Promise<ProgramHost> {
  const command = await compiledCommand(options.program, options.directory)
  const session = new Session(options, command)
  try {
    await session.open()
  } catch (error) {
    await session.close()
    throw error
  }
  return {
    controllers: session.controllers(),
    versions: session.versions,
    get notes() {
      return session.notes
    },
    ...session.webhooks(),
    run: (request) => session.inTurn(() => session.run(request)),
    close: () => session.close(),
  }
}

type AnsweredCall = ReturnType<NonNullable<RunRequest['readsAhead']>>[number]

class Session {
  readonly #options: ProgramHostOptions
  readonly #command: readonly string[]
  readonly #stepLimitMs: number
  readonly #children: Children
  #last: Promise<unknown> = Promise.resolve()
  #webhooks: WebhookSession | undefined
  /** Undefined: the code is declared to read the clock. */
  readonly #clockProbe: ClockProbe | undefined
  /** Undefined: instances are declared to be kept, or what they do depends on time. */
  readonly #memoryProbe: MemoryProbe | undefined
  /** What of its steps is not simulated: each text once, whichever child told it. */
  readonly #stepNotes = new Set<string>()

  constructor(options: ProgramHostOptions, command: readonly string[]) {
    this.#options = options
    this.#command = command
    this.#stepLimitMs = options.program.stepLimitMs ?? STEP_LIMIT_MS
    this.#children = new Children({ ...options, command, stepLimitMs: this.#stepLimitMs })
    // An instance that is kept may do otherwise for what it remembers.
    if (options.program.readsClock !== true && options.program.instances !== 'kept') {
      const probed = { ...options, command, stepLimitMs: this.#stepLimitMs }
      this.#clockProbe = new ClockProbe(probed)
      // What may be chance is not taken for memory.
      if (options.program.allowRandom !== true) this.#memoryProbe = new MemoryProbe(probed)
    }
  }

  get versions(): Readonly<Record<string, string>> {
    return this.#children.versions
  }

  async open(): Promise<void> {
    await this.#children.start()
  }

  get notes(): readonly string[] {
    const { told, isOnRealClock } = this.#children
    const clock = isOnRealClock ? [onRealClock(this.#options.program)] : []
    const { program } = this.#options
    const chance = program.allowRandom === true ? [ofChance(program)] : []
    const ofSteps = [...this.#stepNotes, ...this.#probes.flatMap(({ notes }) => notes)]
    return [...(told?.notes ?? []), ...chance, ...clock, ...ofSteps]
  }

  get #probes(): readonly (ClockProbe | MemoryProbe)[] {
    return [this.#clockProbe, this.#memoryProbe].filter((probe) => probe !== undefined)
  }

  /** A program does one thing at a time. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work)
    this.#last = result.catch(() => {})
    return result
  }

  async close(): Promise<void> {
    this.#webhooks?.close()
    await Promise.all([this.#children.closeAll(), ...this.#probes.map((probe) => probe.close())])
  }

  webhooks(): Pick<Host, 'webhooks'> {
    const served = this.#children.told?.webhooks ?? []
    if (served.length === 0) return {}
    const session = new WebhookSession({ ...this.#options, command: this.#command, stepLimitMs: this.#stepLimitMs })
    this.#webhooks = session
    return { webhooks: { served, review: (path, request, answer) => session.review(path, request, answer) } }
  }

  controllers(): readonly Controller[] {
    const { program } = this.#options
    const told = this.#children.told?.controllers ?? []
    if (told.length === 0)
      throw new Error(`program ${program.name} has no controllers. Its setup function must add some to the manager.`)
    return told.map(({ name, for: primary, watches, maxConcurrentReconciles, queue }) => ({
      ...defineController({
        name,
        process: program.name,
        reconciler: () => {
          throw new Error(`controller ${name} runs in program ${program.name}`)
        },
        ...(primary === undefined ? {} : { for: primary }),
        ...(program.allowRandom === undefined ? {} : { allowRandom: program.allowRandom }),
        ...(maxConcurrentReconciles === undefined ? {} : { maxConcurrentReconciles }),
        ...(queue === undefined ? {} : { queue }),
      }),
      foreign: {
        types: watches,
        requests: (event, answer) => this.inTurn(() => this.#deliver(name, event, answer)),
      },
    }))
  }

  async #deliver(
    controller: string,
    event: ObjectEvent,
    answer: (call: Extract<HostCall, { op: 'get' | 'list' }>) => HostReply,
  ): Promise<readonly ReconcileRequest[]> {
    const { program, nowMs } = this.#options
    const { open, first } =
      (await this.#children.claim({ controller, event })) ??
      (await this.#children.begin(nowMs, (_, nowMs) => ({ type: 'deliver', controller, event, nowMs })))
    const { child } = open
    const { namespace, name } = event.object.metadata
    const step = `controller ${controller}, ${event.type} event of ${event.object.kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`
    for (let message = first; ; message = await child.receive(this.#stepLimitMs + GRACE_MS)) {
      if (isEnding(message)) throw new Error(endedInStep(program, message, step))
      if (message.type === 'requests') {
        this.#keepNotes(message)
        return message.requests
      }
      if (message.type !== 'call') throw unexpected(program, message, { expected: 'requests', step, log: child.log })
      const { call } = message
      if (call.op !== 'get' && call.op !== 'list') {
        await this.#children.close(open)
        throw new Error(`program ${program.name}: ${step}: a mapping function makes a ${call.op}. It may only read.`)
      }
      this.#reply(open, answer(call))
    }
  }

  /** Events are delivered at the start of the scenario, which the clock of a later run is past. */
  #eventsAhead({ eventsAhead }: RunRequest, nowMs: number): readonly EventAhead[] {
    return nowMs === this.#options.nowMs ? (eventsAhead?.() ?? []) : []
  }

  #keepNotes({ notes = [] }: { readonly notes?: readonly string[] }): void {
    for (const note of notes) this.#stepNotes.add(note)
  }

  /** Answers a call, and asks about the events that are known to follow from it. */
  #reply({ child, kept, ahead }: OpenChild, reply: HostReply, events: readonly EventAhead[] = []): void {
    kept?.begin()
    const packed = kept?.pack(reply) ?? reply
    const { nowMs } = this.#options
    const asked = ahead?.take(events) ?? []
    child.send(
      { type: 'reply', ...kept?.news(), ...packed } as KameraMessage,
      ...asked.map((event) => ({ type: 'deliver' as const, ...event, nowMs })),
    )
  }

  /** Runs a reconcile to its end. */
  async run(request: RunRequest): Promise<RunOutcome> {
    const nowMs = this.#clock(request)
    if (nowMs === undefined) return { type: 'stopped' }
    const ahead = request.readsAhead?.() ?? []
    // A program that ends without a word may have made some of these calls: once more, each told.
    return (await this.#runWith(request, nowMs, ahead)) ?? ((await this.#runWith(request, nowMs, [])) as RunOutcome)
  }

  /** Undefined: the program ended before it said which of the calls ahead it has made. */
  async #runWith(request: RunRequest, nowMs: number, ahead: readonly AnsweredCall[]): Promise<RunOutcome | undefined> {
    const { program } = this.#options
    const { namespace, name } = request.request
    const step = `controller ${request.controller}, request ${namespace === undefined ? '' : `${namespace}/`}${name}`
    const probes = this.#probes.filter((probe) => probe.wants(request.controller))
    const played: AnsweredCall[] = []
    const { open, first } = await this.#children.begin(nowMs, (open, nowMs) => runMessage(open, request, nowMs, ahead))
    const { child } = open
    let used = 0
    for (let calls = 0; ; ) {
      const message = calls === 0 ? first : await child.receive(this.#stepLimitMs + GRACE_MS)
      if (isEnding(message)) {
        return calls === 0 && ahead.length > 0 ? undefined : outcomeOfEnding(program, message, step)
      }
      const made = ahead.slice(used, used + usedIn(message)).map(({ call }) => call)
      if (made.length < usedIn(message)) {
        throw unexpected(program, message, { expected: 'no more used calls than were sent', step, log: child.log })
      }
      used += made.length
      const asked = message.type === 'call' ? [...made, message.call] : made
      const replies = await this.#answerAll(open, request, { asked, batch: calls, step })
      if (replies === STOP) {
        if (message.type === 'call') await this.#children.stop(open)
        return { type: 'stopped' }
      }
      calls += asked.length
      played.push(...replies)
      switch (message.type) {
        case 'call':
          if (calls > CALLS_MAX) {
            await this.#children.close(open)
            return { type: 'unusable', message: `${step}: more than ${CALLS_MAX} calls in one reconcile.` }
          }
          this.#reply(open, (replies.at(-1) as AnsweredCall).reply, this.#eventsAhead(request, nowMs))
          break
        case 'done':
        case 'failed':
          if (message.log !== undefined) request.onLog?.(message.log)
          this.#keepNotes(message)
          for (const probe of probes) await probe.play({ request, calls: played, end: message })
          return outcomeOf(program, message, step)
        case 'unable':
          return { type: 'unusable', message: `program ${program.name}: ${step}: ${message.message}` }
        case 'stuck': {
          await this.#children.close(open)
          // It may wait for a lock of a run that was stopped.
          if (calls === 0 && open.hasStopped) return undefined
          return stuckOutcome(program, message, step)
        }
        default:
          throw unexpected(program, message, { expected: 'call, done or failed', step, log: child.log })
      }
    }
  }

  /** The clock of a reconcile: an answer when the code is declared to read it. */
  #clock(request: RunRequest): number | undefined {
    if (this.#options.program.readsClock !== true) return this.#options.nowMs
    const reply = request.respond({ op: 'now' }, 0)
    return reply === STOP ? undefined : (reply as { readonly value: number }).value
  }

  async #answerAll(
    open: OpenChild,
    request: RunRequest,
    { asked, batch, step }: { readonly asked: readonly HostCall[]; readonly batch: number; readonly step: string },
  ): Promise<readonly AnsweredCall[] | typeof STOP> {
    const replies: AnsweredCall[] = []
    for (const [index, call] of asked.entries()) {
      const reply = await this.#answer(open, request, { call, batch: batch + index, step })
      if (reply === STOP) return STOP
      replies.push({ call, reply })
    }
    return replies
  }

  /** What throws leaves a run in the middle: the child goes, and a new one does what is next. */
  async #answer(
    open: OpenChild,
    request: RunRequest,
    { call, batch, step }: { readonly call: HostCall; readonly batch: number; readonly step: string },
  ): Promise<HostReply | typeof STOP> {
    try {
      return request.respond(checkedCall(call), batch)
    } catch (error) {
      await this.#children.close(open)
      if (error instanceof Error && error.name === 'Error') error.message = `${step}: ${error.message}`
      throw error
    }
  }
}

function runMessage(
  { kept }: OpenChild,
  { controller, request, onLog }: RunRequest,
  nowMs: number,
  ahead: readonly AnsweredCall[],
): KameraMessage {
  kept?.begin()
  const packed = ahead.map(({ call, reply }) => ({ call, reply: kept?.pack(reply) ?? reply }))
  const told = packed.length === 0 ? {} : { ahead: packed }
  const log = onLog === undefined ? {} : ({ log: true } as const)
  return { type: 'run', controller, request, nowMs, ...log, ...kept?.news(), ...told }
}

function usedIn(message: ProgramMessage): number {
  return 'used' in message ? (message.used ?? 0) : 0
}

/** A call of the wire as hosts make it: frozen, without empty fields. */
function checkedCall(call: HostCall): HostCall {
  if (!('body' in call) || call.body === undefined) return call
  return { ...call, body: frozenJson(call.body) }
}

function outcomeOf(
  program: Program,
  message: Extract<ProgramMessage, { type: 'done' | 'failed' }>,
  step: string,
): RunOutcome {
  if (message.late !== undefined && message.late.length > 0)
    return { type: 'unusable', message: afterLateCalls(program, message.late, step) }
  if (message.type === 'done') return { type: 'done', result: message.result ?? {} }
  const { site, defect = false } = message
  return {
    type: 'error',
    message: message.message,
    defect,
    ...(site === undefined || site === '' ? {} : { site }),
  }
}

/** The end of the process in a reconcile is a crash of all its controllers, which no schedule asked for. */
function outcomeOfEnding(program: Program, ending: Ending, step: string): RunOutcome {
  return ending.reason === 'exited'
    ? { type: 'error', message: crashMessage(ending), defect: true }
    : { type: 'unusable', message: endedInStep(program, ending, step) }
}

function stuckOutcome(
  program: Program,
  { message, site }: Extract<ProgramMessage, { type: 'stuck' }>,
  step: string,
): RunOutcome {
  const where = site === undefined || site === '' ? {} : { site }
  const at = where.site === undefined ? '' : ` at ${where.site}`
  return {
    type: 'unusable',
    message: `program ${program.name}: ${step}: ${message}${at}. Only calls of its clients and the clock can be answered by a simulated cluster: it probably loops, or waits for a channel, a lock or the network. Go code that sleeps while others wait for its lock needs the real clock: environment: { KAMERA_CLOCK: 'real' } of the program.`,
    ...where,
  }
}
