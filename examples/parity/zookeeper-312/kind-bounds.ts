/**
 * The Go Kamera's own exploration of #312: it begins after the history, and the operator's view of the cluster is stuck
 * at one of its last versions for ever. `npx tsx examples/parity/zookeeper-312/kind-bounds.ts` prints the outcomes.
 */
import { ExplorerBuilder, Scheme } from 'kamera'
import { claimsOf, clusterOf, zookeeperCluster, zookeeperReconciler } from './controller.ts'

const id = 'ZookeeperReconciler'
const kind = 'zookeeper.pravega.io/ZookeeperCluster'

/** @param versions from how many of the cluster's last versions the operator's view is chosen */
export async function exploreHistory(versions: number) {
  const builder = new ExplorerBuilder(new Scheme().add(zookeeperCluster))
    .withReconciler(id, zookeeperReconciler)
    .assignReconcilerToKind(id, kind)
    .withResourceDep('core/PersistentVolumeClaim', id)
    .withKindBounds(id, { [kind]: versions })

  const before = {
    cluster: clusterOf('zk-old-uid'),
    claims: claimsOf('zk-old-uid', ['pvc-uid-1', 'pvc-uid-2', 'pvc-uid-3']),
  }
  const after = {
    cluster: clusterOf('zk-new-uid'),
    claims: claimsOf('zk-new-uid', ['pvc-uid-4', 'pvc-uid-5', 'pvc-uid-6']),
  }
  const history = builder.newStateEventBuilder()
  history.addStateEvent({ operation: 'create', object: before.cluster })
  for (const object of before.claims) history.addStateEvent({ operation: 'create', object })
  history.addStateEvent({ operation: 'delete', object: before.cluster })
  for (const object of before.claims) history.addStateEvent({ operation: 'delete', object })
  for (const object of before.claims) history.addStateEvent({ operation: 'remove', object })
  history.addStateEvent({ operation: 'remove', object: before.cluster })
  history.addTopLevelObject(after.cluster, id)
  for (const object of after.claims) history.addStateEvent({ operation: 'create', object })
  return builder.build().explore(history)
}

if (process.argv[1] === import.meta.filename) {
  for (const versions of [1, 2, 3, 4]) {
    const { convergedStates } = await exploreHistory(versions)
    console.log(`within the last ${versions}: ${convergedStates.length} converged state(s)`)
    for (const { objects, views } of convergedStates) {
      console.log(
        `  ${objects.map(({ metadata }) => metadata.name).join(', ')}${views.length === 0 ? '' : ` (${views.join('; ')})`}`,
      )
    }
  }
}
