/**
 * The fault `handover`: a second instance of a process takes over. The first one finishes what it has in flight and
 * begins nothing more: its reconciles move to parts of their own ("retired"). The second one has warm caches, no memory,
 * and the queue of a process start. Its caches are as current as the first one's ever were, or behind: while a handover
 * can be paid, the events that the standby has not received are kept in the state, like those of a lag episode.
 *
 * From the handover on the view of the process is that of the second instance. What a retired reconcile may still read
 * through its cache is frozen where the two views differ, or come to differ.
 */
import { freeze, internInFlight } from './deliver.ts'
import { setEpisode } from './episodes.ts'
import { viewVersion } from './evaluate.ts'
import type { FrozenObject } from './frozen-object.ts'
import { valueOf } from './interner.ts'
import { OWN_WRITE } from './own-writes.ts'
import { episodePartOf } from './parts-on-demand.ts'
import { startProcess } from './process-start.ts'
import type { Run } from './run.ts'
import {
  addPart,
  type Cluster,
  type InFlight,
  type Kind,
  PART_IN_FLIGHT,
  type Process,
  type RequestEntry,
} from './tables.ts'
import { ensureCapacity, revisionOf, type World } from './world.ts'

/** False: code must run first. */
export function handOver(world: World, process: Process): boolean {
  for (const controller of process.controllers) {
    for (const request of controller.requests.values()) retire(world, request)
  }
  return startProcess(world, process, () => fallBehind(world, process))
}

/** What the standby has missed is undelivered in the instance that it becomes. */
function fallBehind(world: World, process: Process): void {
  const { cluster } = world
  for (const [kind, standby] of process.standbyParts) {
    const id = world.next[standby] as number
    if (id === 0) continue
    const part = episodePartOf(cluster, process, cluster.kinds[kind] as Kind)
    ensureCapacity(world)
    setEpisode(world, part, valueOf(cluster.episodes, id))
    setEpisode(world, standby, undefined)
  }
}

/** A reconcile in flight goes on in the first instance. */
function retire(world: World, request: RequestEntry): void {
  const { cluster } = world
  const id = request.inFlightPart === 0 ? 0 : (world.next[request.inFlightPart] as number)
  if (id === 0) return
  const part = retiredPartOf(cluster, request, world.next)
  ensureCapacity(world)
  world.next[part] = internInFlight(world, withOldViews(world, request, valueOf(cluster.inFlights, id)))
  world.next[request.inFlightPart] = 0
}

/** With the views that differ now: of objects of which either instance has undelivered events. */
function withOldViews(world: World, { controller }: RequestEntry, inFlight: InFlight): InFlight {
  const { process } = controller
  const frozen = new Map<number, FrozenObject>(inFlight.frozen.map((held) => [held.slot, held]))
  const keep = (kind: number, queue: number, isOld: boolean): void => {
    if (queue === 0 || !controller.readsAfterWrite.has(kind)) return
    for (const event of valueOf(world.cluster.episodes, queue).events) {
      const slot = world.cluster.slots[event.slot]
      if (slot === undefined) continue
      const held = frozen.get(slot.id) ?? { slot: slot.id, ...viewVersion(world, process, slot) }
      frozen.set(slot.id, isOld && event.own === OWN_WRITE ? { ...held, own: true } : held)
    }
  }
  for (const [kind, part] of process.episodeParts) keep(kind, world.state[part] as number, true)
  for (const [kind, part] of process.standbyParts) keep(kind, world.state[part] as number, false)
  return { ...inFlight, frozen: [...frozen.values()].sort((a, b) => a.slot - b.slot) }
}

/** After a step of a retired reconcile, when its changes are delivered. */
export function goOnReplaced(world: World, run: Run): void {
  const { request } = run
  if (world.rules.profile === 'read-your-writes') {
    rememberOwnWrites(world, run)
    freezeWhatWasWaitedFor(world, run)
  }
  closeGap(world.next, request)
}

/** Reads of the replaced instance wait for its writes, those of the second one do not. */
function rememberOwnWrites(world: World, run: Run): void {
  const { process } = run.request.controller
  for (const change of run.changes) {
    const { slot } = change
    if (change.answerLost === true) continue
    const held = { slot: slot.id, ...viewVersion(world, process, slot) }
    for (const controller of process.controllers) {
      if (!controller.readsAfterWrite.has(slot.kind.id)) continue
      for (const { retiredParts } of controller.requests.values())
        for (const part of retiredParts) freeze(world, part, held, true)
    }
  }
}

/** After a wait for a kind its reconcile has seen the truth of that kind, and goes on seeing this. */
function freezeWhatWasWaitedFor(world: World, run: Run): void {
  const { cluster } = world
  if (world.next[run.retired] === 0) return
  for (const { kind } of run.waits) {
    const inFlight = valueOf(cluster.inFlights, world.next[run.retired] as number)
    const frozen = inFlight.frozen.filter(({ slot }) => cluster.slots[slot]?.kind.id !== kind)
    world.next[run.retired] = internInFlight(world, { ...inFlight, frozen })
    const part = run.request.controller.process.episodeParts.get(kind)
    const queue = part === undefined ? 0 : (world.next[part] as number)
    if (queue === 0) continue
    for (const event of valueOf(cluster.episodes, queue).events) {
      const slot = cluster.slots[event.slot]
      if (slot === undefined) continue
      const held = { slot: slot.id, version: world.next[slot.part] as number, revision: revisionOf(world.next, slot) }
      freeze(world, run.retired, held, false)
    }
  }
}

/** Retired reconciles of a request lie in their parts in order of age, so that equal states are one. */
function closeGap(state: Int32Array, { retiredParts }: RequestEntry): void {
  let free = 0
  for (const part of retiredParts) {
    const id = state[part] as number
    if (id === 0) continue
    state[part] = 0
    state[retiredParts[free++] as number] = id
  }
}

/** The first part for a reconcile of a replaced instance that `state` leaves free. */
function retiredPartOf(cluster: Cluster, request: RequestEntry, state: Int32Array): number {
  const free = request.retiredParts.find((part) => (state[part] ?? 0) === 0)
  if (free !== undefined) return free
  const label = `retired ${request.retiredParts.length} ${request.label}`
  const part = addPart(cluster, PART_IN_FLIGHT, request.id, label)
  request.retiredParts.push(part)
  return part
}
