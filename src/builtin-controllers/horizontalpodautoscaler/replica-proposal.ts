/**
 * How many replicas a metric asks for. What the metrics are is data of the scenario, in a ConfigMap (`metricKeys`).
 *
 * Source: https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#algorithm-details,
 * kubernetes/pkg/controller/podautoscaler/replica_calculator.go
 */
import { parseQuantity } from '#api/structural-schema/quantity.ts'
import type { Pod } from '../kinds.ts'
import { isActive, isReady } from '../pod-state.ts'
import type { HorizontalPodAutoscaler, MetricSpec, MetricTarget } from './horizontalpodautoscaler-kind.ts'

/** A metric's values, by `Kind.name.metric` or `External.metric`. */
export type MetricValues = Readonly<Record<string, string>>

export interface Scaled {
  /** `spec.replicas` of the target. */
  readonly replicas: number
  readonly pods: readonly Pod[]
  /** Changes by less than this share are none. */
  readonly tolerance: number
}

/** The replicas that a metric asks for and its entry in `status.currentMetrics`; or why there is no telling. */
export type Proposal = { readonly replicas: number; readonly shown: object } | { readonly reason: string }

export function proposalOf(
  autoscaler: HorizontalPodAutoscaler,
  metric: MetricSpec,
  values: MetricValues,
  scaled: Scaled,
): Proposal {
  const { kind, name } = autoscaler.spec.scaleTargetRef
  switch (metric.type) {
    case 'Resource':
    case 'ContainerResource': {
      const source = metric.type === 'Resource' ? metric.resource : metric.containerResource
      if (source === undefined) return { reason: 'InvalidMetricSourceType' }
      const container = metric.type === 'ContainerResource' ? metric.containerResource?.container : undefined
      const proposal = byResource(milli(values[`${kind}.${name}.${source.name}`]), source.target, {
        ...scaled,
        resource: source.name,
        container,
      })
      if (proposal === undefined) return { reason: `FailedGet${metric.type}Metric` }
      const named = { name: source.name, ...(container === undefined ? {} : { container }) }
      return shown(metric.type, { ...named, current: proposal.current }, proposal.replicas)
    }
    case 'Pods': {
      if (metric.pods === undefined) return { reason: 'InvalidMetricSourceType' }
      const proposal = byPods(milli(values[`${kind}.${name}.${metric.pods.metric.name}`]), metric.pods.target, scaled)
      if (proposal === undefined) return { reason: 'FailedGetPodsMetric' }
      return shown('Pods', { metric: metric.pods.metric, current: proposal.current }, proposal.replicas)
    }
    case 'Object': {
      if (metric.object === undefined) return { reason: 'InvalidMetricSourceType' }
      const { describedObject, metric: named, target } = metric.object
      const proposal = byValue(
        milli(values[`${describedObject.kind}.${describedObject.name}.${named.name}`]),
        target,
        scaled,
      )
      if (proposal === undefined) return { reason: 'FailedGetObjectMetric' }
      return shown('Object', { metric: named, describedObject, current: proposal.current }, proposal.replicas)
    }
    case 'External': {
      if (metric.external === undefined) return { reason: 'InvalidMetricSourceType' }
      const { metric: named, target } = metric.external
      const proposal = byValue(milli(values[`External.${named.name}`]), target, scaled)
      if (proposal === undefined) return { reason: 'FailedGetExternalMetric' }
      return shown('External', { metric: named, current: proposal.current }, proposal.replicas)
    }
  }
}

function shown(type: MetricSpec['type'], fields: object, replicas: number): Proposal {
  const field = type.charAt(0).toLowerCase() + type.slice(1)
  return { replicas, shown: { type, [field]: fields } }
}

interface Asked {
  readonly replicas: number
  readonly current: object
}

interface ResourceOf extends Scaled {
  readonly resource: string
  readonly container: string | undefined
}

/** The load of the whole workload is shared by the pods that are ready; those that are not count as idle if it grows. */
function byResource(load: number | undefined, target: MetricTarget, scaled: ResourceOf): Asked | undefined {
  if (target.type !== 'Utilization' || target.averageUtilization === undefined) return byPods(load, target, scaled)
  const { ready, unready } = byReadiness(scaled.pods)
  const requests = [...ready, ...unready].map((pod) => requestOf(pod, scaled))
  if (load === undefined || ready.length === 0 || requests.some((request) => request === undefined)) return undefined
  const sum = (count: number): number => requests.slice(0, count).reduce<number>((total, one) => total + (one ?? 0), 0)
  const wanted = target.averageUtilization
  const utilization = (count: number): number => Math.trunc((load * 100) / sum(count))
  if (sum(ready.length) === 0) return undefined
  const current = {
    averageUtilization: utilization(ready.length),
    averageValue: text(load / ready.length),
  }
  return { replicas: byRatio((count) => utilization(count) / wanted, ready.length, unready.length, scaled), current }
}

/** What all pods have together, against an average. */
function byPods(load: number | undefined, target: MetricTarget, scaled: Scaled): Asked | undefined {
  const wanted = milli(target.averageValue)
  const { ready, unready } = byReadiness(scaled.pods)
  if (load === undefined || wanted === undefined || ready.length === 0) return undefined
  const ratio = (count: number): number => load / count / wanted
  return {
    replicas: byRatio(ratio, ready.length, unready.length, scaled),
    current: { averageValue: text(load / ready.length) },
  }
}

/** Of something beside the pods: its value as such, or shared by as many pods as there are. */
function byValue(value: number | undefined, target: MetricTarget, scaled: Scaled): Asked | undefined {
  if (value === undefined) return undefined
  const { replicas } = scaled
  const wanted = milli(target.type === 'Value' ? target.value : target.averageValue)
  if (wanted === undefined) return undefined
  if (target.type === 'Value') {
    const ready = byReadiness(scaled.pods).ready.length
    const asked = isWithin(value / wanted, scaled) ? replicas : up((value / wanted) * ready)
    return { replicas: asked, current: { value: text(value) } }
  }
  const asked = isWithin(value / (wanted * replicas), scaled) ? replicas : up(value / wanted)
  return { replicas: asked, current: { averageValue: text(value / Math.max(1, replicas)) } }
}

/** `ratio` is that of the load of so many pods to the target. */
function byRatio(ratio: (count: number) => number, ready: number, unready: number, scaled: Scaled): number {
  const first = ratio(ready)
  if (unready === 0 || first <= 1) return isWithin(first, scaled) ? scaled.replicas : up(first * ready)
  const second = ratio(ready + unready)
  if (isWithin(second, scaled) || second < 1) return scaled.replicas
  return Math.max(scaled.replicas, up(second * (ready + unready)))
}

function isWithin(ratio: number, { tolerance }: Scaled): boolean {
  return Math.abs(1 - ratio) <= tolerance + 1e-9
}

/** Rounded up, but for what only floating point has added. */
function up(count: number): number {
  return Math.ceil(count - 1e-9)
}

function byReadiness(pods: readonly Pod[]): { readonly ready: readonly Pod[]; readonly unready: readonly Pod[] } {
  const active = pods.filter(isActive)
  return { ready: active.filter(isReady), unready: active.filter((pod) => !isReady(pod)) }
}

/** Undefined: some container says nothing of the resource, so there is no utilization. */
function requestOf(pod: Pod, { resource, container }: ResourceOf): number | undefined {
  let sum = 0
  for (const one of pod.spec.containers ?? []) {
    if (container !== undefined && one.name !== container) continue
    const request = milli(one.resources?.requests?.[resource])
    if (request === undefined) return undefined
    sum += request
  }
  return sum
}

/** A quantity in thousandths. */
function milli(quantity: string | number | undefined): number | undefined {
  if (quantity === undefined) return undefined
  const value = parseQuantity(String(quantity))
  return value === undefined ? undefined : Number(value / 1000n) / 1000
}

function text(thousandths: number): string {
  const value = Math.round(thousandths)
  return value % 1000 === 0 ? String(value / 1000) : `${value}m`
}
