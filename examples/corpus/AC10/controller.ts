/**
 * A Cassandra operator that takes a node out of the ring: Ongoing while it leaves, Finalizing while its pod goes, Done.
 * From casskop #370: that it is Finalizing it only remembers. After a restart it is Ongoing again, finds no pod to ask
 * whether the node has left, and fails before it does anything else: the cluster can never be changed again, and the
 * claim of the node that has left stays.
 */
import { ApiError, type Client, defineController, type KubernetesObject, type Reconciler } from 'kamera'
import { claim, cluster, pod, statefulSet, statefulSetOf } from './workload.ts'

export function cassandraController() {
  return defineController({
    name: 'cassandra-operator',
    for: cluster,
    owns: [statefulSet],
    watches: [{ ...pod, requests: ringOf }],
    reconciler: ({ client }) => new CassandraReconciler(client),
    memory: {
      snapshot: ({ phase }: CassandraReconciler) => phase,
      restore: (reconciler: CassandraReconciler, phase) => void Object.assign(reconciler, { phase }),
    },
  })
}

class CassandraReconciler implements Reconciler {
  phase = ''
  private readonly client: Client

  constructor(client: Client) {
    this.client = client
  }

  async reconcile(request: { readonly namespace?: string; readonly name: string }) {
    const ring = await this.client.tryGet(cluster, request)
    if (ring === undefined) return
    const wanted = statefulSetOf(ring)
    const set = await this.client.tryGet(statefulSet, request)
    if (set === undefined) {
      await this.client.create(wanted)
      return
    }

    if (ring.status?.phase !== 'Ongoing') {
      if (set.spec.replicas > ring.spec.nodes) await this.report(ring, 'Ongoing')
      return
    }

    const leaving = { ...request, name: `${request.name}-${ring.spec.nodes}` }
    if (this.phase !== 'Finalizing') {
      await this.hasLeft(await this.client.get(pod, leaving))
      this.phase = 'Finalizing'
    }
    if (set.spec.replicas > ring.spec.nodes) {
      await this.client.update({ ...set, spec: { ...set.spec, replicas: ring.spec.nodes } })
    }
    if ((await this.client.tryGet(pod, leaving)) !== undefined) return
    await this.deleteClaim({ ...leaving, name: `data-${leaving.name}` })
    this.phase = ''
    await this.report(ring, 'Done')
  }

  /** Asks the node itself (`nodetool netstats`), which answers as long as its pod is there. */
  private async hasLeft(_node?: KubernetesObject): Promise<void> {}

  private async deleteClaim(key: { readonly namespace?: string; readonly name: string }): Promise<void> {
    try {
      await this.client.delete({ type: claim, key })
    } catch (error) {
      if (!(error instanceof ApiError && error.isNotFound)) throw error
    }
  }

  private async report(ring: KubernetesObject, phase: string): Promise<void> {
    await this.client.status().update({ ...ring, status: { phase } })
  }
}

function ringOf({ metadata: { namespace = '', labels } }: KubernetesObject) {
  return labels?.app === undefined ? [] : [{ namespace, name: labels.app }]
}
