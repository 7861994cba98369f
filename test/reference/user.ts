/** The user's script and the surroundings: what may come next from outside. */
import type { State } from './state.ts'
import { applyEnvironmentEvent, keyOf, type WriteResult } from './store.ts'
import type { EnvironmentEventDescription, System, UserActionDescription } from './system.ts'

export function nextUserAction(system: System, state: State): UserActionDescription | undefined {
  return system.script?.[state.position]
}

/**
 * Whether the objects allow the action now; `at: 'rest'` is not looked at. A deletion of what is not there is allowed
 * and does nothing. After a deletion the user waits until the object is gone: while it is terminating, no action on
 * that name is allowed.
 */
export function isAllowed(system: System, state: State, action: UserActionDescription): boolean {
  const key = keyOf(action.type === 'create' ? action.object : action)
  const object = state.store.objects[key]
  if (action.type === 'create') return object === undefined
  if (action.type === 'update' && object === undefined) return false
  return object?.terminating !== true || !deletionsBefore(system, state).includes(key)
}

/** The names that the user has deleted so far. */
export function deletionsBefore(system: System, state: State): string[] {
  const done = (system.script ?? []).slice(0, state.position)
  return done.flatMap((action) => (action.type === 'delete' ? [keyOf(action)] : []))
}

/** What the event would do now; undefined when there is nothing that it could change. */
export function effectOf(system: System, state: State, event: EnvironmentEventDescription): WriteResult | undefined {
  const object = state.store.objects[`${event.kind}/${event.object}`]
  if (object === undefined || (event.type === 'set' && object.terminating)) return undefined
  const result = applyEnvironmentEvent(system, state.store, event)
  return result.change === undefined ? undefined : result
}
