/**
 * Delivers committed changes to the processes that watch: at once, or into the queue of an open lag episode.
 * All functions work on `world.next`. Those that return false need code to run first (`world.needed`).
 */
import { uncoveredRequests } from './coverage.ts'
import { internQueue } from './event-queues.ts'
import { enqueueEvent } from './handled-events.ts'
import { intern, valueOf } from './interner.ts'
import { dynamicRequests, executeMapping, type Plan, type ProcessPlan, planOf } from './plan.ts'
import type { CommittedChange } from './run.ts'
import {
  episodePartOf,
  type Foretold,
  HOLDERS,
  type InFlight,
  type Process,
  type RequestEntry,
  type UndeliveredEvent,
} from './tables.ts'
import { type EnqueueCause, ensureCapacity, type World } from './world.ts'

/** A lag episode that opens in a transition: at the `from`-th of its changes. */
export interface LagChoice {
  readonly process: Process
  readonly kind: number
  readonly from: number
}

/** Delivers change number `index` of a transition. `dead`: a process that is about to start anew and needs nothing. */
export function deliverChange(
  world: World,
  change: CommittedChange,
  index: number,
  options: { readonly lags: readonly LagChoice[]; readonly dead: Process | undefined },
): boolean {
  const plan = planOf(world, change.slot, change.before, change.after)
  for (const entry of plan.processes) {
    const { process } = entry
    if (process === options.dead) continue
    const part = process.episodeParts.get(change.slot.kind.id)
    const open = part !== undefined && world.next[part] !== 0
    if (open || opens(options.lags, process, change, index)) queueEvent(world, process, change)
    else if (!deliverNow(world, plan, entry, change)) return false
  }
  return true
}

function opens(lags: readonly LagChoice[], process: Process, change: CommittedChange, index: number): boolean {
  for (const lag of lags)
    if (lag.process === process && lag.kind === change.slot.kind.id && lag.from === index) return true
  return false
}

interface Revisions {
  readonly beforeRevision: number
  readonly afterRevision: number
}

/** The event reaches the process: its view moves on, its handlers enqueue. */
function deliverNow(world: World, plan: Plan, entry: ProcessPlan, revisions: Revisions): boolean {
  keepFrozenViews(world, entry.process, plan, revisions.beforeRevision)
  if (world.rules.absorbNoOps) {
    for (const request of uncoveredRequests(world.cluster, plan, entry)) world.uncovered.push({ request, plan })
  }
  world.onDeliver?.(entry.process, plan, revisions.afterRevision)
  const cause = world.onEnqueue === undefined ? UNTOLD : eventCause(plan, revisions)
  const { slot, before, after } = plan
  return enqueuePlanned(world, entry, { slot: slot.id, before, after, ...revisions }, cause)
}

/** Enqueues what a plan says for a process, and `event` where it is handled. False: a mapping function that reads has to run first. */
export function enqueuePlanned(
  world: World,
  entry: ProcessPlan,
  event: UndeliveredEvent,
  cause: EnqueueCause,
): boolean {
  for (const request of entry.requests) enqueueRequest(world, request, cause)
  for (const request of entry.handlers) enqueueEvent(world, { request, event, cause })
  for (const dynamic of entry.dynamic) {
    const requests = dynamicRequests(world, dynamic)
    if (requests === undefined) {
      world.needed = () => executeMapping(world, dynamic)
      return false
    }
    for (const request of requests) enqueueRequest(world, request, cause)
  }
  return true
}

/** Stands for any cause while nobody asks. */
const UNTOLD: EnqueueCause = { type: 'retry' }

function eventCause(plan: Plan, { afterRevision }: Revisions): EnqueueCause {
  return { type: 'event', slot: plan.slot, before: plan.before, after: plan.after, afterRevision }
}

/** A work queue is a set. Under `priority` an immediate add pulls a delayed entry forward. */
export function enqueueRequest(world: World, request: RequestEntry, cause: EnqueueCause): void {
  world.onEnqueue?.(request, cause)
  world.next[request.pendingPart] = 1
  if (world.rules.queue === 'priority' && request.timerPart !== 0) {
    world.next[request.timerPart] = 0
    world.next[request.timerPart + 1] = 0
  }
}

function queueEvent(world: World, process: Process, change: CommittedChange): void {
  const part = episodePartOf(world.cluster, process, change.slot.kind)
  ensureCapacity(world)
  const id = world.next[part] as number
  const queue = id === 0 ? [] : valueOf(world.cluster.episodes, id)
  if (id === 0) (world.next[HOLDERS] as number)++
  if (queue.length >= world.rules.lagMax) world.cut = true
  const { slot, before, beforeRevision, after, afterRevision } = change
  world.next[part] = internQueue(world, [...queue, { slot: slot.id, before, beforeRevision, after, afterRevision }])
}

/** Delivers the oldest event of an episode. */
export function catchUp(world: World, process: Process, kind: number): boolean {
  const part = process.episodeParts.get(kind) as number
  const [oldest, ...rest] = valueOf(world.cluster.episodes, world.next[part] as number) as [
    UndeliveredEvent,
    ...UndeliveredEvent[],
  ]
  world.next[part] = internQueue(world, rest)
  if (rest.length === 0) (world.next[HOLDERS] as number)--
  const slot = world.cluster.slots[oldest.slot]
  if (slot === undefined) return true
  const plan = planOf(world, slot, oldest.before, oldest.after)
  const entry = plan.processes.find((candidate) => candidate.process === process)
  return entry === undefined || deliverNow(world, plan, entry, oldest)
}

/** Reconciles in flight keep the view with which they began, for the kinds that they read after a write. */
function keepFrozenViews(world: World, process: Process, plan: Plan, beforeRevision: number): void {
  if (world.rules.granularity === 'reconcile') return
  for (const controller of process.controllers) {
    if (!controller.readsAfterWrite.has(plan.slot.kind.id)) continue
    for (const request of controller.requests.values()) {
      const id = request.inFlightPart === 0 ? 0 : (world.next[request.inFlightPart] as number)
      if (id === 0) continue
      const inFlight = valueOf(world.cluster.inFlights, id)
      if (inFlight.frozen.some((held) => held.slot === plan.slot.id)) continue
      const frozen = [...inFlight.frozen, { slot: plan.slot.id, version: plan.before, revision: beforeRevision }]
      world.next[request.inFlightPart] = internInFlight(world, {
        ...inFlight,
        frozen: frozen.sort((a, b) => a.slot - b.slot),
      })
    }
  }
}

export function internInFlight(world: World, inFlight: InFlight): number {
  const held = inFlight.replies.map((reply) => `${reply.key}:${reply.objects.join(',')}`).join(';')
  const frozen = inFlight.frozen.map((entry) => `${entry.slot},${entry.version},${entry.revision}`).join(';')
  const early = inFlight.early.map(({ offset, reply }) => `${offset}:${reply.key}:${reply.objects.join(',')}`).join(';')
  const { evidence } = inFlight
  const deletions = evidence === undefined ? '' : `${foretoldKey(evidence.truth)};${foretoldKey(evidence.incarnations)}`
  const key = `${inFlight.node.id}|${inFlight.memory}|${held}|${early}|${frozen}|${deletions}`
  return intern(world.cluster.inFlights, key, inFlight)
}

function foretoldKey({ slots, twin }: Foretold): string {
  return `${slots.join(',')}:${twin}`
}
