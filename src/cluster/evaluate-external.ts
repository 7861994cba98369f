/**
 * Answers a call of an external system from the truth, and commits what it changes. The answer is held as a version,
 * as objects are, so that ids, uids and instants in it are renamed together with those in the state.
 */
import { callEffect, timeoutVersion } from './external-systems.ts'
import { holdReply, type Run } from './run.ts'
import { REVISION } from './tables.ts'
import type { ExternalOperation } from './trie.ts'
import { ensureCapacity, truthOf, type World } from './world.ts'
import { applyChange, countNames } from './write.ts'

/** Returns the trie edge: the version of the answer. */
export function evaluateExternal(world: World, run: Run, operation: ExternalOperation, keep: boolean): number {
  return answer(run, operation, callSystem(world, run, operation), keep)
}

/**
 * As `evaluateExternal`, for a call that the fault `apiError` strikes: it times out, after it was `applied` or before it
 * arrived. Its caller cannot tell which.
 */
export function timeOutExternal(
  world: World,
  run: Run,
  operation: ExternalOperation,
  { applied, keep }: { readonly applied: boolean; readonly keep: boolean },
): number {
  if (applied) callSystem(world, run, operation)
  else noteCall(run, operation)
  return answer(run, operation, timeoutVersion(world.cluster, operation.system), keep)
}

function answer(run: Run, { slot }: ExternalOperation, version: number, keep: boolean): number {
  const reply = { key: version, objects: [slot.id, version, -1], form: 'external' as const }
  if (keep) run.replies.push(reply)
  holdReply(run, reply)
  return version
}

/** Makes the call, and commits what it changes. The version of its answer. */
function callSystem(world: World, run: Run, operation: ExternalOperation): number {
  const { slot, system, call } = operation
  const before = truthOf(world)[slot.part] as number
  const given = world.truth[system.idCounter] as number
  const effect = callEffect(world.cluster, system, { method: call.method, args: call.args, before, given })
  ensureCapacity(world)
  noteCall(run, operation)
  if (effect.after !== before) commitExternal(world, run, operation, effect)
  return effect.answer
}

function noteCall(run: Run, { mutates }: ExternalOperation): void {
  run.readLive = true
  if (mutates) run.writes++
}

/** Commits a new state of an external system to the truth. */
export function commitExternal(
  world: World,
  run: Run,
  { slot, system }: ExternalOperation,
  { after, ids }: { readonly after: number; readonly ids: number },
): void {
  const { truth } = world
  const before = truth[slot.part] as number
  const beforeRevision = truth[slot.part + 1] as number
  const afterRevision = ++(truth[REVISION] as number)
  applyChange(truth, slot, after, afterRevision)
  const nameCounter = ids > 0 ? system.idCounter : 0
  if (ids > 0) countNames(truth, nameCounter, ids)
  run.changes.push({ slot, before, beforeRevision, after, afterRevision, nameCounter, names: ids })
  run.commitEnds.push(run.changes.length)
}
