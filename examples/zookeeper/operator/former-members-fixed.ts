/**
 * After a scale-down, the claims of the members that have left are deleted (reclaimPolicy Delete): otherwise a
 * member that joins later under the same ordinal would find an old member's data and identity.
 *
 * The fixed twin of `former-members.ts`: whether the ensemble has shrunk is asked of the API server. A cache may still
 * show the StatefulSet as it was before the last scale-up, and then the newest members would pass for former ones.
 */
import { type Clients, deleteClaims, listClaims, ordinalOf } from './claims.ts'
import { type StatefulSet, statefulSetKey, statefulSetType, type ZookeeperCluster } from './zookeeper-cluster.ts'

export async function removeClaimsOfFormerMembers(
  cluster: ZookeeperCluster,
  { client, apiReader }: Clients,
): Promise<void> {
  const statefulSet = await apiReader.tryGet<StatefulSet>(statefulSetType, statefulSetKey(cluster))
  if (statefulSet === undefined || !hasReachedSize(statefulSet)) return
  const claims = await listClaims(cluster, client)
  const former = claims.filter((claim) => ordinalOf(claim) >= statefulSet.spec.replicas)
  await deleteClaims(former, client)
}

/** Every pod of a removed member is gone, not only on its way out. */
function hasReachedSize({ metadata, spec, status }: StatefulSet): boolean {
  return status?.observedGeneration === metadata.generation && status?.replicas === spec.replicas
}
