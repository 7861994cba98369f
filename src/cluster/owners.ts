/** Whose an object is when it is created. */
import { rootSlotOf } from './origin.ts'
import type { CommittedChange, Run } from './run.ts'
import { type Cluster, kindOf, type Slot, slotOf } from './tables.ts'
import { versionOf } from './versions.ts'

/**
 * The objects that the owner references of a new object name: the controller's, when one is marked so. Without any, the
 * object that the request of its reconcile names.
 */
export function ownersOf(cluster: Cluster, run: Run, { slot, after }: CommittedChange): readonly Slot[] {
  const { ownerReferences = [], namespace = '' } = versionOf(cluster.versions, after).body.metadata
  if (ownerReferences.length === 0) {
    const root = rootSlotOf(cluster, run.request)
    return root === undefined || root === slot ? [] : [root]
  }
  const marked = ownerReferences.filter(({ controller }) => controller === true)
  const owners: Slot[] = []
  for (const { apiVersion, kind: name, name: owner } of marked.length > 0 ? marked : ownerReferences) {
    const kind = kindOf(cluster, apiVersion, name)
    if (kind !== undefined) owners.push(slotOf(cluster, kind, kind.resource.namespaced ? namespace : '', owner))
  }
  return owners
}
