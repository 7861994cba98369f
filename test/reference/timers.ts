/** When time passes, and when there is nothing left to do. */
import { execute } from './execution.ts'
import { addPending, isInFlight, isUndelivered, type State } from './state.ts'
import type { Profile } from './step.ts'
import type { ControllerDescription, System } from './system.ts'

export interface NamedTimer {
  readonly controller: ControllerDescription
  readonly request: string
  readonly delayMs: number
  readonly remainingMs: number
}

/** What a reconcile would do is asked under a profile. */
interface Question {
  readonly system: System
  readonly state: State
  readonly profile: Profile
}

/**
 * The timers that may be taken freely. Time passes only when nothing else can be done: nothing in flight, nothing
 * undelivered, and every pending request would fail again without a write.
 */
export function dueTimers(question: Question): NamedTimer[] {
  const { system, state } = question
  if (isInFlight(state) || isUndelivered(state)) return []
  const isReady = system.controllers.some((controller) =>
    (state.pending[controller.name] ?? []).some((request) => !failsWithoutWrite(question, controller, request)),
  )
  return isReady ? [] : earliestTimers(question)
}

/** The earliest of the timers that are not idle: several, when they are due together. */
export function earliestTimers(question: Question): NamedTimer[] {
  const active = timersOf(question).filter((timer) => !isIdle(question, timer))
  const earliestMs = Math.min(...active.map((timer) => timer.remainingMs))
  return active.filter((timer) => timer.remainingMs === earliestMs)
}

/** The request becomes pending; what is left of every other timer shrinks by the time that passed, at least to 0.
 *  Changes `state`. */
export function takeTimer(state: State, taken: NamedTimer): void {
  for (const timers of Object.values(state.timers)) {
    for (const [request, timer] of Object.entries(timers)) {
      timers[request] = { ...timer, remainingMs: Math.max(0, timer.remainingMs - taken.remainingMs) }
    }
  }
  delete state.timers[taken.controller.name]?.[taken.request]
  addPending(state, taken.controller.name, [taken.request])
}

function timersOf({ system, state }: Question): NamedTimer[] {
  return system.controllers.flatMap((controller) =>
    Object.entries(state.timers[controller.name] ?? {}).map(([request, timer]) => ({ controller, request, ...timer })),
  )
}

/** Running the request now would write nothing and ask for the same delay again. */
function isIdle({ system, state, profile }: Question, { controller, request, delayMs }: NamedTimer): boolean {
  const { commits, end } = execute(system, state, { controller, request, profile })
  return commits.length === 0 && end.type === 'done' && end.requeueAfterMs === delayMs
}

function failsWithoutWrite(
  { system, state, profile }: Question,
  controller: ControllerDescription,
  request: string,
): boolean {
  const { commits, end } = execute(system, state, { controller, request, profile })
  return commits.length === 0 && end.type === 'error'
}

/** Nothing pending or in flight, nothing undelivered, and every timer idle. */
export function isQuiet(question: Question): boolean {
  const { state } = question
  const nothingPending = Object.values(state.pending).every((requests) => requests.length === 0)
  if (!nothingPending || isInFlight(state) || isUndelivered(state)) return false
  return timersOf(question).every((timer) => isIdle(question, timer))
}
