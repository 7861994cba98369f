/**
 * The HorizontalPodAutoscaler controller: looks at the metrics of a workload every period and sets its replicas.
 *
 * The metrics are the scenario's: in the ConfigMap `metrics` of the autoscaler's namespace, `Deployment.web.cpu: 600m`
 * is what all pods of the workload use together (shared by those that are ready; so for metrics of type Resource,
 * ContainerResource and Pods), `Ingress.main.requests: 1k` the value of an object's metric, `External.queue: "30"` that
 * of an external one. Whoever changes the ConfigMap, a user or the environment (`builtin.metricChange`), changes the
 * load. How many replicas follow is in `replica-proposal.ts`, how fast they come in `scaling-rules.ts`.
 *
 * Source: https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/,
 * kubernetes/pkg/controller/podautoscaler/horizontal.go
 * Left out: `selector`s of metrics, pods that have just started or whose metrics are late, `tolerance` in behaviour,
 * scaling to zero by metrics, times of conditions; of a custom resource `spec.replicas` is what is scaled.
 */
import { equalJson } from '#api/equal.ts'
import { formatTimestamp } from '#api/identity.ts'
import type { Json } from '#api/object.ts'
import type { ReconcileRequest, ReconcileResult, Reconciler, ReconcilerTools } from '#controller/controller.ts'
import { type Controller, defineController } from '#controller/define-controller.ts'
import { type Condition, type Pod, podType, type StoredObject } from '../kinds.ts'
import { controllerManagerProcess } from '../processes.ts'
import {
  type HorizontalPodAutoscaler,
  type HorizontalPodAutoscalerStatus,
  horizontalPodAutoscalerType,
  type MetricSpec,
} from './horizontalpodautoscaler-kind.ts'
import { type MetricValues, proposalOf } from './replica-proposal.ts'
import { decide, NO_HISTORY, type ScalingHistory } from './scaling-rules.ts'

export const metricsConfigMap = 'metrics'

/** As the flags of kube-controller-manager that begin with `--horizontal-pod-autoscaler-`. */
export interface HorizontalPodAutoscalerOptions {
  /** How often metrics are looked at, in seconds. Default 15. */
  readonly syncPeriodSeconds?: number
  /** Changes by less than this share are none. Default 0.1. */
  readonly tolerance?: number
  /** Seconds for which the highest recommendation holds before pods are taken away. Default 300. */
  readonly downscaleStabilizationSeconds?: number
}

export function horizontalPodAutoscaler({
  syncPeriodSeconds = 15,
  tolerance = 0.1,
  downscaleStabilizationSeconds = 300,
}: HorizontalPodAutoscalerOptions = {}): Controller {
  const options = {
    syncPeriodMs: syncPeriodSeconds * 1000,
    tolerance,
    downscaleStabilizationMs: downscaleStabilizationSeconds * 1000,
  }
  return defineController({
    name: 'horizontalpodautoscaler',
    process: controllerManagerProcess,
    // Its own status is no reason to look again before the period is over; upstream waits for that after any change.
    for: {
      ...horizontalPodAutoscalerType,
      predicate: ({ type, object, old }) => type !== 'MODIFIED' || !equalJson(object['spec'], old?.['spec']),
    },
    memory: {
      snapshot: (reconciler: HorizontalPodAutoscalerReconciler) => reconciler.snapshot(),
      restore: (reconciler: HorizontalPodAutoscalerReconciler, memory: Json) => reconciler.restore(memory),
    },
    reconciler: (tools) => new HorizontalPodAutoscalerReconciler(tools, options),
  })
}

interface Options {
  readonly syncPeriodMs: number
  readonly tolerance: number
  readonly downscaleStabilizationMs: number
}

interface Scalable extends StoredObject {
  readonly spec?: { readonly replicas?: number; readonly selector?: object | string }
  readonly status?: { readonly selector?: string }
}

/** What a period comes to. */
interface Assessment {
  readonly replicas: number
  readonly shown: readonly object[]
  readonly conditions: readonly Condition[]
}

class HorizontalPodAutoscalerReconciler implements Reconciler {
  private histories: Readonly<Record<string, ScalingHistory>> = {}
  private readonly tools: ReconcilerTools
  private readonly options: Options

  constructor(tools: ReconcilerTools, options: Options) {
    this.tools = tools
    this.options = options
  }

  snapshot(): Json {
    return this.histories as unknown as Json
  }

  restore(memory: Json): void {
    this.histories = memory as unknown as Readonly<Record<string, ScalingHistory>>
  }

  async reconcile(request: ReconcileRequest): Promise<ReconcileResult> {
    const { client, apiReader } = this.tools
    const autoscaler = await client.tryGet<HorizontalPodAutoscaler>(horizontalPodAutoscalerType, request)
    if (autoscaler === undefined) {
      this.setHistory(request, NO_HISTORY)
      return {}
    }
    const { namespace = '' } = request
    const reference = autoscaler.spec.scaleTargetRef
    // Scale and metrics are read from the API server, as upstream does.
    const target = await apiReader.tryGet<Scalable>(reference, { namespace, name: reference.name })
    const again = { requeueAfterMs: this.options.syncPeriodMs }
    if (target === undefined) {
      const failed: Condition = { type: 'AbleToScale', status: 'False', reason: 'FailedGetScale' }
      await this.report(autoscaler, { ...kept(autoscaler), conditions: [failed] })
      return again
    }
    const current = target.spec?.replicas ?? 1
    const found = await this.assess(request, autoscaler, target)
    let { conditions } = found
    let lastScaleTime = autoscaler.status?.lastScaleTime
    if (found.replicas !== current) {
      const key = { namespace, name: reference.name }
      await client
        .subResource('scale')
        .patch({ type: reference, key }, { spec: { replicas: found.replicas } }, { patchType: 'merge' })
      lastScaleTime = formatTimestamp(this.nowMs())
      const rescaled: Condition = { type: 'AbleToScale', status: 'True', reason: 'SucceededRescale' }
      conditions = conditions.map((condition) => (condition.type === 'AbleToScale' ? rescaled : condition))
    }
    await this.report(autoscaler, {
      ...(lastScaleTime === undefined ? {} : { lastScaleTime }),
      currentReplicas: current,
      desiredReplicas: found.replicas,
      ...(found.shown.length === 0 ? {} : { currentMetrics: found.shown }),
      conditions,
    })
    return again
  }

  private async assess(
    request: ReconcileRequest,
    autoscaler: HorizontalPodAutoscaler,
    target: Scalable,
  ): Promise<Assessment> {
    const { minReplicas = 1, maxReplicas } = autoscaler.spec
    const current = target.spec?.replicas ?? 1
    const able: Condition = { type: 'AbleToScale', status: 'True', reason: 'SucceededGetScale' }
    if (current === 0 && minReplicas !== 0) {
      const disabled: Condition = { type: 'ScalingActive', status: 'False', reason: 'ScalingDisabled' }
      return { replicas: 0, shown: [], conditions: [able, disabled] }
    }
    if (current > maxReplicas) return { replicas: maxReplicas, shown: [], conditions: [able] }
    if (current < minReplicas) return { replicas: minReplicas, shown: [], conditions: [able] }
    const { asked, shown, failure } = await this.ask(autoscaler, target)
    // With a metric that is not known nothing is taken away, and with none nothing is done.
    if (asked === undefined || (failure !== undefined && asked < current)) {
      const failed: Condition = { type: 'ScalingActive', status: 'False', reason: failure ?? 'InvalidMetricSourceType' }
      return { replicas: current, shown, conditions: [able, failed] }
    }
    const decision = decide(
      autoscaler,
      { current, asked },
      { history: this.histories[keyOf(request)] ?? NO_HISTORY, nowMs: () => this.nowMs() },
      this.options,
    )
    this.setHistory(request, decision.history)
    const active: Condition = { type: 'ScalingActive', status: 'True', reason: 'ValidMetricFound' }
    const [ableNow, ...others] = decision.conditions
    return { replicas: decision.replicas, shown, conditions: [ableNow as Condition, active, ...others] }
  }

  /** The most that a metric asks for. */
  private async ask(
    autoscaler: HorizontalPodAutoscaler,
    target: Scalable,
  ): Promise<{
    readonly asked: number | undefined
    readonly shown: readonly object[]
    readonly failure: string | undefined
  }> {
    const { namespace = '' } = autoscaler.metadata
    const selector = target.status?.selector ?? target.spec?.selector ?? {}
    const pods = await this.tools.client.list<Pod>(podType, { namespace, labelSelector: selector as string })
    const values = await this.tools.apiReader.tryGet<{ readonly data?: MetricValues }>(
      { apiVersion: 'v1', kind: 'ConfigMap' },
      { namespace, name: metricsConfigMap },
    )
    const scaled = { replicas: target.spec?.replicas ?? 1, pods, tolerance: this.options.tolerance }
    const proposals = (autoscaler.spec.metrics ?? defaultMetrics).map((metric) =>
      proposalOf(autoscaler, metric, values?.data ?? {}, scaled),
    )
    const valid = proposals.filter((proposal) => 'replicas' in proposal)
    return {
      asked: valid.length === 0 ? undefined : Math.max(...valid.map(({ replicas }) => replicas)),
      shown: valid.map(({ shown }) => shown),
      failure: proposals.find((proposal) => 'reason' in proposal)?.reason,
    }
  }

  private async report(autoscaler: HorizontalPodAutoscaler, status: HorizontalPodAutoscalerStatus): Promise<void> {
    if (equalJson(status, autoscaler.status)) return
    await this.tools.client.status().update({ ...autoscaler, status })
  }

  private setHistory(request: ReconcileRequest, history: ScalingHistory): void {
    const { [keyOf(request)]: before, ...others } = this.histories
    const isEmpty = history.recommendations.length + history.changes.length === 0
    if (isEmpty && before === undefined) return
    const all = isEmpty ? others : { ...others, [keyOf(request)]: history }
    this.histories = Object.fromEntries(Object.entries(all).sort(([left], [right]) => (left < right ? -1 : 1)))
  }

  private nowMs(): number {
    return this.tools.clock.now().getTime()
  }
}

/** What the API server fills in upstream where no metric is given. */
const defaultMetrics: readonly MetricSpec[] = [
  { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } },
]

function kept({ status }: HorizontalPodAutoscaler): HorizontalPodAutoscalerStatus {
  const { desiredReplicas = 0, ...others } = status ?? {}
  return { ...others, desiredReplicas }
}

function keyOf({ namespace = '', name }: ReconcileRequest): string {
  return `${namespace}/${name}`
}
