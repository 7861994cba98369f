/**
 * The DaemonSet controller: one pod on every node that fits. What to do is planned in `daemonset-plan.ts`; which pods
 * are its own is decided in `../claim.ts`, what the cache may not show yet is remembered in `../expectations.ts`.
 *
 * Source: https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/
 * Left out: maxSurge, minReadySeconds, ControllerRevision objects (so no rollback), the delay before a failed pod is
 * replaced. A pod's revision is the hash of its template, in the label controller-revision-hash.
 */
import { equalJson } from '#api/equal.ts'
import type { KubernetesObject } from '#api/object.ts'
import { controllerReferenceTo } from '#api/owner-reference.ts'
import type { MapFunction, Predicate, ReconcileRequest, Reconciler, ReconcilerTools } from '#controller/controller.ts'
import { type Controller, defineController } from '#controller/define-controller.ts'
import { candidatesFor, claim, mayAdopt } from '../claim.ts'
import { Expectations, expectationMemory } from '../expectations.ts'
import { type Pod, podType } from '../kinds.ts'
import { type NodeObject, nodeType } from '../node/node-kind.ts'
import { hasEnded, isReady, isTerminating } from '../pod-state.ts'
import { controllerManagerProcess } from '../processes.ts'
import { templateHash } from '../template-hash.ts'
import { unlessGone } from '../unless-gone.ts'
import { type DaemonSet, daemonSetType } from './daemonset-kind.ts'
import {
  countStatus,
  type DaemonPlan,
  daemonPodSpec,
  planPlacement,
  planUpdate,
  revisionLabel,
} from './daemonset-plan.ts'

export function daemonSet(): Controller {
  return defineController({
    name: 'daemonset',
    process: controllerManagerProcess,
    for: daemonSetType,
    owns: [{ ...podType, predicate: changesDaemon }],
    watches: [
      { ...podType, predicate: ({ type, object }) => type !== 'DELETED' && isOrphan(object), requests: adopters },
      { ...nodeType, predicate: changesPlacement, requests: everyDaemonSet },
    ],
    memory: expectationMemory,
    reconciler: (tools) => new DaemonSetReconciler(tools),
  })
}

/** Of a pod only what is counted, and what makes it belong to a set. */
const changesDaemon: Predicate = ({ type, object, old }) => {
  if (type !== 'MODIFIED' || old === undefined) return true
  const [before, after] = [old as Pod, object as Pod]
  return (
    hasEnded(before) !== hasEnded(after) ||
    isReady(before) !== isReady(after) ||
    isTerminating(before) !== isTerminating(after) ||
    !equalJson(before.metadata.labels, after.metadata.labels) ||
    !equalJson(before.metadata.ownerReferences, after.metadata.ownerReferences)
  )
}

/**
 * Of a node that it is there, its labels and its taints. Pods of one that is gone are `podgc`'s; upstream is told of
 * that only by their removal, and corrects its counts at the next resync if there are none.
 */
const changesPlacement: Predicate = ({ type, object, old }) => {
  if (type !== 'MODIFIED' || old === undefined) return true
  return !equalJson(object.metadata.labels, old.metadata.labels) || !equalJson(object['spec'], old['spec'])
}

function isOrphan({ metadata }: KubernetesObject): boolean {
  return metadata.ownerReferences?.some(({ controller }) => controller === true) !== true
}

/** The sets that would adopt a pod without a controller. */
const adopters: MapFunction = async (pod, { cached }) => {
  if (!isOrphan(pod)) return []
  const { namespace = '' } = pod.metadata
  const sets = await cached.list<DaemonSet>(daemonSetType, { namespace })
  return sets
    .filter((set) => mayAdopt(set.spec.selector, pod))
    .map(({ metadata }) => ({ namespace, name: metadata.name }))
}

const everyDaemonSet: MapFunction = async (_node, { cached }) => {
  const sets = await cached.list<DaemonSet>(daemonSetType)
  return sets.map(({ metadata: { namespace = '', name } }) => ({ namespace, name }))
}

class DaemonSetReconciler implements Reconciler {
  readonly expectations: Expectations
  private readonly tools: ReconcilerTools

  constructor(tools: ReconcilerTools) {
    this.tools = tools
    this.expectations = new Expectations(tools)
  }

  async reconcile(request: ReconcileRequest): Promise<void> {
    const { client } = this.tools
    const set = await client.tryGet<DaemonSet>(daemonSetType, request)
    if (set === undefined) return this.expectations.forget(request)
    if (set.metadata.deletionTimestamp !== undefined) return
    const nodes = await client.list<NodeObject>(nodeType)
    const candidates = await candidatesFor<Pod>(set, set.spec.selector, podType, client)
    const mayAct = await this.expectations.areFulfilled(request, candidates.owned, set)
    const pods = await claim(set, candidates, this.tools)
    const revision = templateHash(set.spec.template)
    const changes = mayAct && (await this.act(request, set, { nodes, pods, revision }))
    const status = countStatus(set, nodes, pods, revision)
    if (equalJson(status, set.status)) return
    if (mayAct && !changes) this.expectations.forget(request)
    await client.status().update({ ...set, status })
  }

  /** Places pods where they are missing; only once nothing is to be placed, the rolling update goes on. */
  private async act(
    request: ReconcileRequest,
    set: DaemonSet,
    { nodes, pods, revision }: { nodes: readonly NodeObject[]; pods: readonly Pod[]; revision: string },
  ): Promise<boolean> {
    const placing = planPlacement(set, nodes, pods)
    const isPlaced = placing.create.length + placing.delete.length === 0
    const plan = isPlaced ? { create: [], delete: planUpdate(set, nodes, pods, revision) } : placing
    await this.carryOut(request, set, plan, revision)
    return plan.create.length + plan.delete.length > 0
  }

  private async carryOut(request: ReconcileRequest, set: DaemonSet, plan: DaemonPlan, revision: string): Promise<void> {
    const created: Pod[] = []
    const deleted: Pod[] = []
    try {
      for (const node of plan.create) created.push((await this.tools.client.create(podOf(set, node, revision))) as Pod)
      for (const pod of plan.delete) {
        await this.deletePod(pod)
        deleted.push(pod)
      }
    } finally {
      this.expectations.expect(request, created, deleted)
    }
  }

  private async deletePod(pod: Pod): Promise<void> {
    await unlessGone(this.tools.client.delete(pod, { preconditions: { uid: pod.metadata.uid } }))
  }
}

function podOf(set: DaemonSet, node: string, revision: string): KubernetesObject {
  const { metadata = {} } = set.spec.template
  const { name, namespace } = set.metadata
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      generateName: `${name}-`,
      ...(namespace === undefined ? {} : { namespace }),
      labels: { ...metadata.labels, [revisionLabel]: revision },
      ...(metadata.annotations === undefined ? {} : { annotations: metadata.annotations }),
      ownerReferences: [controllerReferenceTo(set)],
    },
    spec: daemonPodSpec(set, node),
  }
}
