/** What a reconcile would have deleted, had each of its reads been answered from the truth at the moment it was made. */
import {
  isRead,
  type ProgramEnd,
  type ProgramReply,
  type ProgramRequest,
  type ReadRequest,
  type RunningProgram,
  runProgram,
} from './program.ts'
import { applyWrite, canonicalJson, keyOf, type ObjectVersion, type Store, versionLens } from './store.ts'
import type { ControllerDescription, System } from './system.ts'

/** A reconcile so far: what its calls were answered, and the truth when each was made; one more for the next call. */
export interface Witnessed {
  readonly controller: ControllerDescription
  readonly request: string
  readonly replies: readonly ProgramReply<ObjectVersion>[]
  readonly truths: readonly Store[]
}

type Next = IteratorResult<ProgramRequest<ObjectVersion>, ProgramEnd>

/**
 * The uids of what it would have deleted in all. As long as it makes the same writes they are answered as they were,
 * errors included; from the first that differs on it is alone with the truth of that moment.
 */
export function deletedOtherwise(system: System, { controller, request, replies, truths }: Witnessed): Set<number> {
  const actual = runProgram(controller.program, request, versionLens)
  const other = runProgram(controller.program, request, versionLens)
  const deleted = new Set<number>()
  let actualNext = actual.next()
  let otherNext = other.next()
  for (const [place, truth] of truths.entries()) {
    if (otherNext.done === true || canonicalJson(otherNext.value) !== canonicalJson(actualNext.value)) {
      return goOnAlone(system, { program: other, next: otherNext, store: truth, deleted })
    }
    const call = otherNext.value
    const answer = replies[place]
    if (!isRead(call)) noteDeletion(call, truth, answer ?? { object: undefined }, deleted)
    if (answer === undefined) return deleted
    otherNext = other.next(isRead(call) ? answerFrom(call, truth) : answer)
    actualNext = actual.next(answer)
  }
  return deleted
}

function goOnAlone(
  system: System,
  alone: { program: RunningProgram<ObjectVersion>; next: Next; store: Store; deleted: Set<number> },
): Set<number> {
  const { program, deleted } = alone
  let { next, store } = alone
  while (next.done !== true) {
    const call = next.value
    if (isRead(call)) {
      next = program.next(answerFrom(call, store))
    } else {
      const result = applyWrite(system, store, call)
      noteDeletion(call, store, result.reply, deleted)
      store = result.store
      next = program.next(result.reply)
    }
  }
  return deleted
}

function noteDeletion(
  call: ProgramRequest<ObjectVersion>,
  store: Store,
  reply: ProgramReply<ObjectVersion>,
  deleted: Set<number>,
): void {
  const object = call.op === 'delete' ? store.objects[keyOf(call)] : undefined
  const isRefused = 'failure' in reply && reply.failure !== 'Timeout'
  if (object !== undefined && !isRefused) deleted.add(object.uid)
}

export function answerFrom(read: ReadRequest, { objects }: Store): ProgramReply<ObjectVersion> {
  return answerOf(
    read,
    Object.values(objects).filter((object) => object.kind === read.kind),
  )
}

export function answerOf(read: ReadRequest, objects: readonly ObjectVersion[]): ProgramReply<ObjectVersion> {
  if (read.op === 'get') return { object: objects.find((object) => object.name === read.name) }
  return { items: [...objects].sort((left, right) => (left.name < right.name ? -1 : 1)) }
}
