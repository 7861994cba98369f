/**
 * The same operator in a history that really runs: the cluster is deleted, its claims hold it back until they are gone,
 * and it is created again. A restart with an old list deletes the new cluster's claims; since real views catch up, the
 * operator then makes them anew. At rest there are claims, without the data.
 */
import { create, defineController, defineScenario, remove } from 'kamera'
import { claim, claimsOf, clusterOf, zookeeperCluster, zookeeperReconciler } from './controller.ts'

const zookeeperController = defineController({
  name: 'ZookeeperReconciler',
  for: zookeeperCluster,
  watches: [
    { ...claim, requests: ({ metadata: { namespace = '', labels } }) => [{ namespace, name: labels?.app ?? '' }] },
  ],
  reconciler: ({ client }) => zookeeperReconciler(client),
})

const target = { ...zookeeperCluster, namespace: 'default', name: 'zk-cluster' }
const { uid: _, ...metadata } = clusterOf('').metadata

export default defineScenario({
  name: 'zookeeper-312',
  kinds: [zookeeperCluster],
  objects: [clusterOf('zk-old-uid'), ...claimsOf('zk-old-uid', ['pvc-uid-1', 'pvc-uid-2', 'pvc-uid-3'])],
  controllers: [zookeeperController],
  actions: [remove(target, { propagationPolicy: 'Foreground' }), create({ ...clusterOf(''), metadata })],
})
