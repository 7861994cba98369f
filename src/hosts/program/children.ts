/**
 * The children of a program: mostly one. The clock of a child never goes back, and a reconcile that sleeps, or one at a
 * later instant, moves it on; what begins before it then needs another child.
 */
import type { EventAhead } from '#controller/host.ts'
import { Child, type Ending, isEnding } from './child.ts'
import { DeliveredAhead } from './delivered-ahead.ts'
import { KeptObjects } from './kept-objects.ts'
import { type KameraMessage, PROTOCOL_VERSION, type ProgramMessage } from './messages.ts'
import { endedAtStart, unexpected } from './program-errors.ts'
import { type ChildOptions, GRACE_MS, START_LIMIT_MS, startMessage } from './start-message.ts'

const STOPS_MAX = 200
/** One for what begins early, and one for what begins late. */
const CHILDREN_MAX = 2

/** A child that has told its controllers. */
export interface OpenChild {
  readonly child: Child
  /** Undefined: it keeps no objects. */
  readonly kept: KeptObjects | undefined
  /** Undefined: its steps cannot wait. */
  readonly ahead: DeliveredAhead | undefined
  /** Its clock stands here at least. */
  clockMs: number
  /** Nothing was asked of it yet. */
  isNew: boolean
  /** How many more runs may be stopped in it; each leaves what it has begun behind. */
  stopsLeft: number
  hasStopped: boolean
}

/** A step that was begun, and the first that was heard of it. */
export interface Begun {
  readonly open: OpenChild
  readonly first: ProgramMessage | Ending
}

type Told = Extract<ProgramMessage, { type: 'controllers' }>

export class Children {
  readonly #options: ChildOptions
  #open: OpenChild[] = []
  /** What the last child told of its controllers, and of itself. */
  told: Told | undefined
  versions: Readonly<Record<string, string>> = {}
  /** Its sleeps and timers take real time. */
  isOnRealClock = false

  constructor(options: ChildOptions) {
    this.#options = options
  }

  /**
   * Begins a step in a child whose clock is not past its instant, and waits for what the child says first. A child
   * whose very start takes virtual time does the step at the clock that it has then, which is the same every time.
   */
  async begin(nowMs: number, message: (open: OpenChild, nowMs: number) => KameraMessage): Promise<Begun> {
    let open = await this.#idle(nowMs)
    let clockMs = nowMs
    for (;;) {
      open.child.send(message(open, clockMs))
      const first = await open.child.receive(this.#options.stepLimitMs + GRACE_MS)
      if (isEnding(first) || first.type !== 'past') {
        open.isNew = false
        return { open, first }
      }
      open.clockMs = first.nowMs
      if (open.isNew) clockMs = first.nowMs
      else open = await this.#idle(nowMs)
    }
  }

  /** What a child says first of an event that it was asked about ahead; undefined: it must be asked. */
  async claim(event: EventAhead): Promise<Begun | undefined> {
    for (const open of this.#open) {
      const first = await open.ahead?.claim(event)
      if (first === undefined) continue
      // A child that has ended may have done so for what it did before.
      if (isEnding(first)) return undefined
      if (first.type !== 'past') return { open, first }
      open.clockMs = first.nowMs
    }
    return undefined
  }

  /** The latest child that is not known to be past an instant, once it has nothing else to do. */
  async #idle(nowMs: number): Promise<OpenChild> {
    for (;;) {
      const open = await this.#before(nowMs)
      if (open.ahead?.isWaiting !== true) return open
      open.clockMs = (await open.ahead.settleOne()) ?? open.clockMs
    }
  }

  /** Stops the run whose call was received last; the child goes where it cannot just stop. */
  async stop(open: OpenChild): Promise<void> {
    if (open.stopsLeft-- > 0) {
      open.hasStopped = true
      open.child.send({ type: 'stop' })
      const answer = await open.child.receive(this.#options.stepLimitMs + GRACE_MS)
      if (!isEnding(answer) && answer.type === 'stopped') return
    }
    await this.close(open)
  }

  /** The latest child that is not known to be past an instant. */
  async #before(nowMs: number): Promise<OpenChild> {
    this.#open = this.#open.filter(({ child }) => child.isAlive)
    const early = this.#open.filter(({ clockMs }) => clockMs <= nowMs).sort((a, b) => b.clockMs - a.clockMs)
    return early[0] ?? this.start()
  }

  /** Starts a child and learns what it hosts. @throws Error when it cannot be started or does not speak the protocol. */
  async start(): Promise<OpenChild> {
    if (this.#open.length >= CHILDREN_MAX) await this.close(this.#open.sort((a, b) => a.clockMs - b.clockMs).at(-1))
    const { program, directory, command, nowMs, stepLimitMs } = this.#options
    const child = new Child(program, command, directory)
    try {
      const hello = await this.#receive(child, 'hello')
      if (hello.protocol !== PROTOCOL_VERSION) {
        throw new Error(
          `program ${program.name} speaks version ${hello.protocol} of the host protocol, and this Kamera speaks ${PROTOCOL_VERSION}. Use a Kamera and a host library of the same release.`,
        )
      }
      this.versions = hello.versions ?? {}
      this.isOnRealClock = hello.clock === 'real'
      child.send(startMessage(this.#options))
      this.told = await this.#receive(child, 'controllers')
      const open: OpenChild = {
        child,
        kept: hello.keepsObjects === true ? new KeptObjects() : undefined,
        ahead: hello.queuesSteps === true ? new DeliveredAhead(child, stepLimitMs + GRACE_MS) : undefined,
        clockMs: nowMs,
        isNew: true,
        stopsLeft: hello.stops === true ? STOPS_MAX : 0,
        hasStopped: false,
      }
      this.#open.push(open)
      return open
    } catch (error) {
      await child.close()
      throw error
    }
  }

  async #receive<T extends ProgramMessage['type']>(
    child: Child,
    type: T,
  ): Promise<Extract<ProgramMessage, { type: T }>> {
    const { program } = this.#options
    const message = await child.receive(START_LIMIT_MS)
    if (isEnding(message)) throw endedAtStart(program, message, type)
    if (message.type === type) return message as Extract<ProgramMessage, { type: T }>
    throw unexpected(program, message, { expected: type, step: 'its start', log: child.log })
  }

  async close(open: OpenChild | undefined): Promise<void> {
    this.#open = this.#open.filter((other) => other !== open)
    await open?.child.close()
  }

  async closeAll(): Promise<void> {
    await Promise.all(this.#open.map((open) => this.close(open)))
  }
}
