/** Whether a leftover is wanted by somebody: without it, a restart at rest would make it again. It is executed. */
import type { KubernetesObject } from '#api/object.ts'
import type { Leftover } from './leftovers.ts'
import type { Level } from './level.ts'
import { restartWrites } from './restart-writes.ts'
import type { Cluster, Slot } from './tables.ts'
import { internVersion, versionOf } from './versions.ts'

/** `state` is the encoded state at rest. */
export async function isWanted(
  level: Pick<Level, 'cluster' | 'model'>,
  state: Int32Array,
  leftover: Leftover,
): Promise<boolean> {
  if (leftover.type === 'owner' || leftover.type === 'external') return false
  const { cluster } = level
  const { slot } = leftover
  const without = state.slice()
  without[slot.part] = leftover.type === 'object' ? 0 : withoutFinalizer(cluster, state, leftover)
  const writes = await restartWrites(level, without)
  return writes.some(({ operation, slot: written, after }) => {
    if (leftover.type === 'object') return operation === 'create' && isSameName(cluster, written, slot)
    if (written !== slot || after === 0) return false
    return versionOf(cluster.versions, after).body.metadata.finalizers?.includes(leftover.finalizer) === true
  })
}

function withoutFinalizer(
  cluster: Cluster,
  state: Int32Array,
  { slot, finalizer }: { readonly slot: Slot; readonly finalizer: string },
): number {
  const { body } = versionOf(cluster.versions, state[slot.part] as number)
  const finalizers = (body.metadata.finalizers ?? []).filter((name) => name !== finalizer)
  const metadata = Object.freeze({ ...body.metadata, finalizers: Object.freeze(finalizers) })
  return internVersion(cluster.versions, Object.freeze({ ...body, metadata }) as unknown as KubernetesObject)
}

/** The same object, or another of the same generated name. */
function isSameName(cluster: Cluster, a: Slot, b: Slot): boolean {
  if (a === b) return true
  if (a.kind !== b.kind || a.namespace !== b.namespace) return false
  const { generatedNames } = cluster.versions
  const family = generatedNames.get(a.name)?.familyId
  return family !== undefined && family === generatedNames.get(b.name)?.familyId
}
