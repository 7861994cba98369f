/** How a reconcile goes on: the whole of it, or up to its next write. */
import {
  isRead,
  type ProgramEnd,
  type ProgramReply,
  type ProgramRequest,
  type ReadRequest,
  runProgram,
  type WriteRequest,
} from './program.ts'
import { addPending, type InFlight, type State, type View, viewFor } from './state.ts'
import { applyWrite, type Change, type ObjectVersion, type Store, versionLens } from './store.ts'
import type { ControllerDescription, System } from './system.ts'

export interface Execution {
  /** One entry a committed write, in order, with the store after it. */
  readonly commits: readonly { readonly change: Change; readonly store: Store }[]
  readonly end: ProgramEnd
}

/** Runs a whole reconcile on the view of its process. */
export function execute(system: System, state: State, controller: ControllerDescription, request: string): Execution {
  const view = viewFor(state, controller)
  const program = runProgram(controller.program, request, versionLens)
  const commits: { change: Change; store: Store }[] = []
  let store = state.store
  let step = program.next()
  while (step.done !== true) {
    if (isRead(step.value)) {
      step = program.next(answerRead(step.value, view, store))
    } else {
      const result = applyWrite(system, store, step.value)
      store = result.store
      if (result.change !== undefined) commits.push({ change: result.change, store })
      step = program.next(result.reply)
    }
  }
  return { commits, end: step.value }
}

function answerRead(read: ReadRequest, view: View, store: Store): ProgramReply<ObjectVersion> {
  const truth = (): ObjectVersion[] => Object.values(store.objects).filter((object) => object.kind === read.kind)
  const objects = read.live ? truth() : (view[read.kind] ?? [])
  if (read.op === 'get') return { object: objects.find((object) => object.name === read.name) }
  return { items: [...objects].sort((left, right) => (left.name < right.name ? -1 : 1)) }
}

/** An error makes the request pending again; of two timers of a request the earlier one stays. Changes `state`. */
export function endReconcile(state: State, controller: ControllerDescription, request: string, end: ProgramEnd): void {
  if (end.type === 'error') {
    addPending(state, controller.name, [request])
    return
  }
  const delayMs = end.requeueAfterMs ?? 0
  if (delayMs <= 0) return
  const timers = state.timers[controller.name] ?? {}
  const existing = timers[request]
  if (existing === undefined || delayMs < existing.remainingMs) timers[request] = { delayMs, remainingMs: delayMs }
  state.timers[controller.name] = timers
}

/** Answers reads until the next write, where the reconcile stays in flight (undefined), or its end. Changes `state`. */
export function goOn(state: State, controller: ControllerDescription, inFlight: InFlight): ProgramEnd | undefined {
  const replies = [...inFlight.replies]
  let step = resume(controller, inFlight)
  while (step.done !== true) {
    if (!isRead(step.value)) {
      state.inFlight[controller.name] = { ...inFlight, replies }
      return undefined
    }
    replies.push(answerRead(step.value, inFlight.view, state.store))
    step = resume(controller, { ...inFlight, replies })
  }
  state.inFlight[controller.name] = undefined
  endReconcile(state, controller, inFlight.request, step.value)
  return step.value
}

export function nextWrite(controller: ControllerDescription, inFlight: InFlight): WriteRequest<ObjectVersion> {
  const step = resume(controller, inFlight)
  if (step.done === true || isRead(step.value))
    throw new Error(`${controller.name} is in flight but not before a write`)
  return step.value
}

/** The program's next call, or its end, after the replies so far. */
function resume(
  controller: ControllerDescription,
  { request, replies }: InFlight,
): IteratorResult<ProgramRequest<ObjectVersion>, ProgramEnd> {
  const program = runProgram(controller.program, request, versionLens)
  let step = program.next()
  for (const reply of replies) step = program.next(reply)
  return step
}
