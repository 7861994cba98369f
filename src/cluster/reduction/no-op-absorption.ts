/**
 * No-op absorption: if a pending request, run on the fresh view, makes no write and no error, only it is explored in
 * this state.
 *
 * Why this loses nothing. Let r be such a request and t any other action enabled here. Either t leaves everything that
 * r read alone, then r;t and t;r end in the same state and r was a no-op in both orders; or t changes something that r
 * read, then t's events enqueue r again, so t;r and r;t;r meet (r first does nothing, and r is pending after t in both).
 * So every store, outcome and verdict that is reached with t first is reached with r first. r changes no object, so it
 * is invisible to properties; the set of pending requests strictly shrinks, so r cannot be absorbed round a cycle for
 * ever while t is ignored.
 *
 * Conditions, each checked below:
 * (a) no budget left enables another variant of r here or later: an open or openable lag (r on an older view may write)
 *     or an error on one of its calls;
 * (b) r read no clock, API reader or random number (others' writes do not enqueue it for those);
 * (c) r left the timers of its request as they were, and its memory;
 * (d) r is level-triggered: all requests are (handlers of events are not requests).
 * That whatever changes r's reads enqueues r is not taken from declarations but observed, see `coverage.ts`: the first
 * change in the search that breaks it switches absorption off for the controller and the search starts again.
 */
import { type BudgetVector, budgetField } from '#checker/budget.ts'
import { noteAbsorbed } from '../coverage.ts'
import type { Run } from '../run.ts'
import type { World } from '../world.ts'

const STALE_FIELD = 1

export function absorbable(world: World, run: Run, remaining: BudgetVector): boolean {
  const { leaf, request } = run
  const { controller } = request
  if (leaf === undefined || controller.absorptionOff) return false
  if (run.writes > 0 || leaf.type !== 'done' || leaf.requeue || leaf.requeueAfterMs >= 0) return false
  if (run.readClock || run.readLive || run.usedRandom) return false
  if (controller.memoryPart !== 0 && world.state[controller.memoryPart] !== leaf.memory) return false
  if (request.timerPart !== 0 && world.state[request.timerPart] !== 0) return false
  if (world.rules.profile !== 'linearizable') {
    if (budgetField(remaining, 0) > 0 && budgetField(remaining, STALE_FIELD) > 0) return false
    for (const part of controller.process.episodeParts.values()) if (world.state[part] !== 0) return false
  }
  noteAbsorbed(world.cluster, request, run.reads)
  return true
}
