/**
 * The fixed twin of `controller.ts`: whether the ensemble is being deleted is asked of the API server, and only claims
 * that this incarnation owns are deleted, and only those that were listed: uids tell namesakes apart, names and labels do not.
 */
import { defineController, type KubernetesObject } from 'kamera'
import { claimsOf, statefulSetOf } from './manifests.ts'
import { claim, statefulSet, zookeeperCluster } from './workload.ts'

const finalizer = 'zookeeper.pravega.io/claims'

export function zookeeperController() {
  return defineController({
    name: 'zookeeper-operator',
    for: zookeeperCluster,
    owns: [statefulSet, claim],
    reconciler: ({ client, apiReader }) => ({
      async reconcile({ namespace = '', name }) {
        const cluster = await apiReader.tryGet(zookeeperCluster, { namespace, name })
        if (cluster === undefined) return
        const { metadata } = cluster
        if (metadata.deletionTimestamp !== undefined) {
          const claims = await client.list(claim, { namespace, labelSelector: { app: name } })
          for (const found of claims.filter((candidate) => isOwnedBy(candidate, metadata.uid))) {
            await client.delete(found, { preconditions: { uid: found.metadata.uid } })
          }
          await client.update({ ...cluster, metadata: { ...metadata, finalizers: [] } })
          return
        }
        if (metadata.finalizers === undefined) {
          await client.update({ ...cluster, metadata: { ...metadata, finalizers: [finalizer] } })
        }
        for (const wanted of [statefulSetOf(cluster), ...claimsOf(cluster)]) {
          if ((await client.tryGet(wanted, wanted.metadata)) === undefined) await client.create(wanted)
        }
      },
    }),
  })
}

function isOwnedBy({ metadata }: KubernetesObject, uid: string): boolean {
  return metadata.ownerReferences?.some((owner) => owner.uid === uid) === true
}
