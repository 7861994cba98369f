/**
 * Lists the actions of the state being expanded, in a fixed order: reconciles by request, then deliveries, the user,
 * timers, restarts; fault variants follow the action they vary. Every reconcile is walked here, once.
 */
import { type BudgetVector, budgetField, dominates } from '#checker/budget.ts'
import {
  type ActionType,
  API_ERROR_COST,
  CRASH_COST,
  ENVIRONMENT_COST,
  ENVIRONMENT_FIELD,
  HANDOVER_COST,
  NO_LAGS,
  SLOW_COST,
} from './action.ts'
import { NO_ERRORS } from './api-error.ts'
import { addAtOnce } from './at-once.ts'
import type { LagChoice } from './deliver.ts'
import { addAction, type Enabled, freeRun } from './enabled.ts'
import { eachOccurrence, type Occurrence } from './environment-events.ts'
import { walkErrorVariants } from './error-variants.ts'
import { execute } from './execute.ts'
import { valueOf } from './interner.ts'
import { canBegin as canBeginLag, eachLagSet, eachOldLists } from './lag-choices.ts'
import { waitsForItsWrites } from './own-writes.ts'
import { absorbable } from './reduction/no-op-absorption.ts'
import { privateWrite } from './reduction/private-writes.ts'
import type { Run } from './run.ts'
import { type ControllerEntry, type Process, type RequestEntry, TIME } from './tables.ts'
import { isEnabled, nextAction, walkUserAction } from './user-actions.ts'
import { batchAt, beginRun, type RunPlace, walk } from './walk.ts'
import type { World } from './world.ts'

/** Fills `enabled`. False: code must run first (`world.needed`). */
export function enableActions(world: World, enabled: Enabled, remaining: BudgetVector): boolean {
  world.remaining = remaining
  enabled.count = 0
  enabled.runCount = 0
  enabled.quiet = false
  enabled.horizon = false
  enabled.keepsCalls = world.rules.granularity === 'write' || dominates(remaining, API_ERROR_COST)
  const together = addAtOnce(world, enabled, remaining, {
    whole: (request) => wholeRun(world, enabled, request),
    next: (request) => walkNext(world, enabled, request),
    lags: (type, run) => addLags(world, enabled, { type, run, crashAfter: -1, cost: 0 }, remaining),
  })
  if (together !== 'none') return together === 'added'
  const ready = walkReady(world, enabled)
  if (ready === undefined) return false
  const flying = enabled.runCount - ready
  if (world.rules.absorbNoOps) {
    for (let i = 0; i < ready; i++) {
      const run = enabled.runs[i] as Run
      if (!absorbable(world, run, remaining)) continue
      addAction(enabled, world.rules.granularity === 'write' ? 'begin' : 'run', { run, request: run.request })
      return true
    }
  }
  if (world.rules.privateWrites === true && remaining === 0) {
    const run = privateWrite(world, enabled.runs, { from: ready, to: enabled.runCount })
    if (run === undefined) return false
    if (run !== 'none') {
      addAction(enabled, 'write', { run, request: run.request })
      return true
    }
  }
  for (let i = 0; i < ready + flying; i++) {
    const run = enabled.runs[i] as Run
    addRun(world, enabled, run, remaining)
    if (!addErrorVariants(world, enabled, run, remaining)) return false
  }
  const undelivered = addCatchUps(world, enabled)
  const idle = ready === 0 && flying === 0 && undelivered === 0 && pendingCount(world) === 0
  const waits = !idle && ready > 0 && flying === 0 && undelivered === 0 ? allFailing(world, enabled, ready) : false
  if (waits === undefined) return false
  const timed = idle || waits ? addTimers(world, enabled, idle) : addSlowTimers(world, enabled, remaining)
  if (!timed) return false
  addUserAction(world, enabled, remaining)
  addEnvironmentEvents(world, enabled, remaining)
  addRestarts(world, enabled, remaining)
  addHandovers(world, enabled, remaining)
  return true
}

/** Walks every request that can begin and every reconcile in flight. The number of the former; undefined: code must run. */
function walkReady(world: World, enabled: Enabled): number | undefined {
  const { cluster, state, rules } = world
  const requests = cluster.requests
  for (let i = 0; i < requests.length; i++) {
    const request = requests[i] as RequestEntry
    if (state[request.pendingPart] === 0) continue
    if (rules.granularity === 'write' && !canBegin(world, request)) continue
    if (waitsForItsWrites(world, request)) continue
    if (!walkInto(world, enabled, request, undefined)) return undefined
  }
  const ready = enabled.runCount
  if (rules.granularity === 'write') {
    for (const request of requests) {
      const id = request.inFlightPart === 0 ? 0 : (state[request.inFlightPart] as number)
      if (id !== 0 && !walkBatch(world, enabled, request, 0)) return undefined
      for (const part of request.retiredParts)
        if (state[part] !== 0 && !walkBatch(world, enabled, request, part)) return undefined
    }
  }
  return ready
}

/** The next part of one request. */
function walkNext(world: World, enabled: Enabled, request: RequestEntry): boolean {
  const flies = request.inFlightPart !== 0 && world.state[request.inFlightPart] !== 0
  return flies ? walkBatch(world, enabled, request, 0) : walkInto(world, enabled, request, undefined)
}

/** One run for each write of the batch in flight that has not committed: they may in any order. */
function walkBatch(world: World, enabled: Enabled, request: RequestEntry, retired: number): boolean {
  const part = retired === 0 ? request.inFlightPart : retired
  const inFlight = valueOf(world.cluster.inFlights, world.state[part] as number)
  const size = batchAt(inFlight.node).length
  for (let offset = 0; offset < size; offset++) {
    if (inFlight.early.some((early) => early.offset === offset)) continue
    if (!walkInto(world, enabled, request, { inFlight, offset, errors: NO_ERRORS, retired })) return false
  }
  return true
}

/** Walks into the next run; false: code must run first. */
function walkInto(world: World, enabled: Enabled, request: RequestEntry, place: RunPlace | undefined): boolean {
  if (walkFrom(world, enabled, request, place, world.rules.granularity === 'reconcile') === undefined) return false
  world.cluster.counters.answered++
  enabled.runCount++
  return true
}

/** What a reconcile that began here would do as a whole, whatever the granularity; undefined: code must run first. */
function wholeRun(world: World, enabled: Enabled, request: RequestEntry): Run | undefined {
  return walkFrom(world, enabled, request, undefined, true)
}

/** Walks into the first run that is free, and leaves it free. */
function walkFrom(
  world: World,
  enabled: Enabled,
  request: RequestEntry,
  place: RunPlace | undefined,
  whole: boolean,
): Run | undefined {
  const run = freeRun(world, enabled, request)
  beginRun(world, run, request, place)
  walk(world, run, enabled.keepsCalls, whole)
  if (run.stoppedAt === 'miss') {
    world.needed = () => execute(world, request, place)
    return undefined
  }
  return run
}

/** At most one reconcile in flight a key, and `maxConcurrentReconciles` a controller. */
function canBegin(world: World, request: RequestEntry): boolean {
  if (request.inFlightPart !== 0 && world.state[request.inFlightPart] !== 0) return false
  return inFlightCount(world, request.controller) < (request.controller.definition.maxConcurrentReconciles ?? 1)
}

function inFlightCount(world: World, controller: ControllerEntry): number {
  let count = 0
  for (const request of controller.requests.values()) {
    if (request.inFlightPart !== 0 && world.state[request.inFlightPart] !== 0) count++
  }
  return count
}

function pendingCount(world: World): number {
  let count = 0
  for (const request of world.cluster.requests) if (world.state[request.pendingPart] !== 0) count++
  return count
}

/** Requests that would only fail again are in back-off: time may pass while they wait. Undefined: code must run first. */
function allFailing(world: World, enabled: Enabled, ready: number): boolean | undefined {
  for (let i = 0; i < ready; i++) {
    const begun = enabled.runs[i] as Run
    const run = begun.leaf !== undefined ? begun : wholeRun(world, enabled, begun.request)
    if (run === undefined) return undefined
    if (begun.request.handles !== undefined) return false
    if (run.leaf === undefined || changes(world, run) || !(run.leaf.type === 'error' || run.leaf.requeue)) return false
  }
  return true
}

/** Whether a run that ended changes an object or the memory of its process. */
function changes(world: World, run: Run): boolean {
  const { memoryPart } = run.request.controller
  return run.changes.length > 0 || (memoryPart !== 0 && world.state[memoryPart] !== run.leaf?.memory)
}

/** A reconcile, and its variants with a crash after a write and with lag episodes. */
function addRun(world: World, enabled: Enabled, run: Run, remaining: BudgetVector): void {
  const type = world.rules.granularity === 'reconcile' ? 'run' : run.inFlight === undefined ? 'begin' : 'write'
  const cost = run.errors.length * API_ERROR_COST
  addAction(enabled, type, { run, request: run.request, cost })
  if (budgetField(remaining, 0) === 0 || run.changes.length === 0) return
  addLags(world, enabled, { type, run, crashAfter: -1, cost }, remaining)
  // At granularity write a crash after a write is a restart of the state that the write leads to.
  if (type !== 'run' || !dominates(remaining, cost + CRASH_COST)) return
  for (const crashAfter of run.commitEnds) {
    // Up to its last error the run is a shorter variant, which has this crash; an answer lost on the way is none then.
    if (crashAfter <= run.changesAtError) continue
    addVariant(world, enabled, { type, run, crashAfter, cost: cost + CRASH_COST }, remaining)
    addLags(world, enabled, { type, run, crashAfter, cost: cost + CRASH_COST }, remaining)
  }
}

/** The variants of a reconcile in which calls fail, each with those that `addRun` adds. False: code must run first. */
function addErrorVariants(world: World, enabled: Enabled, run: Run, remaining: BudgetVector): boolean {
  if (!dominates(remaining, API_ERROR_COST)) return true
  const whole = world.rules.granularity === 'reconcile'
  return walkErrorVariants(world, run, {
    errorsMax: Math.min(budgetField(remaining, 0), budgetField(remaining, 3)),
    walk: (place) => {
      const variant = walkFrom(world, enabled, run.request, place, whole)
      if (variant !== undefined) {
        enabled.runCount++
        world.cluster.counters.answered++
      }
      return variant
    },
    use: (variant) => addRun(world, enabled, variant, remaining),
  })
}

interface Variant {
  readonly type: ActionType
  readonly run: Run
  readonly crashAfter: number
  readonly occurrence?: Occurrence
  readonly lags?: readonly LagChoice[]
  readonly cost: BudgetVector
}

/** Every way in which episodes open, watches break and lists are bookmarked in a transition. */
function addLags(world: World, enabled: Enabled, base: Variant, remaining: BudgetVector): void {
  if (!canBeginLag(world, base.cost, remaining)) return
  eachLagSet(world, base, remaining, (lags, cost) => addVariant(world, enabled, { ...base, lags, cost }, remaining))
}

/** Adds a variant; one in which the process dies for each set of lists with which it may start. */
function addVariant(world: World, enabled: Enabled, variant: Variant, remaining: BudgetVector): void {
  const { type, run, crashAfter, occurrence, lags = NO_LAGS, cost } = variant
  const parts = {
    run,
    ...(type === 'user' || occurrence !== undefined ? {} : { request: run.request }),
    ...(occurrence === undefined ? {} : { occurrence }),
    crashAfter,
    lags,
    cost,
  }
  const isLeft = crashIsLeft(cost, remaining)
  if (crashAfter < 0) return addAction(enabled, type, { ...parts, forgetsBookmarks: cost > 0 && !isLeft })
  eachOldLists(world, run.request.controller.process, lags, isLeft, (oldLists) =>
    addAction(enabled, type, { ...parts, oldLists, forgetsBookmarks: !isLeft }),
  )
}

/** Whether a crash is left after an action of this cost. */
function crashIsLeft(cost: BudgetVector, remaining: BudgetVector): boolean {
  return dominates(remaining, cost + CRASH_COST)
}

/** Adds the deliveries of open episodes; their number. */
function addCatchUps(world: World, enabled: Enabled): number {
  let count = 0
  for (const process of world.cluster.processes) {
    for (const [kind, part] of process.episodeParts) {
      const id = world.state[part] as number
      if (id === 0) continue
      addAction(enabled, valueOf(world.cluster.episodes, id).broken ? 'list-again' : 'catch-up', { process, kind })
      count++
    }
  }
  return count
}

/** Adds the earliest timers and sets `quiet` when there are none. False: code must run first. */
function addTimers(world: World, enabled: Enabled, idle: boolean): boolean {
  const found = earliestTimers(world, enabled)
  if (found === undefined) return false
  for (const request of found.due) addAction(enabled, 'timer', { request })
  enabled.quiet = idle && found.due.length === 0
  enabled.horizon = found.horizon
  return true
}

/** The fault `slow`: while other work is ready, the earliest timers may fire all the same. False: code must run first. */
function addSlowTimers(world: World, enabled: Enabled, remaining: BudgetVector): boolean {
  if (!dominates(remaining, SLOW_COST)) return true
  const found = earliestTimers(world, enabled)
  if (found === undefined) return false
  for (const request of found.due) addAction(enabled, 'timer', { request, cost: SLOW_COST })
  return true
}

/**
 * The earliest timers that are not idle, and whether one lies beyond the horizon. A timer is idle when its reconcile
 * changes nothing (calls that are no-ops or refused do not count: many controllers apply the same status on every
 * pass), asks for the same delay and does not read the clock. Undefined: code must run first.
 */
function earliestTimers(
  world: World,
  enabled: Enabled,
): { readonly due: readonly RequestEntry[]; readonly horizon: boolean } | undefined {
  const { cluster, state, rules } = world
  let earliest = Number.POSITIVE_INFINITY
  let horizon = false
  const due: RequestEntry[] = []
  for (const request of cluster.requests) {
    const set = request.timerPart === 0 ? 0 : (state[request.timerPart] as number)
    if (set === 0) continue
    const run = wholeRun(world, enabled, request)
    if (run === undefined) return undefined
    if (!changes(world, run) && isIdle(run, (state[request.timerPart + 1] as number) - 1)) continue
    if ((state[TIME] as number) + set - 1 > rules.timeMaxMs) {
      horizon = true
      continue
    }
    if (set < earliest) {
      earliest = set
      due.length = 0
    }
    if (set === earliest) due.push(request)
  }
  return { due, horizon }
}

/** For a run that changes nothing. */
function isIdle(run: Run, delayMs: number): boolean {
  const { leaf } = run
  return (
    leaf !== undefined && leaf.type === 'done' && !run.readClock && !leaf.requeue && leaf.requeueAfterMs === delayMs
  )
}

/**
 * Adds what the environment may do. It does not spoil the absorption of no-ops: what can happen depends on the objects
 * and external systems alone, which a no-op leaves as they are, so it can happen after it just as well.
 */
function addEnvironmentEvents(world: World, enabled: Enabled, remaining: BudgetVector): void {
  if (budgetField(remaining, ENVIRONMENT_FIELD) === 0) return
  const nextRun = (): Run => freeRun(world, enabled, world.cluster.userRequest)
  eachOccurrence(world, nextRun, (occurrence, run) => {
    enabled.runCount++
    const event = { run, occurrence, cost: ENVIRONMENT_COST }
    addAction(enabled, 'environment', event)
    if (budgetField(remaining, 0) > 0)
      addLags(world, enabled, { type: 'environment', crashAfter: -1, ...event }, remaining)
  })
}

/** Adds the next action of the script, when it is enabled. */
function addUserAction(world: World, enabled: Enabled, remaining: BudgetVector): void {
  const prepared = nextAction(world)
  if (prepared === undefined || (prepared.action.at === 'rest' && !enabled.quiet) || !isEnabled(world, prepared)) return
  const request = world.cluster.userRequest
  const run = freeRun(world, enabled, request)
  enabled.runCount++
  beginRun(world, run, request, undefined)
  walkUserAction(world, run, prepared)
  addAction(enabled, 'user', { run })
  if (budgetField(remaining, 0) > 0) addLags(world, enabled, { type: 'user', run, crashAfter: -1, cost: 0 }, remaining)
}

/** A process may crash between reconciles in any state. One that is always live and has nothing to lose is left out. */
function addRestarts(world: World, enabled: Enabled, remaining: BudgetVector): void {
  if (!dominates(remaining, CRASH_COST)) return
  for (const process of world.cluster.processes) {
    if (process.atOnce || (process.alwaysLive && !hasWork(world, process))) continue
    const isLeft = crashIsLeft(CRASH_COST, remaining)
    eachOldLists(world, process, NO_LAGS, isLeft, (oldLists) =>
      addAction(enabled, 'restart', { process, oldLists, forgetsBookmarks: !isLeft, cost: CRASH_COST }),
    )
  }
}

/** A second instance may take over in any state. Where the first one has nothing, the two are the same. */
function addHandovers(world: World, enabled: Enabled, remaining: BudgetVector): void {
  if (!dominates(remaining, HANDOVER_COST)) return
  for (const process of world.cluster.processes) {
    if (process.atOnce || (process.alwaysLive && !hasWork(world, process))) continue
    const forgetsBookmarks = !crashIsLeft(HANDOVER_COST, remaining)
    addAction(enabled, 'handover', { process, forgetsBookmarks, cost: HANDOVER_COST })
  }
}

function hasWork(world: World, process: Process): boolean {
  for (const controller of process.controllers) {
    for (const request of controller.requests.values()) {
      if (world.state[request.pendingPart] !== 0) return true
      if (request.inFlightPart !== 0 && world.state[request.inFlightPart] !== 0) return true
    }
  }
  return false
}
