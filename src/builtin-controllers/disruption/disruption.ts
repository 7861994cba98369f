/**
 * The disruption controller: how many pods each PodDisruptionBudget allows to be evicted now. The eviction subresource
 * takes from that number at once and notes the pod, until this controller has seen it go.
 *
 * Source: https://kubernetes.io/docs/tasks/run-application/configure-pdb/,
 * kubernetes/pkg/controller/disruption/disruption.go. Left out: the scale of custom controllers (a budget that would
 * need it allows nothing, with the reason SyncFailed), the condition DisruptionTarget of pods.
 */
import { equalJson } from '#api/equal.ts'
import type { TypeReference } from '#api/object.ts'
import { controllerOf } from '#api/owner-reference.ts'
import { compileLabelSelector, type LabelSelector } from '#api/selectors.ts'
import type { Reader } from '#controller/client.ts'
import type {
  MapFunction,
  Predicate,
  ReconcileRequest,
  ReconcileResult,
  Reconciler,
  ReconcilerTools,
} from '#controller/controller.ts'
import { type Controller, defineController } from '#controller/define-controller.ts'
import { type Condition, deploymentType, type Pod, podType, replicaSetType, type StoredObject } from '../kinds.ts'
import { isReady, isTerminating } from '../pod-state.ts'
import { controllerManagerProcess } from '../processes.ts'

const budgetType: TypeReference = { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget' }

/** An eviction whose pod is not gone after this long did not happen. */
const evictionMs = 2 * 60 * 1000

interface BudgetStatus {
  readonly observedGeneration?: number
  /** When pods were evicted, by name. */
  readonly disruptedPods?: Readonly<Record<string, string>>
  readonly disruptionsAllowed: number
  readonly currentHealthy: number
  readonly desiredHealthy: number
  readonly expectedPods: number
  readonly conditions?: readonly Condition[]
}

interface Budget extends StoredObject {
  readonly spec: {
    readonly minAvailable?: number | string
    readonly maxUnavailable?: number | string
    readonly selector?: LabelSelector
  }
  readonly status?: BudgetStatus
}

export function disruption(): Controller {
  return defineController({
    name: 'disruption',
    process: controllerManagerProcess,
    for: { ...budgetType, predicate: changesBudget },
    watches: [{ ...podType, predicate: changesHealth, requests: budgetsOfPod }],
    reconciler: (tools) => new DisruptionReconciler(tools),
  })
}

/** Evictions write to the status too. */
const changesBudget: Predicate = ({ type, object, old }) =>
  type === 'ADDED' ||
  (type === 'MODIFIED' &&
    (object.metadata.generation !== old?.metadata.generation ||
      !equalJson(object['status']?.disruptedPods ?? {}, old?.['status']?.disruptedPods ?? {})))

/** Of a pod only whether it is there, ready or leaving, and what selects it. */
const changesHealth: Predicate = ({ type, object, old }) => {
  if (type !== 'MODIFIED' || old === undefined) return true
  const [before, after] = [old as Pod, object as Pod]
  return (
    isReady(before) !== isReady(after) ||
    isTerminating(before) !== isTerminating(after) ||
    !equalJson(before.metadata.labels, after.metadata.labels) ||
    !equalJson(before.metadata.ownerReferences, after.metadata.ownerReferences)
  )
}

const budgetsOfPod: MapFunction = async (pod, { cached }) => {
  const { namespace = '' } = pod.metadata
  const budgets = await cached.list<Budget>(budgetType, { namespace })
  return budgets
    .filter(({ spec }) => spec.selector !== undefined && compileLabelSelector(spec.selector)(pod))
    .map(({ metadata }) => ({ namespace, name: metadata.name }))
}

class DisruptionReconciler implements Reconciler {
  private readonly tools: ReconcilerTools

  constructor(tools: ReconcilerTools) {
    this.tools = tools
  }

  async reconcile(request: ReconcileRequest): Promise<ReconcileResult> {
    const { client } = this.tools
    const budget = await client.tryGet<Budget>(budgetType, request)
    if (budget === undefined) return {}
    const { namespace = '' } = request
    const { selector } = budget.spec
    const pods = selector === undefined ? [] : await client.list<Pod>(podType, { namespace, labelSelector: selector })
    const { disruptedPods, recheckMs } = this.openEvictions(budget, pods)
    const healthy = pods.filter(
      (pod) => isReady(pod) && !isTerminating(pod) && disruptedPods[pod.metadata.name] === undefined,
    ).length
    const status = statusOf(budget, await expectedPods(budget, pods, client), healthy, disruptedPods)
    if (!equalJson(status, budget.status)) await client.status().update({ ...budget, status })
    return recheckMs === undefined ? {} : { requeueAfterMs: recheckMs }
  }

  /** The evictions whose pods the cache still shows as there, and when the first of them counts no more. */
  private openEvictions(budget: Budget, pods: readonly Pod[]): OpenEvictions {
    const lingering = Object.entries(budget.status?.disruptedPods ?? {}).filter(([name]) =>
      pods.some((pod) => pod.metadata.name === name && !isTerminating(pod)),
    )
    if (lingering.length === 0) return { disruptedPods: {}, recheckMs: undefined }
    const nowMs = this.tools.clock.now().getTime()
    const open = lingering.filter(([, time]) => Date.parse(time) + evictionMs > nowMs)
    const nextMs = Math.min(...open.map(([, time]) => Date.parse(time) + evictionMs - nowMs))
    return { disruptedPods: Object.fromEntries(open), recheckMs: open.length === 0 ? undefined : nextMs }
  }
}

interface OpenEvictions {
  readonly disruptedPods: Readonly<Record<string, string>>
  readonly recheckMs: number | undefined
}

/** How many pods there should be, and how many of them healthy. */
interface Expected {
  readonly pods: number
  readonly healthy: number
}

/** Undefined: the scale of a pod's controller is not known. A budget in absolute numbers of pods needs none. */
async function expectedPods(budget: Budget, pods: readonly Pod[], reader: Reader): Promise<Expected | undefined> {
  const { minAvailable, maxUnavailable } = budget.spec
  if (maxUnavailable === undefined && typeof minAvailable === 'number')
    return { pods: pods.length, healthy: minAvailable }
  const scale = await scaleOf(pods, reader)
  if (scale === undefined) return undefined
  const healthy =
    maxUnavailable === undefined
      ? roundedUp(minAvailable ?? 0, scale)
      : Math.max(0, scale - roundedUp(maxUnavailable, scale))
  return { pods: scale, healthy }
}

function roundedUp(share: number | string, whole: number): number {
  return typeof share === 'number' ? share : Math.ceil((Number.parseInt(share, 10) * whole) / 100)
}

/** The replicas that the pods' controllers ask for, each counted once. Pods without a controller count for none. */
async function scaleOf(pods: readonly Pod[], reader: Reader): Promise<number | undefined> {
  const replicas = new Map<string, number>()
  for (const pod of pods) {
    const workload = await workloadOf(pod, reader)
    if (workload === 'none') continue
    if (workload === undefined) return undefined
    replicas.set(workload.metadata.uid, workload['spec']?.replicas ?? 1)
  }
  return [...replicas.values()].reduce((sum, count) => sum + count, 0)
}

/** The Deployment, ReplicaSet or StatefulSet that a pod belongs to; undefined: it is another, or gone. */
async function workloadOf(pod: Pod, reader: Reader): Promise<StoredObject | 'none' | undefined> {
  const { namespace = '' } = pod.metadata
  const reference = controllerOf(pod)
  if (reference === undefined) return 'none'
  if (!scaledKinds.includes(reference.kind) || reference.apiVersion !== replicaSetType.apiVersion) return undefined
  const owner = await reader.tryGet<StoredObject>(reference, { namespace, name: reference.name })
  if (owner?.metadata.uid !== reference.uid) return undefined
  const above = controllerOf(owner)
  if (above?.kind !== deploymentType.kind) return owner
  const found = await reader.tryGet<StoredObject>(above, { namespace, name: above.name })
  return found?.metadata.uid === above.uid ? found : undefined
}

const scaledKinds = ['ReplicaSet', 'StatefulSet']

function statusOf(
  budget: Budget,
  expected: Expected | undefined,
  currentHealthy: number,
  disruptedPods: Readonly<Record<string, string>>,
): BudgetStatus {
  if (expected === undefined) {
    const { currentHealthy: healthy = 0, desiredHealthy = 0, expectedPods: known = 0 } = budget.status ?? {}
    const failed: Condition = { type: 'DisruptionAllowed', status: 'False', reason: 'SyncFailed' }
    const counts = { currentHealthy: healthy, desiredHealthy, expectedPods: known }
    return { ...budget.status, ...counts, disruptionsAllowed: 0, conditions: [failed] }
  }
  const allowed = expected.pods <= 0 ? 0 : Math.max(0, currentHealthy - expected.healthy)
  return {
    observedGeneration: budget.metadata.generation ?? 0,
    ...(Object.keys(disruptedPods).length === 0 ? {} : { disruptedPods }),
    disruptionsAllowed: allowed,
    currentHealthy,
    desiredHealthy: expected.healthy,
    expectedPods: expected.pods,
    conditions: [
      allowed > 0
        ? { type: 'DisruptionAllowed', status: 'True', reason: 'SufficientPods' }
        : { type: 'DisruptionAllowed', status: 'False', reason: 'InsufficientPods' },
    ],
  }
}
