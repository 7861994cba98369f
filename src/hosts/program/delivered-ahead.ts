/**
 * Events that a child was asked about before anybody wanted to know: together with the answer to the write that makes
 * them, so that it works on them while Kamera works on what the reconcile did. What it says is kept for whoever asks.
 */
import type { ObjectEvent } from '#controller/controller.ts'
import type { EventAhead } from '#controller/host.ts'
import { type Child, type Ending, isEnding } from './child.ts'
import type { KameraMessage, ProgramMessage } from './messages.ts'

type Requests = Extract<ProgramMessage, { type: 'requests' }>

/** More is a mapping function that tries again for ever. */
const REFUSALS_MAX = 100

const refusal: KameraMessage = {
  type: 'reply',
  status: {
    apiVersion: 'v1',
    kind: 'Status',
    metadata: {},
    status: 'Failure',
    message: 'nobody waits for this answer',
    reason: 'InternalError',
    code: 500,
  },
}

export class DeliveredAhead {
  readonly #child: Child
  readonly #limitMs: number
  /** Asked about, and nothing heard yet. A child answers in order. */
  #waiting: EventAhead[] = []
  readonly #told = new WeakMap<ObjectEvent, Map<string, Requests>>()
  /** Controllers whose mapping functions read: what they say depends on the state in which they are asked. */
  readonly #readers = new Set<string>()

  constructor(child: Child, limitMs: number) {
    this.#child = child
    this.#limitMs = limitMs
  }

  get isWaiting(): boolean {
    return this.#waiting.length > 0
  }

  /** Those of these events that are asked about now. */
  take(events: readonly EventAhead[]): readonly EventAhead[] {
    const taken = events.filter(({ controller }) => !this.#readers.has(controller))
    this.#waiting.push(...taken)
    return taken
  }

  /** What the child says of an event first, if it was asked; the step goes on from there. */
  async claim({ controller, event }: EventAhead): Promise<ProgramMessage | Ending | undefined> {
    const isIt = (ahead: EventAhead) => ahead.event === event && ahead.controller === controller
    const place = this.#waiting.findIndex(isIt)
    if (place === -1) {
      const told = this.#told.get(event)?.get(controller)
      this.#told.get(event)?.delete(controller)
      return told
    }
    while (this.#waiting.length > 0 && !isIt(this.#waiting[0] as EventAhead)) await this.settleOne()
    if (this.#waiting.shift() === undefined) return undefined
    return this.#child.receive(this.#limitMs)
  }

  /**
   * Hears what the child says of the oldest event, and keeps it. What it cannot say, because it reads, fails or ends, is
   * not kept: it is asked again when somebody waits for it. Tells the clock of a child that is past the event.
   */
  async settleOne(): Promise<number | undefined> {
    const ahead = this.#waiting.shift() as EventAhead
    for (let refusals = 0; ; refusals++) {
      const message = await this.#child.receive(this.#limitMs)
      if (!isEnding(message) && message.type === 'call' && refusals < REFUSALS_MAX) {
        this.#readers.add(ahead.controller)
        this.#child.send(refusal)
        continue
      }
      if (isEnding(message) || message.type === 'call' || message.type === 'stuck') {
        this.#waiting = []
        await this.#child.close()
        return undefined
      }
      if (message.type === 'past') return message.nowMs
      if (message.type === 'requests' && refusals === 0) this.#keep(ahead, message)
      return undefined
    }
  }

  #keep({ controller, event }: EventAhead, message: Requests): void {
    const known = this.#told.get(event) ?? new Map<string, Requests>()
    known.set(controller, message)
    this.#told.set(event, known)
  }
}
