/** Computes the successor of an action into `world.next`. False: code must run first (`world.needed`). */
import { type Action, isSlow, NO_LAGS } from './action.ts'
import { forgetBookmarks, listAtBookmarks } from './bookmarks.ts'
import { catchUp, deliverChange, enqueueRequest, hasPriorities, internInFlight } from './deliver.ts'
import { deliverWaited, forgetFrozen } from './deliver-waited.ts'
import { remember } from './environment-history.ts'
import { evidenceAfter } from './evidence.ts'
import { takePending } from './handled-events.ts'
import { goOnReplaced, handOver } from './handover.ts'
import { noteOrigin } from './origin.ts'
import { inFlightPartOf, timerPartOf } from './parts-on-demand.ts'
import { startProcess } from './process-start.ts'
import type { CommittedChange, Run } from './run.ts'
import { forgetStandbys, mayHandOverAfter } from './standby.ts'
import { markSurplus, surplusCreations, unmarkAll, unmarkTouched } from './surplus.ts'
import {
  HOLDERS,
  INSTANT_GIVEN,
  type InFlight,
  type Process,
  type RequestEntry,
  SCRIPT,
  TIME,
  VOLATILE,
} from './tables.ts'
import type { Leaf } from './trie.ts'
import { memoryOf } from './walk.ts'
import { ensureCapacity, type World } from './world.ts'
import { applyChange, countNames } from './write.ts'
import { forgetWriters, noteWriter } from './writers.ts'

export function computeSuccessor(world: World, action: Action): boolean {
  world.next.set(world.state)
  world.cut = false
  world.uncovered.length = 0
  const forgets = !mayHandOverAfter(action, world.remaining)
  if (forgets && action.type !== 'handover') forgetStandbys(world)
  if (!takeAction(world, action)) return false
  if (forgets) forgetStandbys(world)
  if (action.forgetsBookmarks) forgetBookmarks(world)
  // Last, since it asks who still holds older versions.
  forgetWriters(world)
  return true
}

function takeAction(world: World, action: Action): boolean {
  switch (action.type) {
    case 'run':
      return takeRun(world, action, action.run as Run)
    case 'begin':
    case 'write':
      return takePart(world, action, action.run as Run)
    case 'user':
      world.next[SCRIPT] = (world.next[SCRIPT] as number) + 1
      unmarkAll(world)
      return commit(world, action, action.run as Run, undefined)
    case 'environment':
      remember(world, action.occurrence?.entry ?? '')
      unmarkAll(world)
      return commit(world, action, action.run as Run, undefined)
    case 'timer':
      if (isSlow(action)) remember(world, `timer ${action.request?.label}`)
      unmarkAll(world)
      takeTimer(world, action.request as RequestEntry)
      return true
    case 'catch-up':
    case 'list-again':
      return catchUp(world, action.process as Process, action.kind)
    case 'restart':
      return restart(world, action, action.process as Process)
    case 'handover':
      return handOver(world, action.process as Process)
  }
}

function takeRun(world: World, action: Action, run: Run): boolean {
  takePending(world, run.request)
  const process = run.request.controller.process
  const dies = action.crashAfter >= 0
  const surplus = surplusCreations(world, run)
  if (surplus === undefined || !commit(world, action, run, dies ? process : undefined)) return false
  markSurplus(world, run, surplus)
  if (dies) return restart(world, action, process)
  return finish(world, run)
}

/** Granularity write: the reconcile begins, or its next write commits. */
function takePart(world: World, action: Action, run: Run): boolean {
  const { request } = run
  const part = run.retired === 0 ? inFlightPartOf(world.cluster, request) : run.retired
  ensureCapacity(world)
  if (run.inFlight === undefined) takePending(world, request)
  const process = request.controller.process
  const dies = action.crashAfter >= 0
  if (run.stoppedAt === 'write' && !dies) {
    const judged = evidenceAfter(world, run)
    if (judged === undefined) return false
    if (world.next[part] === 0) (world.next[HOLDERS] as number)++
    world.next[part] = internInFlight(world, {
      node: run.early.length > 0 ? (run.inFlight as InFlight).node : run.node,
      replies: [...run.replies],
      early: run.early,
      frozen: run.inFlight?.frozen ?? [],
      memory: run.inFlight?.memory ?? memoryOf(world, request),
      evidence: judged.evidence,
    })
  } else if (world.next[part] !== 0) {
    world.next[part] = 0
    ;(world.next[HOLDERS] as number)--
  }
  if (!commit(world, action, run, dies ? process : undefined)) return false
  if (dies) return restart(world, action, process)
  if (run.retired === 0) forgetFrozen(world, run, part)
  else goOnReplaced(world, run)
  return run.stoppedAt !== 'leaf' || finish(world, run)
}

/** Applies a run's changes and delivers them. */
function commit(world: World, action: Action, run: Run, dead: Process | undefined): boolean {
  const count = action.crashAfter >= 0 ? action.crashAfter : run.changes.length
  if (run.instant > (world.next[INSTANT_GIVEN] as number)) {
    world.next[INSTANT_GIVEN] = run.instant
    world.next[VOLATILE] = 1
  }
  const lags = action.lags.length === 0 ? NO_LAGS : action.lags
  for (let i = 0; i < count; i++) {
    const change = run.changes[i] as CommittedChange
    applyChange(world.next, change.slot, change.after, change.afterRevision)
    noteOrigin(world, run, change)
    if (change.nameCounter !== 0) countNames(world.next, change.nameCounter, change.names)
  }
  const delivery = { lags, dead, writer: run.retired === 0 ? run.request : undefined }
  const waits = run.waits.length === 0 || dead !== undefined || run.retired !== 0 ? undefined : { done: 0 }
  for (let i = 0; i < count; i++) {
    if (waits !== undefined && !deliverWaited(world, run, waits, i)) return false
    if (!deliverChange(world, run.changes[i] as CommittedChange, i, delivery)) return false
  }
  if (waits !== undefined && !deliverWaited(world, run, waits, count)) return false
  for (let i = 0; i < count; i++) {
    noteWriter(world, run, run.changes[i] as CommittedChange)
    unmarkTouched(world, run, run.changes[i] as CommittedChange)
  }
  return true
}

/** A process that died starts anew, with the lists that the action says. */
function restart(world: World, action: Action, process: Process): boolean {
  return startProcess(world, process, () => listAtBookmarks(world, process, action.oldLists))
}

/** The reconcile has ended: its result, its memory. False: code must run first. */
function finish(world: World, run: Run): boolean {
  const { request } = run
  const leaf = run.leaf
  // An instance that was replaced has no queue and no memory any more.
  if (leaf === undefined || run.retired !== 0) return true
  if (request.handles !== undefined) return finishHandler(world, request, leaf)
  const { memoryPart } = request.controller
  if (memoryPart !== 0) {
    world.next[memoryPart] = leaf.memory
    // What a memory mentions has to be renamed.
    if (leaf.memory !== 0) world.next[VOLATILE] = 1
  }
  if (leaf.type === 'error' || leaf.requeue) enqueueRequest(world, request, { type: 'retry' })
  else if (leaf.requeueAfterMs >= 0) setTimer(world, request, leaf.requeueAfterMs)
  return true
}

/** Nobody calls a handler again. An error that it lets out ends its process, unless the program survives it. */
function finishHandler(world: World, { controller }: RequestEntry, leaf: Leaf): boolean {
  if (leaf.type !== 'error' || controller.definition.survivesErrors === true) return true
  return startProcess(world, controller.process)
}

/** Of two delayed entries the earlier stays. Under `priority` one that is ready stays ready. */
function setTimer(world: World, request: RequestEntry, delayMs: number): void {
  if (world.next[request.pendingPart] !== 0 && hasPriorities(world, request)) return
  const part = timerPartOf(world.cluster, request)
  ensureCapacity(world)
  const set = world.next[part] as number
  if (set !== 0 && set <= delayMs + 1) return
  world.next[part] = delayMs + 1
  world.next[part + 1] = delayMs + 1
}

/** Time passes to the timer's moment; idle timers that lie before it have run on the way without effect. */
function takeTimer(world: World, request: RequestEntry): void {
  const { next, cluster } = world
  const elapsed = (next[request.timerPart] as number) - 1
  next[request.timerPart] = 0
  next[request.timerPart + 1] = 0
  next[TIME] = (next[TIME] as number) + elapsed
  next[VOLATILE] = 1
  enqueueRequest(world, request, { type: 'timer' })
  for (const other of cluster.requests) {
    const set = other.timerPart === 0 ? 0 : (next[other.timerPart] as number)
    if (set === 0) continue
    const delay = (next[other.timerPart + 1] as number) - 1
    let remaining = set - 1 - elapsed
    if (remaining < 0) remaining = delay <= 0 ? 0 : (delay - (-remaining % delay)) % delay
    next[other.timerPart] = remaining + 1
  }
}
