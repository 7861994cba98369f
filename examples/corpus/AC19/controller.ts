/**
 * A search operator that brings members to a new version by deleting their pods in turn, while a quorum is ready.
 * From opensearch-operator #1471: how many are ready is counted in a cache that may not have seen the pod go that was
 * just deleted; so the next one goes as well.
 */
import { type Client, defineController, type Reconciler } from 'kamera'
import { imageOf, isReady, type Member, membersOf, pod, quorum, searchCluster } from './workload.ts'

export function searchController() {
  return defineController({
    name: 'search-operator',
    for: searchCluster,
    owns: [pod],
    reconciler: ({ client }) => new SearchReconciler(client),
    memory: {
      snapshot: (reconciler: SearchReconciler) => reconciler.turn,
      restore: (reconciler: SearchReconciler, turn) => {
        reconciler.turn = Number(turn)
      },
    },
  })
}

class SearchReconciler implements Reconciler {
  /** How many pods were deleted. Only for taking turns: a new process begins anew. */
  turn = 0
  private readonly client: Client

  constructor(client: Client) {
    this.client = client
  }

  async reconcile({ namespace = '', name }: { readonly namespace?: string; readonly name: string }) {
    const cluster = await this.client.tryGet(searchCluster, { namespace, name })
    if (cluster === undefined) return
    const members = await this.client.list<Member>(pod, { namespace, labelSelector: { app: name } })

    for (const wanted of membersOf(cluster)) {
      if (!members.some(({ metadata }) => metadata.name === wanted.metadata.name)) await this.client.create(wanted)
    }
    const isOutdated = ({ spec }: Member) => spec.containers[0]?.image !== imageOf(cluster.spec.version)
    const phase = members.some(isOutdated) ? 'Updating' : 'Running'
    await this.client.status().update({ ...cluster, status: { phase } })

    if (members.filter(isReady).length <= quorum) return
    const outdated = members.filter(isOutdated)
    const next = outdated[this.turn % outdated.length]
    if (next === undefined) return
    this.turn++
    await this.client.delete(next, { preconditions: { uid: next.metadata.uid ?? '' } })
  }
}
