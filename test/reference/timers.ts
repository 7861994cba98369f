/** When time passes, and when there is nothing left to do. */
import { execute } from './execution.ts'
import { addPending, copyState, isInFlight, isUndelivered, type State } from './state.ts'
import type { ControllerDescription, System } from './system.ts'

export interface NamedTimer {
  readonly controller: ControllerDescription
  readonly request: string
  readonly delayMs: number
  readonly remainingMs: number
}

/**
 * The timers that may be taken. Time passes only when nothing else can be done: nothing in flight, nothing
 * undelivered, and every pending request would fail again without a write. Then it is the earliest of the timers that
 * are not idle (any of them, when several are due together).
 */
export function dueTimers(system: System, state: State): NamedTimer[] {
  if (isInFlight(state) || isUndelivered(state)) return []
  const isReady = system.controllers.some((controller) =>
    (state.pending[controller.name] ?? []).some((request) => !failsWithoutWrite(system, state, controller, request)),
  )
  if (isReady) return []
  const active = timersOf(system, state).filter((timer) => !isIdle(system, state, timer))
  const earliestMs = Math.min(...active.map((timer) => timer.remainingMs))
  return active.filter((timer) => timer.remainingMs === earliestMs)
}

/** The request becomes pending; what is left of every other timer shrinks by the time that passed, at least to 0. */
export function takeTimer(state: State, taken: NamedTimer): State {
  const next = copyState(state)
  for (const timers of Object.values(next.timers)) {
    for (const [request, timer] of Object.entries(timers)) {
      timers[request] = { ...timer, remainingMs: Math.max(0, timer.remainingMs - taken.remainingMs) }
    }
  }
  delete next.timers[taken.controller.name]?.[taken.request]
  addPending(next, taken.controller.name, [taken.request])
  return next
}

function timersOf(system: System, state: State): NamedTimer[] {
  return system.controllers.flatMap((controller) =>
    Object.entries(state.timers[controller.name] ?? {}).map(([request, timer]) => ({ controller, request, ...timer })),
  )
}

/** Running the request now would write nothing and ask for the same delay again. */
function isIdle(system: System, state: State, timer: NamedTimer): boolean {
  const { commits, end } = execute(system, state, timer.controller, timer.request)
  return commits.length === 0 && end.type === 'done' && end.requeueAfterMs === timer.delayMs
}

function failsWithoutWrite(system: System, state: State, controller: ControllerDescription, request: string): boolean {
  const { commits, end } = execute(system, state, controller, request)
  return commits.length === 0 && end.type === 'error'
}

/** Nothing pending or in flight, nothing undelivered, and every timer idle. */
export function isQuiet(system: System, state: State): boolean {
  const nothingPending = Object.values(state.pending).every((requests) => requests.length === 0)
  if (!nothingPending || isInFlight(state) || isUndelivered(state)) return false
  return timersOf(system, state).every((timer) => isIdle(system, state, timer))
}
