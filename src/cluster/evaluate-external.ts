/**
 * Answers a call of an external system from the truth, and commits what it changes. The answer is held as a version,
 * as objects are, so that ids, uids and instants in it are renamed together with those in the state.
 */
import { callEffect } from './external-systems.ts'
import { holdReply, type Run } from './run.ts'
import { REVISION } from './tables.ts'
import type { ExternalOperation } from './trie.ts'
import { ensureCapacity, truthOf, type World } from './world.ts'
import { applyChange, countNames } from './write.ts'

/** Returns the trie edge: the version of the answer. */
export function evaluateExternal(world: World, run: Run, operation: ExternalOperation, keep: boolean): number {
  const { slot, system, call, mutates } = operation
  const before = truthOf(world)[slot.part] as number
  const given = world.truth[system.idCounter] as number
  const effect = callEffect(world.cluster, system, { method: call.method, args: call.args, before, given })
  ensureCapacity(world)
  run.readLive = true
  if (mutates) run.writes++
  if (effect.after !== before) commitExternal(world, run, operation, effect)
  const reply = { key: effect.answer, objects: [slot.id, effect.answer, -1], form: 'external' as const }
  if (keep) run.replies.push(reply)
  holdReply(run, reply)
  return effect.answer
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
