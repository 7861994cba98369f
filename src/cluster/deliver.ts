/**
 * Delivers committed changes to the processes that watch: at once, or into the queue of an open lag episode.
 * All functions work on `world.next`. Those that return false need code to run first (`world.needed`).
 */

import { noteForBookmark } from './bookmarks.ts'
import { uncoveredRequests } from './coverage.ts'
import { eventOfChange, queueEvent, setEpisode } from './episodes.ts'
import type { FrozenObject } from './frozen-object.ts'
import { enqueueEvent } from './handled-events.ts'
import { intern, valueOf } from './interner.ts'
import { OWN_WRITE, ownMark } from './own-writes.ts'
import { episodePartOf } from './parts-on-demand.ts'
import { dynamicRequests, executeMapping, type Plan, type ProcessPlan, planOf } from './plan.ts'
import type { CommittedChange } from './run.ts'
import { keepForStandby } from './standby.ts'
import type { Foretold, InFlight, Process, RequestEntry, UndeliveredEvent } from './tables.ts'
import { type EnqueueCause, ensureCapacity, type World } from './world.ts'

/** What begins in a transition for one kind in one process, at the `from`-th of its changes. */
export interface LagChoice {
  /** A lag episode; a watch that breaks; a bookmark, which is no fault; or the lag of a standby, paid by a handover. */
  readonly type: 'stale' | 'relist' | 'bookmark' | 'standby'
  readonly process: Process
  readonly kind: number
  readonly from: number
}

export interface Delivery {
  readonly lags: readonly LagChoice[]
  /** A process that is about to start anew and needs nothing. */
  readonly dead: Process | undefined
  /** Who made the changes; undefined: nobody who is there any more (an instance that was replaced). */
  readonly writer: RequestEntry | undefined
}

/** Delivers change number `index` of a transition. False: code must run first. */
export function deliverChange(world: World, change: CommittedChange, index: number, delivery: Delivery): boolean {
  const plan = planOf(world, change.slot, change.before, change.after)
  for (const entry of plan.processes) {
    const { process } = entry
    if (process.alwaysLive) {
      if (process !== delivery.dead && !deliverNow(world, plan, entry, { ...change, own: 0 })) return false
      continue
    }
    const { rules } = world
    if (rules.profile === 'legacy-restart' && !process.listsConsistently)
      noteForBookmark(world, process, change, begins(delivery, 'bookmark', process, change, index))
    keepForStandby(world, process, change, begins(delivery, 'standby', process, change, index))
    if (process === delivery.dead) continue
    const isKnown = delivery.writer !== undefined && change.answerLost !== true
    const event = eventOfChange(change, isKnown ? ownMark(world, process, delivery.writer) : 0)
    const part = process.episodeParts.get(change.slot.kind.id)
    const isOpen = part !== undefined && world.next[part] !== 0
    const breaks = begins(delivery, 'relist', process, change, index)
    if (isOpen || breaks || begins(delivery, 'stale', process, change, index)) {
      ensureEpisodePart(world, process, change)
      queueEvent(world, episodePartOf(world.cluster, process, change.slot.kind), event, breaks)
    } else if (!deliverNow(world, plan, entry, event)) return false
  }
  return true
}

function begins(
  { lags }: Delivery,
  type: LagChoice['type'],
  process: Process,
  change: CommittedChange,
  index: number,
): boolean {
  for (const lag of lags) {
    if (lag.type === type && lag.process === process && lag.kind === change.slot.kind.id && lag.from === index)
      return true
  }
  return false
}

function ensureEpisodePart(world: World, process: Process, { slot }: CommittedChange): void {
  episodePartOf(world.cluster, process, slot.kind)
  ensureCapacity(world)
}

type Delivered = Pick<UndeliveredEvent, 'beforeRevision' | 'afterRevision' | 'own'>

/** The event reaches the process: its view moves on, its handlers enqueue. */
function deliverNow(world: World, plan: Plan, entry: ProcessPlan, event: Delivered): boolean {
  keepFrozenViews(world, entry.process, plan, event)
  if (world.rules.absorbNoOps) {
    for (const request of uncoveredRequests(world.cluster, plan, entry)) world.uncovered.push({ request, plan })
  }
  world.onDeliver?.(entry.process, plan, event.afterRevision)
  const cause = world.onEnqueue === undefined ? UNTOLD : eventCause(plan, event)
  const { slot, before, after } = plan
  return enqueuePlanned(world, entry, { slot: slot.id, before, after, ...event }, cause)
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

function eventCause(plan: Plan, { afterRevision }: Delivered): EnqueueCause {
  return { type: 'event', slot: plan.slot, before: plan.before, after: plan.after, afterRevision }
}

/** Whether a request waits in a queue with one entry a key. */
export function hasPriorities({ rules }: World, { controller }: RequestEntry): boolean {
  return (rules.queue === 'own' ? (controller.definition.queue ?? 'fifo') : rules.queue) === 'priority'
}

/** A work queue is a set. Under `priority` an immediate add pulls a delayed entry forward. */
export function enqueueRequest(world: World, request: RequestEntry, cause: EnqueueCause): void {
  world.onEnqueue?.(request, cause)
  world.next[request.pendingPart] = 1
  if (request.timerPart !== 0 && hasPriorities(world, request)) {
    world.next[request.timerPart] = 0
    world.next[request.timerPart + 1] = 0
  }
}

/** Delivers the oldest event of an episode; of a broken watch, lists again. False: code must run first. */
export function catchUp(world: World, process: Process, kind: number): boolean {
  const part = process.episodeParts.get(kind) as number
  const { events, broken } = valueOf(world.cluster.episodes, world.next[part] as number)
  if (!broken) return deliverOldest(world, process, part, events)
  // The differences in the order of the new list, then what is gone from it (client-go's DeltaFIFO, Replace).
  const listed = [...events.filter(({ after }) => after !== 0), ...events.filter(({ after }) => after === 0)]
  if (world.rules.profile === 'legacy-fifo' && !process.listsConsistently) {
    setEpisode(world, part, { events: listed, broken: false })
    return true
  }
  setEpisode(world, part, undefined)
  return listed.every((event) => deliverEvent(world, process, event))
}

function deliverOldest(
  world: World,
  process: Process,
  part: number,
  [oldest, ...rest]: readonly UndeliveredEvent[],
): boolean {
  setEpisode(world, part, rest.length === 0 ? undefined : { events: rest, broken: false })
  return oldest === undefined || deliverEvent(world, process, oldest)
}

function deliverEvent(world: World, process: Process, event: UndeliveredEvent): boolean {
  const slot = world.cluster.slots[event.slot]
  if (slot === undefined) return true
  const plan = planOf(world, slot, event.before, event.after)
  const entry = plan.processes.find((candidate) => candidate.process === process)
  return entry === undefined || deliverNow(world, plan, entry, event)
}

/** Reconciles in flight keep the view with which they began, for the kinds that they read after a write. */
function keepFrozenViews(world: World, process: Process, plan: Plan, { beforeRevision, own }: Delivered): void {
  if (world.rules.granularity === 'reconcile') return
  for (const controller of process.controllers) {
    if (!controller.readsAfterWrite.has(plan.slot.kind.id)) continue
    for (const request of controller.requests.values()) {
      const held = { slot: plan.slot.id, version: plan.before, revision: beforeRevision }
      if (request.inFlightPart !== 0) freeze(world, request.inFlightPart, held, own === OWN_WRITE)
      for (const part of request.retiredParts) freeze(world, part, held, false)
    }
  }
}

/** Keeps the view that a reconcile in flight has of an object, unless it has been kept; and whether its process wrote it. */
export function freeze(world: World, part: number, held: FrozenObject, isOwn: boolean): void {
  const id = world.next[part] as number
  if (id === 0) return
  const inFlight = valueOf(world.cluster.inFlights, id)
  const known = inFlight.frozen.find(({ slot }) => slot === held.slot)
  if (known !== undefined && (!isOwn || known.own === true)) return
  const frozen = inFlight.frozen.filter((other) => other !== known)
  frozen.push(isOwn ? { ...(known ?? held), own: true } : (known ?? held))
  world.next[part] = internInFlight(world, { ...inFlight, frozen: frozen.sort((a, b) => a.slot - b.slot) })
}

export function internInFlight(world: World, inFlight: InFlight): number {
  const held = inFlight.replies.map((reply) => `${reply.key}:${reply.objects.join(',')}`).join(';')
  const frozen = inFlight.frozen
    .map(({ slot, version, revision, own }) => `${slot},${version},${revision},${own ?? ''}`)
    .join(';')
  const early = inFlight.early.map(({ offset, reply }) => `${offset}:${reply.key}:${reply.objects.join(',')}`).join(';')
  const { evidence } = inFlight
  const deletions = evidence === undefined ? '' : `${foretoldKey(evidence.truth)};${foretoldKey(evidence.incarnations)}`
  const key = `${inFlight.node.id}|${inFlight.memory}|${held}|${early}|${frozen}|${deletions}`
  return intern(world.cluster.inFlights, key, inFlight)
}

function foretoldKey({ slots, twin }: Foretold): string {
  return `${slots.join(',')}:${twin}`
}
