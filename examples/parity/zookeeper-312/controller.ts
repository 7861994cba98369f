/**
 * The ZooKeeper operator of zookeeper-operator #312, as the Go Kamera's example has it: claims are found by a label with
 * the cluster's name, and deleted while the cluster is seen being deleted, whichever cluster of that name it is.
 */
import type { Client, KubernetesObject, ReconcileRequest } from 'kamera'

export const zookeeperCluster = { apiVersion: 'zookeeper.pravega.io/v1beta1', kind: 'ZookeeperCluster' }
export const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim' }

export const size = 3

export function zookeeperReconciler(client: Client) {
  return {
    async reconcile({ namespace = '', name }: ReconcileRequest) {
      const cluster = await client.tryGet(zookeeperCluster, { namespace, name })
      if (cluster === undefined) return
      if (cluster.metadata.deletionTimestamp !== undefined) {
        const claims = await client.list<KubernetesObject>(claim, { namespace, labelSelector: { app: name } })
        const present = claims.filter(({ metadata }) => metadata.deletionTimestamp === undefined)
        for (const each of present) await client.delete(each)
        return
      }
      for (let ordinal = 0; ordinal < cluster.spec.size; ordinal++) {
        const metadata = { namespace, name: `${name}-pvc-${ordinal}`, labels: { app: name } }
        if ((await client.tryGet(claim, metadata)) === undefined) await client.create({ ...claim, metadata, spec })
      }
    },
  }
}

const spec = {
  accessModes: ['ReadWriteOnce'],
  storageClassName: 'standard',
  resources: { requests: { storage: '10Gi' } },
}

export function clusterOf(uid: string) {
  return { ...zookeeperCluster, metadata: { namespace: 'default', name: 'zk-cluster', uid }, spec: { size } }
}

/** The claims of a cluster as the history has them: its dependents, which hold it back while it is deleted. */
export function claimsOf(clusterUid: string, uids: readonly string[]) {
  const owner = { ...zookeeperCluster, name: 'zk-cluster', uid: clusterUid, blockOwnerDeletion: true }
  return uids.map((uid, ordinal) => ({
    ...claim,
    metadata: {
      namespace: 'default',
      name: `zk-cluster-pvc-${ordinal}`,
      uid,
      labels: { app: 'zk-cluster' },
      ownerReferences: [owner],
    },
    spec,
  }))
}
