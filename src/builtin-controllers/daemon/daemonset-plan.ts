/**
 * Which nodes a DaemonSet wants a pod on, which pods it makes and removes for that, and how it stands: pure functions
 * of the set, the nodes and its pods.
 *
 * Source: https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/,
 * https://kubernetes.io/docs/tasks/manage-daemon/update-daemon-set/, kubernetes/pkg/controller/daemon/daemon_controller.go
 * and update.go. Left out: maxSurge, minReadySeconds, the delay before a failed pod is replaced.
 */
import { resolveShare } from '../deployment/rollout-plan.ts'
import type { Pod } from '../kinds.ts'
import {
  matchesNode,
  type NodeSelectorTerm,
  type SchedulingSpec,
  type Toleration,
  toleratesTaints,
} from '../node/node-fit.ts'
import type { NodeObject } from '../node/node-kind.ts'
import { hasEnded, isReady, isTerminating } from '../pod-state.ts'
import type { DaemonSet, DaemonSetStatus } from './daemonset-kind.ts'

/** What every daemon pod tolerates, so that it keeps running on a node in trouble. */
const daemonTolerations: readonly Toleration[] = [
  { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/disk-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/memory-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/pid-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' },
]

export const revisionLabel = 'controller-revision-hash'

export interface DaemonPlan {
  /** Names of the nodes that get a pod. */
  readonly create: readonly string[]
  readonly delete: readonly Pod[]
}

/** Whether a node should have a pod, and whether one that is there may stay. */
function placement(set: DaemonSet, node: NodeObject): { readonly wanted: boolean; readonly mayStay: boolean } {
  const spec = (set.spec.template.spec ?? {}) as SchedulingSpec
  if (!matchesNode(spec, node)) return { wanted: false, mayStay: false }
  const tolerations = [...(spec.tolerations ?? []), ...daemonTolerations]
  return {
    wanted: toleratesTaints(tolerations, node, ['NoSchedule', 'NoExecute']),
    mayStay: toleratesTaints(tolerations, node, ['NoExecute']),
  }
}

/** The pods of each node, oldest first. A pod that is not bound yet counts for the node that it is meant for. */
function podsByNode(pods: readonly Pod[]): ReadonlyMap<string, readonly Pod[]> {
  const byNode = new Map<string, Pod[]>()
  for (const pod of [...pods].sort(byAge)) {
    const node = targetNode(pod)
    if (node === undefined) continue
    const known = byNode.get(node)
    if (known === undefined) byNode.set(node, [pod])
    else known.push(pod)
  }
  return byNode
}

/** One pod on every node that should have one; ended ones are replaced. */
export function planPlacement(set: DaemonSet, nodes: readonly NodeObject[], pods: readonly Pod[]): DaemonPlan {
  const byNode = podsByNode(pods)
  const create: string[] = []
  const surplus: Pod[] = []
  for (const node of nodes) {
    const { wanted, mayStay } = placement(set, node)
    const here = byNode.get(node.metadata.name) ?? []
    const staying = here.filter((pod) => !isTerminating(pod))
    if (wanted && here.length === 0) create.push(node.metadata.name)
    else if (!mayStay) surplus.push(...staying)
    else {
      surplus.push(...staying.filter(hasEnded))
      surplus.push(...staying.filter((pod) => !hasEnded(pod)).slice(1))
    }
  }
  // A pod that is meant for a node which is gone will never be bound.
  const known = new Set(nodes.map(({ metadata }) => metadata.name))
  const stranded = pods.filter(
    (pod) => pod.spec.nodeName === undefined && !isTerminating(pod) && !known.has(targetNode(pod) ?? ''),
  )
  return { create, delete: [...surplus, ...stranded] }
}

/** Old pods that may go now: the ones that are not available anyway, and as many others as `maxUnavailable` leaves. */
export function planUpdate(
  set: DaemonSet,
  nodes: readonly NodeObject[],
  pods: readonly Pod[],
  revision: string,
): readonly Pod[] {
  const { type = 'RollingUpdate', rollingUpdate = {} } = set.spec.updateStrategy ?? {}
  if (type !== 'RollingUpdate') return []
  const byNode = podsByNode(pods)
  const wanted = nodes.filter((node) => placement(set, node).wanted)
  const allowed = Math.max(1, resolveShare(rollingUpdate.maxUnavailable ?? 1, wanted.length, Math.ceil))
  let unavailable = 0
  const free: Pod[] = []
  const candidates: Pod[] = []
  for (const node of nodes) {
    const here = byNode.get(node.metadata.name) ?? []
    const old = here.filter((pod) => pod.metadata.labels?.[revisionLabel] !== revision)
    const current = here.filter((pod) => pod.metadata.labels?.[revisionLabel] === revision)
    const [pod] = old
    if (current.length > 0 || pod === undefined) {
      if (old.length > 0 || !current.some(isReady)) unavailable++
    } else if (isTerminating(pod)) unavailable++
    else if (!isReady(pod)) {
      unavailable++
      free.push(pod)
    } else candidates.push(pod)
  }
  return [...free, ...candidates.slice(0, Math.max(0, allowed - unavailable))]
}

export function countStatus(
  set: DaemonSet,
  nodes: readonly NodeObject[],
  pods: readonly Pod[],
  revision: string,
): DaemonSetStatus {
  const byNode = podsByNode(pods)
  const placed = nodes.map((node) => ({
    wanted: placement(set, node).wanted,
    pod: byNode.get(node.metadata.name)?.[0],
  }))
  const wanted = placed.filter((entry) => entry.wanted)
  const ready = wanted.filter(({ pod }) => pod !== undefined && isReady(pod) && !isTerminating(pod)).length
  const updated = wanted.filter(({ pod }) => pod?.metadata.labels?.[revisionLabel] === revision).length
  return {
    currentNumberScheduled: wanted.filter(({ pod }) => pod !== undefined).length,
    numberMisscheduled: placed.filter((entry) => !entry.wanted && entry.pod !== undefined).length,
    desiredNumberScheduled: wanted.length,
    numberReady: ready,
    observedGeneration: set.metadata.generation ?? 0,
    ...positive('updatedNumberScheduled', updated),
    ...positive('numberAvailable', ready),
    ...positive('numberUnavailable', wanted.length - ready),
  }
}

/** The template's spec, bound to a node by affinity: the scheduler does the rest. */
export function daemonPodSpec(set: DaemonSet, node: string): SchedulingSpec {
  const spec = (set.spec.template.spec ?? {}) as SchedulingSpec
  const onNode: NodeSelectorTerm = { matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }] }
  const nodeAffinity = {
    ...spec.affinity?.nodeAffinity,
    requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [onNode] },
  }
  return {
    ...spec,
    affinity: { ...spec.affinity, nodeAffinity },
    tolerations: [...(spec.tolerations ?? []), ...daemonTolerations],
  }
}

/** The node that a pod is bound to, or meant for by its affinity. */
function targetNode({ spec }: Pod): string | undefined {
  if (spec.nodeName !== undefined) return spec.nodeName
  const required = (spec as SchedulingSpec).affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  for (const { matchFields = [] } of required?.nodeSelectorTerms ?? []) {
    const byName = matchFields.find(({ key, operator }) => key === 'metadata.name' && operator === 'In')
    if (byName?.values?.length === 1) return byName.values[0]
  }
  return undefined
}

function byAge(left: Pod, right: Pod): number {
  const [before, after] = [left.metadata, right.metadata].map(
    ({ creationTimestamp = '', name }) => `${creationTimestamp} ${name}`,
  ) as [string, string]
  return before < after ? -1 : before > after ? 1 : 0
}

function positive(field: keyof DaemonSetStatus, count: number): Partial<DaemonSetStatus> {
  return count === 0 ? {} : { [field]: count }
}
