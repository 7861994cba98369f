/** The versions of a recorded cluster's objects, as far as lists, reads, answers of writes and watch events tell. */
import { equalJson } from '#api/equal.ts'
import { namespacedNameKey } from '#api/key.ts'
import type { KubernetesObject } from '#api/object.ts'
import type { ResourceInfo, ResourceTable } from '#api/resource.ts'
import type { TraceEvent } from '#trace/trace-event.ts'
import { createSelections } from './watch-selections.ts'

/** `object` undefined: it was removed at this version. */
export interface RecordedVersion {
  readonly version: number
  readonly object: KubernetesObject | undefined
  /** The step that first told of it. */
  readonly step: number
}

export interface RecordedVersions {
  /** The newest that is not newer than `version` (`inclusive`), or older than it. */
  before(name: ObjectPlace, version: number, inclusive: boolean): RecordedVersion | undefined
  readonly all: ReadonlyMap<string, { readonly place: ObjectPlace; readonly versions: readonly RecordedVersion[] }>
  /** Two events that show one version with different contents: the later one, and which object. */
  readonly contradiction: { readonly step: number; readonly place: ObjectPlace; readonly first: number } | undefined
}

export interface ObjectPlace {
  readonly resource: ResourceInfo
  readonly namespace: string
  readonly name: string
}

export function placeKey({ resource, namespace, name }: ObjectPlace): string {
  return `${resource.key} ${namespacedNameKey(namespace, name)}`
}

/** Undefined: nobody serves the kind, or the object has no name. */
export function placeOf(resources: ResourceTable, object: KubernetesObject): ObjectPlace | undefined {
  const resource = resources.byKind(object.apiVersion, object.kind)
  const { name, namespace = '' } = object.metadata
  return resource === undefined || name === undefined ? undefined : { resource, namespace, name }
}

interface Building {
  readonly place: ObjectPlace
  versions: RecordedVersion[]
  /** Removals that watches with selectors told of, with the uid: the object may only not be selected any more. */
  readonly perhaps: { readonly version: number; readonly uid: string | undefined; readonly step: number }[]
}

export function recordedVersions(resources: ResourceTable, events: readonly TraceEvent[]): RecordedVersions {
  const all = new Map<string, Building>()
  let contradiction: RecordedVersions['contradiction']
  const selections = createSelections()
  const tell = (object: KubernetesObject, told: 'there' | 'removed' | 'perhaps removed', step: number): void => {
    const place = placeOf(resources, object)
    const version = Number(object.metadata.resourceVersion)
    if (place === undefined || !Number.isFinite(version)) return
    const key = placeKey(place)
    const known = all.get(key) ?? { place, versions: [], perhaps: [] }
    all.set(key, known)
    if (told === 'perhaps removed') {
      known.perhaps.push({ version, uid: object.metadata.uid, step })
      return
    }
    const removed = told === 'removed'
    const same = known.versions.find((each) => each.version === version)
    if (same === undefined) known.versions.push({ version, object: removed ? undefined : object, step })
    // A removal may have the version of the write that removed the last finalizer.
    else if (removed) known.versions[known.versions.indexOf(same)] = { version, object: undefined, step }
    else if (same.object !== undefined && !isSameContent(same.object, object))
      contradiction ??= { step, place, first: same.step }
  }
  for (const event of events) {
    selections.take(event)
    if (event.type === 'delivery' && event.value !== undefined) {
      if (event.event === 'DELETED')
        tell(event.value, selections.mayBe(event) ? 'perhaps removed' : 'removed', event.step)
      else if (event.partial !== true) tell(event.value, 'there', event.step)
    }
    if (event.type !== 'call' || event.partial === true) continue
    if (event.subresource !== undefined && event.subresource !== 'status') continue
    const { response, committed = [] } = event
    if ('items' in response && event.verb === 'list') for (const item of response.items) tell(item, 'there', event.step)
    if ('object' in response && response.object !== null && !committed.some(({ removed }) => removed))
      tell(response.object, 'there', event.step)
  }
  for (const building of all.values()) building.versions = withRemovals(building)
  return {
    all,
    contradiction,
    before: (place, version, inclusive) =>
      all
        .get(placeKey(place))
        ?.versions.findLast((each) => each.version < version || (inclusive && each.version === version)),
  }
}

/** Another version of the API shows the same object in another shape: that is not compared. */
function isSameContent(one: KubernetesObject, other: KubernetesObject): boolean {
  return one.apiVersion !== other.apiVersion || equalJson(one, other)
}

/** In order, with the removals that nothing speaks against. */
function withRemovals({ versions, perhaps }: Building): RecordedVersion[] {
  const isThereLater = (version: number, uid: string | undefined): boolean =>
    versions.some((each) => each.version >= version && each.object !== undefined && each.object.metadata.uid === uid)
  const removals = new Map<number, RecordedVersion>()
  for (const { version, uid, step } of perhaps) {
    const isKnown = removals.has(version) || versions.some((each) => each.version === version)
    if (!isKnown && !isThereLater(version, uid)) removals.set(version, { version, object: undefined, step })
  }
  return [...versions, ...removals.values()].sort((left, right) => left.version - right.version)
}
