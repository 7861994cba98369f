/**
 * No-op absorption: if a pending request, run on its process's view, makes no write and no error, only it is explored
 * in this state.
 *
 * Why this loses nothing. Let r be such a request, P its process, and t any other action enabled here. r's reads are
 * all cached (condition b), so what r does is a function of P's view, which changes only by deliveries to P. Either t
 * delivers nothing to P that r has read: then r is a no-op after t as well, and r;t and t;r end in the same state. Or t
 * does and enqueues r: then r is pending after t in both orders, and t;r and r;t;r meet. Or t does and does not enqueue
 * r, and r is still a no-op after it: as in the first case. There is no fourth case: it is watched for. It does not matter whether t opens a lag episode, delivers a late event, or happens while one is open: a
 * delivery that is put off leaves P's view, and so r, as they are. If t is a crash of P, what was pending in P is
 * forgotten in both orders. So every store, outcome and verdict that is reached with t first is reached with r first.
 * r changes no object, so it is invisible to properties; the set of pending requests strictly shrinks, so r cannot be
 * absorbed round a cycle for ever while t is ignored.
 *
 * Conditions, each checked below:
 * (a) no fault can strike r itself: it makes no write, so no crash point and no event of its own; its reads are cached,
 *     so no API error. Under `linearizable` no read is cached: there r is absorbed only where no API error is left to be
 *     paid or it reads nothing at all. An error that strikes another request is one of the t above. (`search.md` asks besides that no lag is open or openable; by the argument above that is not
 *     needed, and `test/search` compares searches with lag and crashes with the plain one: docs/decisions/0004.)
 *     While a unit of `slow` is left nothing is absorbed: a timer that passes r while r waits is in the environment
 *     history, and one that is taken after r is not, so that outcomes would be compared with others than in the plain
 *     search.
 * (b) r read no clock, API reader or random number (nothing enqueues it when those change);
 * (c) r left the timers of its request as they were, and its memory (a change of the memory by another request of the
 *     controller is watched for, as changes of reads are);
 * (d) r is level-triggered, or handles an event and reads nothing: what it does is a function of that event then, and
 *     the order of the object's other events stays as it is. A handler that reads is not called again when that changes.
 * That a change of r's reads enqueues r, or leaves it a no-op, is not taken from declarations but observed, see
 * `coverage.ts`: the first change in the search that breaks it switches absorption off for the controller and the
 * search starts again.
 */

import { type BudgetVector, dominates } from '#checker/budget.ts'
import { type Action, API_ERROR_COST, SLOW_COST } from '../action.ts'
import { absorbedRequestsOf, isAbsorbed, noteAbsorbed, noteNotAbsorbable, switchAbsorptionOff } from '../coverage.ts'
import { execute } from '../execute.ts'
import { createRun, type Run } from '../run.ts'
import type { RequestEntry } from '../tables.ts'
import { beginRun, rootOf, walk } from '../walk.ts'
import { ensureCapacity, type World } from '../world.ts'

export function absorbable(world: World, run: Run, remaining: BudgetVector): boolean {
  const { request } = run
  if (mayFail(world, run, remaining) || dominates(remaining, SLOW_COST)) return false
  if (request.controller.absorbedUpTo < world.learntUpTo || run.waits.length > 0 || !doesNothing(run, world.state))
    return false
  if (request.timerPart !== 0 && world.state[request.timerPart] !== 0) return false
  noteAbsorbed(world.cluster, request, run.reads)
  return true
}

/** Whether an error of the API server can strike one of the calls of a run without writes and uncached reads. */
function mayFail(world: World, run: Run, remaining: BudgetVector): boolean {
  return world.rules.profile === 'linearizable' && run.reads.length > 0 && dominates(remaining, API_ERROR_COST)
}

function doesNothing(run: Run, state: Int32Array): boolean {
  const { leaf, request } = run
  if (leaf === undefined || run.writes > 0 || leaf.type !== 'done' || leaf.requeue || leaf.requeueAfterMs >= 0)
    return false
  if (run.readClock || run.readLive || run.usedRandom) return false
  if (request.handles !== undefined && run.reads.length > 0) return false
  const { memoryPart } = request.controller
  return memoryPart === 0 || state[memoryPart] === leaf.memory
}

/** Walks the requests that the step's deliveries touched without waking them. False: code must run first. */
export function checkUncovered(world: World, action: Action): boolean {
  for (const { request, plan } of world.uncovered) {
    const waits = world.next[request.pendingPart] !== 0
    const flies = request.inFlightPart !== 0 && world.next[request.inFlightPart] !== 0
    if (waits || flies || request === action.request || !isAbsorbed(request.controller)) continue
    const run = walkInNext(world, request)
    if (run === undefined) return false
    if (!doesNothing(run, world.next)) switchAbsorptionOff(world.cluster, request, plan)
    else if (run.waits.length === 0) noteAbsorbed(world.cluster, request, run.reads)
    else keepWaiting(world, request)
  }
  return checkMemory(world, action)
}

/** What it does is nothing, but it delivers events to its process, as no no-op does: nobody's mistake, and no lint. */
function keepWaiting({ cluster }: World, { controller, label }: RequestEntry): void {
  noteNotAbsorbable(cluster, controller)
  cluster.counters.restartReason = `${label} would wait for its process's own writes`
}

/**
 * The memory of a controller is read by all of its requests, and a change of it wakes none: those absorbed before must
 * be no-ops with the new memory too.
 */
function checkMemory(world: World, action: Action): boolean {
  const controller = action.request?.controller
  if (!world.rules.absorbNoOps || controller === undefined || controller.memoryPart === 0) return true
  if (!isAbsorbed(controller) || world.next[controller.memoryPart] === world.state[controller.memoryPart]) return true
  for (const request of absorbedRequestsOf(world.cluster, controller)) {
    const flies = request.inFlightPart !== 0 && world.next[request.inFlightPart] !== 0
    if (world.next[request.pendingPart] !== 0 || flies || request === action.request) continue
    const run = walkInNext(world, request)
    if (run === undefined) return false
    if (doesNothing(run, world.next)) noteAbsorbed(world.cluster, request, run.reads)
    else {
      noteNotAbsorbable(world.cluster, controller)
      world.cluster.counters.restartReason = `the memory of ${controller.definition.name} makes another request act`
      return true
    }
  }
  return true
}

let scratch: Run | undefined

/** What a request would do, as a whole, in the successor; undefined: code must run first. */
function walkInNext(world: World, request: RequestEntry): Run | undefined {
  ensureCapacity(world)
  const { state } = world
  world.state = world.next
  try {
    scratch ??= createRun(request, rootOf(world, request))
    beginRun(world, scratch, request, undefined)
    walk(world, scratch, false, true)
    if (scratch.stoppedAt !== 'miss') return scratch
  } finally {
    world.state = state
  }
  const next = world.next.slice()
  world.needed = async () => {
    const before = world.state
    world.state = next
    await execute(world, request, undefined)
    world.state = before
    ensureCapacity(world)
  }
  return undefined
}
