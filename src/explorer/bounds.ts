/**
 * `withKindBounds`: the Go Kamera's model of staleness. A reconciler's view of a kind is stuck at one of the last
 * versions of the history that the exploration starts from, and never catches up; each choice is explored by itself.
 * The newest version is no exception to the truth: such a view goes on with it.
 */
import { cloneJson, deepFreeze } from '#api/clone.ts'
import { describeObject } from '#api/key.ts'
import type { KubernetesObject, TypeReference } from '#api/object.ts'
import type { ResourceInfo } from '#api/resource.ts'
import { type InitialState, markedForDeletion, type StateEvent } from './start.ts'
import type { StuckKind } from './stuck-view.ts'

export interface KindBound {
  readonly reconciler: string
  readonly type: TypeReference
  readonly resource: ResourceInfo
  /** How many versions the view may be chosen from, the newest included. */
  readonly versionsMax: number
}

/** The views that are stuck in one exploration, by reconciler, and a sentence on each. */
export interface StuckViews {
  readonly kinds: ReadonlyMap<string, readonly StuckKind[]>
  readonly descriptions: readonly string[]
}

/** Every combination of versions that the bounds allow; one with nothing stuck comes first. */
export function stuckViewsOf(bounds: readonly KindBound[], { history = [] }: InitialState): readonly StuckViews[] {
  let combinations: readonly StuckViews[] = [{ kinds: new Map(), descriptions: [] }]
  for (const bound of bounds) {
    const versions = versionsOf(bound.type, history)
    const older = versions.slice(Math.max(0, versions.length - bound.versionsMax), -1).reverse()
    combinations = combinations.flatMap((combination) => [
      combination,
      ...older.map((version) => withVersion(combination, bound, version)),
    ])
  }
  return combinations
}

interface KindVersion {
  /** Number of the event that made it, from 1. */
  readonly event: number
  readonly objects: readonly KubernetesObject[]
}

/** The objects of a kind after each event of that kind, oldest first. Their resourceVersions are the events' numbers. */
function versionsOf({ apiVersion, kind }: TypeReference, history: readonly StateEvent[]): readonly KindVersion[] {
  const versions: KindVersion[] = []
  const objects = new Map<string, KubernetesObject>()
  for (const [index, { operation, object }] of history.entries()) {
    const given = object as KubernetesObject
    if (given.apiVersion !== apiVersion || given.kind !== kind) continue
    const key = describeObject(given)
    if (operation === 'remove') objects.delete(key)
    else objects.set(key, numbered(operation === 'delete' ? markedForDeletion(given) : given, index + 1))
    versions.push({ event: index + 1, objects: [...objects.values()] })
  }
  return versions
}

function numbered(object: KubernetesObject, event: number): KubernetesObject {
  return deepFreeze(cloneJson({ ...object, metadata: { resourceVersion: String(event), ...object.metadata } }))
}

function withVersion({ kinds, descriptions }: StuckViews, bound: KindBound, version: KindVersion): StuckViews {
  const { reconciler, type, resource } = bound
  const stuck: StuckKind = {
    type,
    resource: { group: resource.group, resource: resource.resource },
    objects: version.objects,
  }
  return {
    kinds: new Map([...kinds, [reconciler, [...(kinds.get(reconciler) ?? []), stuck]]]),
    descriptions: [...descriptions, `${reconciler} sees ${type.kind} as after event ${version.event} of the history`],
  }
}
