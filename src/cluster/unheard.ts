/**
 * `unheard`: changes before the search began that processes have not been told of (`explore --from` of a recording).
 * Each is behind as in an episode of lag that has begun already: it costs no fault, and ends when it has caught up.
 */
import type { KubernetesObject, TypeReference } from '#api/object.ts'
import { initialState } from '#apiserver/state.ts'
import { setEpisode } from './episodes.ts'
import { episodePartOf } from './parts-on-demand.ts'
import {
  type Cluster,
  kindOf,
  type Process,
  REVISION,
  type Slot,
  START_MS,
  slotOf,
  type UndeliveredEvent,
  VOLATILE,
} from './tables.ts'
import { internVersion, versionOf } from './versions.ts'
import { ensureCapacity, type World } from './world.ts'
import { registerUidOf } from './write.ts'

export interface Unheard {
  /** In the order of the API server; the last one of each object leads to what is there at the start. */
  readonly changes: readonly UnheardChange[]
  readonly behind: readonly Behind[]
}

/** `before` absent: the object was created; `after` absent: it was removed. */
export interface UnheardChange {
  readonly before?: KubernetesObject
  readonly after?: KubernetesObject
}

/** How far the process of a controller was told of a kind. */
export interface Behind {
  readonly controller: string
  readonly kind: TypeReference
  /** The first of the changes that it was not told of. */
  readonly from: number
  /** It watches this namespace alone. */
  readonly namespace?: string
}

interface PlacedChange {
  readonly slot: Slot
  readonly event: UndeliveredEvent
}

/** Puts the changes into `world.next`, which has the initial objects. The result opens the episodes of a process that starts. */
export function putUnheard(world: World): (process: Process) => void {
  const { unheard } = world.cluster.scenario
  if (unheard === undefined) return () => {}
  const changes = chained(
    world,
    unheard.changes.map((change) => placed(world, change)),
  )
  return (process) => fallBehind(world, process, unheard, changes)
}

/** What one change leaves is what the next one finds, and what the last one leaves is there. */
function chained(
  { next }: World,
  changes: readonly (PlacedChange | undefined)[],
): readonly (PlacedChange | undefined)[] {
  const later = new Map<Slot, UndeliveredEvent>()
  return [...changes]
    .reverse()
    .map((change) => {
      if (change === undefined) return undefined
      const { slot, event } = change
      const linked = { ...event, after: later.get(slot)?.before ?? (next[slot.part] as number) }
      later.set(slot, linked)
      return { slot, event: linked }
    })
    .reverse()
}

function placed(world: World, { before, after }: UnheardChange): PlacedChange | undefined {
  const { cluster } = world
  const object = (after ?? before) as KubernetesObject
  const kind = kindOf(cluster, object.apiVersion, object.kind)
  if (kind === undefined) return undefined
  const { namespace = '', name = '', uid } = object.metadata
  const slot = slotOf(cluster, kind, kind.resource.namespaced ? namespace : '', name)
  ensureCapacity(world)
  if (uid !== undefined) registerUidOf(cluster, slot, uid, 0)
  const { next: state } = world
  const beforeRevision = state[slot.part + 1] as number
  const revision = ++(state[REVISION] as number)
  state[slot.part + 1] = revision
  // Whoever creates it again makes another one.
  if (after === undefined && state[slot.part] === 0) {
    state[slot.part + 2] = 1
    state[VOLATILE] = 1
  }
  return {
    slot,
    event: {
      slot: slot.id,
      before: versionOfBody(cluster, before),
      beforeRevision,
      after: versionOfBody(cluster, after),
      afterRevision: revision,
      own: 0,
    },
  }
}

/** As an initial object would be stored. 0: none. */
function versionOfBody(cluster: Cluster, object: KubernetesObject | undefined): number {
  if (object === undefined) return 0
  const resource = cluster.resources.byKind(object.apiVersion, object.kind)
  const { namespace = '', name = '' } = object.metadata
  const body =
    resource === undefined
      ? object
      : initialState(cluster.resources, [object], { nowMs: START_MS })
          .list(resource, undefined)
          .find(({ body: { metadata } }) => metadata.name === name && (metadata.namespace ?? '') === namespace)?.body
  const version = internVersion(cluster.versions, body ?? object)
  if (versionOf(cluster.versions, version).instants.some((instant) => instant !== START_MS)) cluster.oddInstants = true
  return version
}

function fallBehind(
  world: World,
  process: Process,
  { behind }: Unheard,
  changes: readonly (PlacedChange | undefined)[],
): void {
  const { cluster } = world
  if (process.alwaysLive) return
  const names = new Set(process.controllers.map(({ definition }) => definition.name))
  const told = behind.filter(({ controller }) => names.has(controller))
  for (const kind of [...cluster.kinds]) {
    if (!process.watchesAll && !process.informers.has(kind.id)) continue
    const known = told.filter((each) => kindOf(cluster, each.kind.apiVersion, each.kind.kind) === kind)
    if (known.length === 0) continue
    // One cache here may stand for several there: it is as new as the newest.
    const from = Math.max(...known.map((each) => each.from))
    const namespaces = known.flatMap(({ namespace }) => namespace ?? [])
    const isWatched = ({ slot }: PlacedChange): boolean =>
      namespaces.length < known.length || namespaces.includes(slot.namespace)
    const events = changes
      .slice(from)
      .flatMap((change) => (change?.slot.kind === kind && isWatched(change) ? [change.event] : []))
    if (events.length === 0) continue
    const part = episodePartOf(cluster, process, kind)
    ensureCapacity(world)
    setEpisode(world, part, { events, broken: false })
  }
}
