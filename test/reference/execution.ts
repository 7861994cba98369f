/** How a reconcile goes on: the whole of it, or up to its next write. */
import { NO_BUDGET, ordinary } from './choices.ts'
import { answerFrom, answerOf, deletedOtherwise } from './counterfactual.ts'
import { flightOf, type Reconcile, setFlight } from './flights.ts'
import { restart } from './process-steps.ts'
import {
  isRead,
  type ProgramEnd,
  type ProgramReply,
  type ProgramRequest,
  type ReadRequest,
  runProgram,
  type WriteRequest,
} from './program.ts'
import { addPending, removePending, type State, unseenBy, viewFor } from './state.ts'
import { type Bounds, beginStep, commit, type Step } from './step.ts'
import { applyWrite, keyOf, type ObjectVersion, type Store, versionLens } from './store.ts'
import type { ControllerDescription, FailureReason, System } from './system.ts'
import { waitForOwnWrites } from './waiting.ts'

/** Takes the request out of the queue. */
export function beginReconcile(step: Step, controller: ControllerDescription, request: string): Reconcile {
  const { state } = step
  removePending(state, controller.name, request)
  const { process, name } = controller
  const view = viewFor(state, controller)
  state.inFlight[name] = { request, view, unseen: unseenBy(state, process), replies: [], truths: [] }
  return { controller, author: { process, controller: name, request, retired: undefined } }
}

/** The whole reconcile. After each change its process may die. */
export function runToEnd(step: Step, reconcile: Reconcile): ProgramEnd | undefined {
  for (;;) {
    const end = runToWrite(step, reconcile)
    if (end !== undefined) return endReconcile(step, reconcile, end)
    const changes = step.commits.length
    const isAnswered = performWrite(step, reconcile)
    // Whether the answer of a write was lost, a process that dies before it reads it cannot tell.
    const mayDie = isAnswered && step.commits.length > changes
    if (mayDie && dies(step, reconcile.controller.process)) return undefined
  }
}

function dies(step: Step, process: string): boolean {
  const options = [
    { label: '', value: false },
    { label: `crash after ${step.commits.length}`, price: 'crash', value: true },
  ] as const
  if (!step.choose<boolean>(options)) return false
  restart(step, process)
  step.died = process
  return true
}

/** Answers reads until the next write (undefined) or the end. */
export function runToWrite(step: Step, reconcile: Reconcile): ProgramEnd | undefined {
  for (;;) {
    const next = resume(step, reconcile)
    if (next.done === true) return next.value
    if (!isRead(next.value)) return undefined
    reply(step, reconcile, step.state.store, answerRead(step, reconcile, next.value))
  }
}

function reply({ state }: Step, reconcile: Reconcile, store: Store, answer: ProgramReply<ObjectVersion>): void {
  const flight = flightOf(state, reconcile)
  setFlight(state, reconcile, { ...flight, replies: [...flight.replies, answer], truths: [...flight.truths, store] })
}

/** The write before which the reconcile stands. */
function nextWrite(step: Step, reconcile: Reconcile): WriteRequest<ObjectVersion> {
  const next = resume(step, reconcile)
  if (next.done === true || isRead(next.value))
    throw new Error(`${reconcile.controller.name} is in flight but not before a write`)
  return next.value
}

/** The program's next call, or its end, after the replies so far. */
function resume({ state }: Step, reconcile: Reconcile): IteratorResult<ProgramRequest<ObjectVersion>, ProgramEnd> {
  const { controller } = reconcile
  const flight = flightOf(state, reconcile)
  const program = runProgram(controller.program, flight.request, versionLens)
  let next = program.next()
  for (const answer of flight.replies) next = program.next(answer)
  return next
}

function answerRead(step: Step, reconcile: Reconcile, read: ReadRequest): ProgramReply<ObjectVersion> {
  const { state, bounds } = step
  if (read.live || bounds.profile === 'linearizable') {
    const failure = failureOfCall(step, reconcile, { conflicts: false, applies: false })
    if (failure !== undefined) return { failure: failure.reason }
    return answerFrom(read, state.store)
  }
  if (bounds.profile === 'read-your-writes' && !waitForOwnWrites(step, reconcile, read)) return { failure: 'Timeout' }
  return answerOf(read, flightOf(state, reconcile).view[read.kind] ?? [])
}

interface InjectedFailure {
  readonly reason: FailureReason
  readonly applied: boolean
}

/** An error of the API server or of the way to it, for a call that really occurs. */
function failureOfCall(
  { choose, state }: Step,
  reconcile: Reconcile,
  call: { readonly conflicts: boolean; readonly applies: boolean },
): InjectedFailure | undefined {
  const place = flightOf(state, reconcile).replies.length + 1
  const fault = (label: string, reason: FailureReason, applied = false) =>
    ({ label: `${label} at ${place}`, price: 'apiError', value: { reason, applied } }) as const
  return choose<InjectedFailure | undefined>([
    { label: '', value: undefined },
    fault('timeout', 'Timeout'),
    ...(call.applies ? [fault('timeout applied', 'Timeout', true)] : []),
    fault('internal error', 'InternalError'),
    fault('too many requests', 'TooManyRequests'),
    ...(call.conflicts ? [fault('conflict', 'Conflict')] : []),
  ])
}

/** An applied timeout of a call that changes nothing is one that was not applied. A client that got no answer does not
 *  know its write, so it will not wait for it. Whether the caller was answered by the API server. */
export function performWrite(step: Step, reconcile: Reconcile): boolean {
  const { system, state } = step
  const write = nextWrite(step, reconcile)
  const result = applyWrite(system, state.store, write)
  const hasPrecondition = write.op === 'update' || (write.op === 'delete' && write.uidOf !== undefined)
  const call = { conflicts: hasPrecondition, applies: result.change !== undefined }
  const failure = failureOfCall(step, reconcile, call)
  if (failure === undefined || failure.applied) judgeWrite(step, reconcile, write)
  const before = state.store
  if (failure === undefined) commit(step, result, reconcile.author)
  else if (failure.applied) commit(step, result, undefined)
  reply(step, reconcile, before, failure === undefined ? result.reply : { failure: failure.reason })
  return failure === undefined
}

/** A deletion of a live object that the reconcile would not have made with fresh reads. */
function judgeWrite(step: Step, reconcile: Reconcile, write: WriteRequest<ObjectVersion>): void {
  const { system, state } = step
  const object = write.op === 'delete' ? state.store.objects[keyOf(write)] : undefined
  const isRefused = write.op === 'delete' && write.uidOf !== undefined && write.uidOf.uid !== object?.uid
  if (object === undefined || object.terminating || isRefused) return
  const { controller } = reconcile
  const { request, replies, truths } = flightOf(state, reconcile)
  const witnessed = { controller, request, replies, truths: [...truths, state.store] }
  if (deletedOtherwise(system, witnessed).has(object.uid)) return
  step.findings.push(`no-delete-on-stale-evidence ${controller.name} ${object.kind}`)
}

/** An error makes the request pending again; of two timers of a request the earlier one stays. */
export function endReconcile(step: Step, reconcile: Reconcile, end: ProgramEnd): ProgramEnd {
  const { state } = step
  const { controller, author } = reconcile
  const { request } = author
  if (end.type === 'error') step.fails = true
  setFlight(state, reconcile, undefined)
  if (author.retired !== undefined) return end
  if (end.type === 'error') {
    addPending(state, controller.name, [request])
    return end
  }
  const delayMs = end.requeueAfterMs ?? 0
  if (delayMs <= 0) return end
  const timers = state.timers[controller.name] ?? {}
  const existing = timers[request]
  if (existing === undefined || delayMs < existing.remainingMs) timers[request] = { delayMs, remainingMs: delayMs }
  state.timers[controller.name] = timers
  return end
}

export interface Execution {
  readonly commits: Step['commits']
  readonly end: ProgramEnd
}

/** What a whole reconcile would do now, without faults. */
export function execute(
  system: System,
  state: State,
  request: {
    readonly controller: ControllerDescription
    readonly request: string
    readonly profile: Bounds['profile']
  },
): Execution {
  const bounds: Bounds = { granularity: 'reconcile', profile: request.profile, lagMax: Infinity, budget: NO_BUDGET }
  const step = beginStep(system, state, bounds, ordinary)
  const reconcile = beginReconcile(step, request.controller, request.request)
  const end = runToEnd(step, reconcile)
  if (end === undefined) throw new Error('nobody dies without faults')
  return { commits: step.commits, end }
}
