/**
 * Events that wait to be handled (`defineHandlers`). They are no set of keys but a queue for each object, in the part
 * where a request would be pending: slots, versions and revisions, as in a lag episode, so that what they hold is
 * renamed and compared as what undelivered events hold.
 */
import { setEpisode } from './episodes.ts'
import { valueOf } from './interner.ts'
import { holdReply, type Run } from './run.ts'
import {
  addPart,
  type Cluster,
  type ControllerEntry,
  PART_EPISODE,
  type Reply,
  type RequestEntry,
  type Slot,
  type UndeliveredEvent,
} from './tables.ts'
import type { EnqueueCause, World } from './world.ts'

/** Stands for the events of an object that a controller is to handle, one after the other. */
export function eventRequestOf(cluster: Cluster, controller: ControllerEntry, slot: Slot): RequestEntry {
  const { group, kind } = slot.kind.resource
  const key = `${group}/${kind} ${slot.namespace}/${slot.name}`
  const known = controller.requests.get(key)
  if (known !== undefined) return known
  const id = cluster.requests.length
  const label = `${controller.definition.name} ${kind} ${slot.namespace === '' ? '' : `${slot.namespace}/`}${slot.name}`
  const request: RequestEntry = {
    id,
    controller,
    namespace: slot.namespace,
    name: slot.name,
    pendingPart: addPart(cluster, PART_EPISODE, id, `events ${label} of ${group}`),
    handles: slot,
    timerPart: 0,
    inFlightPart: 0,
    retiredParts: [],
    roots: new Map(),
    label,
  }
  cluster.requests.push(request)
  controller.requests.set(key, request)
  return request
}

/** Adds an event at the end of a queue in `world.next`. A queue longer than `lagMax` cuts the path. */
export function enqueueEvent(
  world: World,
  {
    request,
    event,
    cause,
  }: { readonly request: RequestEntry; readonly event: UndeliveredEvent; readonly cause: EnqueueCause },
): void {
  const { next, cluster } = world
  world.onEnqueue?.(request, cause)
  const id = next[request.pendingPart] as number
  const queue = id === 0 ? [] : valueOf(cluster.episodes, id).events
  if (queue.length >= world.rules.lagMax) world.cut = true
  // Who wrote it is nobody's business any more once it is delivered.
  setEpisode(world, request.pendingPart, { events: [...queue, { ...event, own: 0 }], broken: false })
}

/** Takes a request out of the queue in `world.next`, or its oldest event. */
export function takePending(world: World, request: RequestEntry): void {
  const { next, cluster } = world
  if (request.handles === undefined) next[request.pendingPart] = 0
  else {
    const [, ...left] = valueOf(cluster.episodes, next[request.pendingPart] as number).events
    setEpisode(world, request.pendingPart, left.length === 0 ? undefined : { events: left, broken: false })
  }
}

/** Takes a request, or all its events, out of the queue in `world.next`. */
export function clearPending(world: World, request: RequestEntry): void {
  if (request.handles === undefined) world.next[request.pendingPart] = 0
  else setEpisode(world, request.pendingPart, undefined)
}

/** Answers with the oldest event in the state being expanded. The edge is the pair of versions. */
export function evaluateEvent(world: World, run: Run, keep: boolean): number {
  const queue = valueOf(world.cluster.episodes, world.state[run.request.pendingPart] as number).events
  const { slot, before, beforeRevision, after, afterRevision } = queue[0] as UndeliveredEvent
  const objects: number[] = []
  if (before !== 0) objects.push(slot, before, beforeRevision)
  if (after !== 0) objects.push(slot, after, afterRevision)
  const type = before === 0 ? 'ADDED' : after === 0 ? 'DELETED' : 'MODIFIED'
  const reply: Reply = { key: before * 67108864 + after, objects, form: 'event', value: type }
  if (keep) run.replies.push(reply)
  holdReply(run, reply)
  return reply.key
}
