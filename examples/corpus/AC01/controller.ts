/**
 * A ZooKeeper operator that deletes an ensemble's claims before it lets the ensemble go.
 * From zookeeper-operator #312, rabbitmq #648, casskop #316, cass-operator #412: the claims are found by a label with
 * the ensemble's name, so an operator that starts with an old cache, in which the former ensemble of that name is
 * being deleted, deletes the data of the present one.
 */
import { defineController } from 'kamera'
import { claimsOf, statefulSetOf } from './manifests.ts'
import { claim, statefulSet, zookeeperCluster } from './workload.ts'

const finalizer = 'zookeeper.pravega.io/claims'

export function zookeeperController() {
  return defineController({
    name: 'zookeeper-operator',
    for: zookeeperCluster,
    owns: [statefulSet, claim],
    reconciler: ({ client }) => ({
      async reconcile({ namespace = '', name }) {
        const cluster = await client.tryGet(zookeeperCluster, { namespace, name })
        if (cluster === undefined) return
        const { metadata } = cluster
        if (metadata.deletionTimestamp !== undefined) {
          const claims = await client.list(claim, { namespace, labelSelector: { app: name } })
          for (const found of claims) await client.delete(found)
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
