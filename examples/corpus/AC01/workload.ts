/** A ZookeeperCluster is created, deleted as `kubectl delete` does it, and created again under the same name. */
import { create, remove } from 'kamera'

export const zookeeperCluster = { apiVersion: 'zookeeper.pravega.io/v1beta1', kind: 'ZookeeperCluster' }
export const statefulSet = { apiVersion: 'apps/v1', kind: 'StatefulSet' }
export const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim' }

const zk = { ...zookeeperCluster, metadata: { namespace: 'default', name: 'zk' }, spec: { replicas: 1 } }

export const workload = {
  kinds: [zookeeperCluster],
  actions: [create(zk), remove({ ...zookeeperCluster, namespace: 'default', name: 'zk' }), create(zk)],
}
