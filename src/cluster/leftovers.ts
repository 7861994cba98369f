/** What a state at rest has left of roots that are gone: told from the state alone, still to be asked whether wanted. */
import { externalResources } from './external-systems.ts'
import { type Maker, originOf } from './origin.ts'
import { type Cluster, EXTERNAL_KIND, type Slot } from './tables.ts'
import { versionOf } from './versions.ts'

/**
 * `object`, `finalizer`: made for a root that is gone. `owner`: an owner reference to what is not there.
 * `external`: a resource whose id no object holds.
 */
export type Leftover =
  | { readonly type: 'object'; readonly slot: Slot; readonly maker: Maker }
  | { readonly type: 'finalizer'; readonly slot: Slot; readonly maker: Maker; readonly finalizer: string }
  | { readonly type: 'owner'; readonly slot: Slot; readonly owner: string }
  | { readonly type: 'external'; readonly system: string; readonly resource: string }

/** The leftovers of a state, objects in the order in which they were first met. */
export function leftoversIn(cluster: Cluster, state: Int32Array): readonly Leftover[] {
  const found: Leftover[] = []
  const isGone = (slot: number): boolean => (state[cluster.slots[slot]?.part ?? 0] ?? 0) === 0
  for (const slot of cluster.slots) {
    if (slot.kind.id === EXTERNAL_KIND || (state[slot.part] ?? 0) === 0) continue
    const origin = originOf(cluster, state, slot)
    if (origin?.maker !== undefined && isGone(origin.maker.root))
      found.push({ type: 'object', slot, maker: origin.maker })
    for (const { name: finalizer, ...maker } of origin?.finalizers ?? [])
      if (isGone(maker.root)) found.push({ type: 'finalizer', slot, maker, finalizer })
    if (found.some((leftover) => 'slot' in leftover && leftover.slot === slot)) continue
    const owner = danglingOwner(cluster, state, slot)
    if (owner !== undefined) found.push({ type: 'owner', slot, owner })
  }
  found.push(...unheldResources(cluster, state))
  return found
}

/** An owner of an object that is not there, where the collector should have seen to it. */
function danglingOwner(cluster: Cluster, state: Int32Array, slot: Slot): string | undefined {
  if (cluster.scenario.garbageCollection === false) return undefined
  const { ownerReferences } = versionOf(cluster.versions, state[slot.part] as number).body.metadata
  if (ownerReferences === undefined || ownerReferences.length === 0) return undefined
  const dangling = ownerReferences.find(({ uid }) => !isLiveUid(cluster, state, uid))
  return dangling === undefined ? undefined : `${dangling.kind} ${dangling.name}`
}

/** Whether all owners of an object are gone: the collector is about to delete it, whoever else does. */
export function isGarbage(cluster: Cluster, state: Int32Array, slot: Slot): boolean {
  if (cluster.scenario.garbageCollection === false || (state[slot.part] ?? 0) === 0) return false
  const { ownerReferences = [] } = versionOf(cluster.versions, state[slot.part] as number).body.metadata
  return ownerReferences.length > 0 && ownerReferences.every(({ uid }) => !isLiveUid(cluster, state, uid))
}

function isLiveUid(cluster: Cluster, state: Int32Array, uid: string): boolean {
  return cluster.slots.some(({ part }) => {
    const version = state[part] ?? 0
    return version !== 0 && versionOf(cluster.versions, version).body.metadata.uid === uid
  })
}

/** Resources that were not there at the start, and that no object mentions. */
function unheldResources(cluster: Cluster, state: Int32Array): readonly Leftover[] {
  const found: Leftover[] = []
  for (const [name, system] of cluster.externals) {
    const before = new Set(externalResources(cluster, system, system.initial))
    const now = externalResources(cluster, system, state[system.slot.part] as number)
    for (const resource of now)
      if (!before.has(resource) && !isHeld(cluster, state, resource))
        found.push({ type: 'external', system: name, resource })
  }
  return found
}

/** An object holds an id that stands anywhere in it, and one that is made of its uid, or of its namespace and name. */
function isHeld(cluster: Cluster, state: Int32Array, resource: string): boolean {
  return cluster.slots.some(({ kind, part, namespace, name }) => {
    const version = state[part] ?? 0
    if (version === 0 || kind.id === EXTERNAL_KIND) return false
    const { body } = versionOf(cluster.versions, version)
    const { uid } = body.metadata
    if (uid !== undefined && resource.includes(uid)) return true
    if (resource === name || resource === `${namespace}/${name}` || resource === `${namespace}-${name}`) return true
    return JSON.stringify(body).includes(JSON.stringify(resource).slice(1, -1))
  })
}
