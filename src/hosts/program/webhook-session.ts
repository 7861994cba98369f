/**
 * The webhooks of a program: a child of their own, since a write is decided in the middle of a reconcile, while the
 * other child waits for its answer. What a webhook answers is remembered by what it was asked and has read; that it
 * answers alike is tried on the first reviews.
 */
import type { AnswerRead, HostCall, HostReply, ReviewOutcome } from '#controller/host.ts'
import { frozenJson } from '#controller/json.ts'
import { type Ending, isEnding } from './child.ts'
import type { KameraMessage, ProgramMessage } from './messages.ts'
import { PROTOCOL_VERSION } from './messages.ts'
import { endedAtStart, endedInStep, unexpected } from './program-errors.ts'
import { isSameReview } from './same-review.ts'
import { type ChildOptions, GRACE_MS, START_LIMIT_MS, startMessage } from './start-message.ts'
import { WaitingChild } from './waiting-child.ts'

const READS_MAX = 1000
/** Reviews of each path that are asked for twice. */
const TRIED_TWICE = 10

/** What is known of a review: the next read, with what followed each answer, or how it ended. */
interface Known {
  read?: HostCall
  readonly next: Map<string, Known>
  outcome?: ReviewOutcome
}

export class WebhookSession {
  readonly #options: ChildOptions
  #child: WaitingChild | undefined
  readonly #known = new Map<string, Known>()
  readonly #tried = new Map<string, number>()

  constructor(options: ChildOptions) {
    this.#options = options
  }

  close(): void {
    this.#child?.close()
    this.#child = undefined
  }

  /** @throws Error when the program cannot answer, or answers the same review in two ways. */
  review(path: string, request: object, answer: AnswerRead): ReviewOutcome {
    const text = JSON.stringify(request)
    const key = `${path} ${text}`
    let known = this.#known.get(key)
    if (known === undefined) {
      known = { next: new Map() }
      this.#known.set(key, known)
    }
    const remembered = followed(known, answer)
    if (remembered !== undefined) return remembered
    const outcome = this.#ask(path, request, answer, known)
    const tried = this.#tried.get(path) ?? 0
    if (tried < TRIED_TWICE) {
      this.#tried.set(path, tried + 1)
      const again = this.#ask(path, request, answer, { next: new Map() })
      if (!isSameReview(request, outcome, again)) {
        throw new Error(
          `${this.#step(path, request)}: the webhook answered the same review in two ways: ${JSON.stringify(outcome)} and ${JSON.stringify(again)}. It must depend on nothing but the review and what it reads: no random numbers, no memory.`,
        )
      }
    }
    return outcome
  }

  /** Asks the program, and puts down what it read and said. */
  #ask(path: string, request: object, answer: AnswerRead, known: Known): ReviewOutcome {
    const { program, stepLimitMs } = this.#options
    const { child, first } = this.#begin(path, request)
    const step = this.#step(path, request)
    let at = known
    for (let reads = 0; ; reads++) {
      const message = reads === 0 ? first : child.receive(stepLimitMs + GRACE_MS)
      if (isEnding(message)) throw new Error(endedInStep(program, message, step))
      if (message.type === 'reviewed') {
        at.outcome =
          message.failed === undefined ? { response: frozenJson(message.response) } : { failed: message.failed }
        return at.outcome
      }
      if (message.type !== 'call') throw unexpected(program, message, { expected: 'reviewed', step, log: child.log })
      const { call } = message
      if ((call.op !== 'get' && call.op !== 'list') || reads >= READS_MAX) {
        this.close()
        throw new Error(
          `program ${program.name}: ${step}: the webhook makes ${reads >= READS_MAX ? `more than ${READS_MAX} reads` : `a ${call.op}. It may only read`}.`,
        )
      }
      const reply = answer(call)
      at.read = call
      at = branch(at, reply)
      child.send({ type: 'reply', ...reply } as KameraMessage)
    }
  }

  /** The first message of a review, from a child whose clock stands at the start: one that slept is past it. */
  #begin(path: string, request: object): { readonly child: WaitingChild; readonly first: ProgramMessage | Ending } {
    let { nowMs } = this.#options
    let isNew = this.#child?.isAlive !== true
    for (;;) {
      const child = isNew ? this.#start() : (this.#child as WaitingChild)
      const ask = () => {
        child.send({ type: 'review', path, review: request, nowMs })
        return child.receive(this.#options.stepLimitMs + GRACE_MS)
      }
      const first = ask()
      if (isEnding(first) || first.type !== 'past') return { child, first }
      if (isNew) {
        // Its start takes virtual time: the same every time.
        nowMs = first.nowMs
        return { child, first: ask() }
      }
      this.close()
      isNew = true
    }
  }

  #start(): WaitingChild {
    const { program, command, directory } = this.#options
    const child = new WaitingChild(program, command, directory)
    this.#child = child
    const hello = this.#receiveAtStart(child, 'hello')
    if (hello.protocol !== PROTOCOL_VERSION) throw new Error(`program ${program.name} changed while it was explored.`)
    child.send({ ...startMessage(this.#options), instances: 'kept' })
    this.#receiveAtStart(child, 'controllers')
    return child
  }

  #receiveAtStart<T extends ProgramMessage['type']>(
    child: WaitingChild,
    type: T,
  ): Extract<ProgramMessage, { type: T }> {
    const { program } = this.#options
    const message = child.receive(START_LIMIT_MS)
    if (isEnding(message)) throw endedAtStart(program, message, type)
    if (message.type === type) return message as Extract<ProgramMessage, { type: T }>
    throw unexpected(program, message, { expected: type, step: 'its start for webhooks', log: child.log })
  }

  #step(path: string, request: object): string {
    const { operation, kind, namespace, name } = request as Readonly<Record<string, unknown>>
    const what = (kind as { readonly kind?: string } | undefined)?.kind
    return `webhook ${path}, ${operation} of ${what} ${namespace === undefined ? '' : `${namespace}/`}${name ?? ''}`
  }
}

function branch(known: Known, reply: HostReply): Known {
  const text = JSON.stringify(reply)
  const next = known.next.get(text) ?? { next: new Map() }
  known.next.set(text, next)
  return next
}

/** What a review came to when it was asked before with the same reads and answers. */
function followed(known: Known, answer: AnswerRead): ReviewOutcome | undefined {
  let at: Known | undefined = known
  while (at?.read !== undefined) at = at.next.get(JSON.stringify(answer(at.read as Parameters<AnswerRead>[0])))
  return at?.outcome
}
