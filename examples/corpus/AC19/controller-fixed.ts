/** The fixed twin of `controller.ts`: before a pod is deleted the API server is asked what is wanted and what is ready. */
import { type Client, defineController, type Reader, type Reconciler } from 'kamera'
import { imageOf, isReady, type Member, membersOf, pod, quorum, searchCluster } from './workload.ts'

export function searchController() {
  return defineController({
    name: 'search-operator',
    for: searchCluster,
    owns: [pod],
    reconciler: ({ client, apiReader }) => new SearchReconciler(client, apiReader),
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
  private readonly apiReader: Reader

  constructor(client: Client, apiReader: Reader) {
    this.client = client
    this.apiReader = apiReader
  }

  async reconcile({ namespace = '', name }: { readonly namespace?: string; readonly name: string }) {
    const cluster = await this.apiReader.tryGet(searchCluster, { namespace, name })
    if (cluster === undefined) return
    const members = await this.client.list<Member>(pod, { namespace, labelSelector: { app: name } })

    for (const wanted of membersOf(cluster)) {
      if (!members.some(({ metadata }) => metadata.name === wanted.metadata.name)) await this.client.create(wanted)
    }
    const isOutdated = ({ spec }: Member) => spec.containers[0]?.image !== imageOf(cluster.spec.version)
    const phase = members.some(isOutdated) ? 'Updating' : 'Running'
    await this.client.status().update({ ...cluster, status: { phase } })

    if (members.filter(isReady).length <= quorum) return
    const live = await this.apiReader.list<Member>(pod, { namespace, labelSelector: { app: name } })
    const outdated = live.filter(isOutdated)
    const next = outdated[this.turn % outdated.length]
    if (next === undefined || live.filter(isReady).length <= quorum) return
    this.turn++
    await this.client.delete(next, { preconditions: { uid: next.metadata.uid ?? '' } })
  }
}
