/**
 * The pod garbage collector: removes pods that no kubelet will ever remove, because their node is gone. They are marked
 * as failed first, so that whoever reads their phase knows.
 *
 * Source: https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-garbage-collection and
 * kubernetes/pkg/controller/podgc/gc_controller.go.
 * Left out: the quarantine of 40 s and the period of 20 s (it acts at once), the limit of 12500 ended pods, the taint
 * out-of-service. In a cluster without any Node object nodes are left out, and nothing is an orphan.
 */
import type { KubernetesObject } from '#api/object.ts'
import type { MapFunction, ReconcileRequest, Reconciler, ReconcilerTools } from '#controller/controller.ts'
import { type Controller, defineController } from '#controller/define-controller.ts'
import { type Condition, type Pod, podType } from '../kinds.ts'
import { nodeType } from '../node/node-kind.ts'
import { hasEnded } from '../pod-state.ts'
import { controllerManagerProcess } from '../processes.ts'
import { unlessGone } from '../unless-gone.ts'

export function podGarbageCollector(): Controller {
  return defineController({
    name: 'podgc',
    process: controllerManagerProcess,
    for: { ...podType, predicate: ({ type, object, old }) => type !== 'DELETED' && isNewlyBound(object, old) },
    watches: [{ ...nodeType, predicate: ({ type }) => type !== 'MODIFIED', requests: boundPods }],
    reconciler: (tools) => new PodGarbageCollector(tools),
  })
}

function isNewlyBound(object: KubernetesObject, old: KubernetesObject | undefined): boolean {
  const node = (object as Pod).spec.nodeName
  return node !== undefined && node !== (old as Pod | undefined)?.spec.nodeName
}

/** The first Node that comes makes lost what is bound to another, as a Node does that goes. */
const boundPods: MapFunction = async (_node, { cached }) => {
  const pods = await cached.list<Pod>(podType)
  return pods
    .filter(({ spec }) => spec.nodeName !== undefined)
    .map(({ metadata: { namespace = '', name } }) => ({ namespace, name }))
}

class PodGarbageCollector implements Reconciler {
  private readonly tools: ReconcilerTools

  constructor(tools: ReconcilerTools) {
    this.tools = tools
  }

  async reconcile(request: ReconcileRequest): Promise<void> {
    const { client } = this.tools
    const pod = await client.tryGet<Pod>(podType, request)
    if (pod?.spec.nodeName === undefined || !(await this.isLost(pod.spec.nodeName))) return
    if (!hasEnded(pod)) await unlessGone(this.markFailed(pod))
    await unlessGone(client.delete(pod, { gracePeriodSeconds: 0, preconditions: { uid: pod.metadata.uid } }))
  }

  /** The cache may be late, so the API server has the last word. */
  private async isLost(name: string): Promise<boolean> {
    const { client, apiReader } = this.tools
    const isMissing = (nodes: readonly KubernetesObject[]): boolean =>
      nodes.length > 0 && !nodes.some(({ metadata }) => metadata.name === name)
    return isMissing(await client.list(nodeType)) && isMissing(await apiReader.list(nodeType))
  }

  private async markFailed(pod: Pod): Promise<void> {
    const target: Condition = { type: 'DisruptionTarget', status: 'True', reason: 'DeletionByPodGC' }
    const patch = { metadata: { uid: pod.metadata.uid }, status: { phase: 'Failed', conditions: [target] } }
    await this.tools.client.status().patch(pod, patch, { patchType: 'strategic' })
  }
}
