/**
 * From the replicas that metrics ask for to those that are set: between minimum and maximum, no faster than the
 * behaviour allows, and stabilised over a window of virtual time. What the past has to do with it is memory.
 *
 * Source: https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#configurable-scaling-behavior,
 * kubernetes/pkg/controller/podautoscaler/horizontal.go (normalizeDesiredReplicas…).
 */
import type { Condition } from '../kinds.ts'
import type { HorizontalPodAutoscaler, ScalingPolicy, ScalingRules } from './horizontalpodautoscaler-kind.ts'

export interface ScalingHistory {
  /** What was asked for, and when it last was. */
  readonly recommendations: readonly { readonly replicas: number; readonly atMs: number }[]
  /** What was scaled by, less than zero where it was down. */
  readonly changes: readonly { readonly by: number; readonly atMs: number }[]
}

export const NO_HISTORY: ScalingHistory = { recommendations: [], changes: [] }

export interface Decision {
  readonly replicas: number
  readonly history: ScalingHistory
  readonly conditions: readonly Condition[]
}

/** As flags of kube-controller-manager. */
export interface ScalingDefaults {
  readonly downscaleStabilizationMs: number
}

const upPolicies: readonly ScalingPolicy[] = [
  { type: 'Pods', value: 4, periodSeconds: 15 },
  { type: 'Percent', value: 100, periodSeconds: 15 },
]
const downPolicies: readonly ScalingPolicy[] = [{ type: 'Percent', value: 100, periodSeconds: 15 }]

export function decide(
  { spec }: HorizontalPodAutoscaler,
  { current, asked }: { readonly current: number; readonly asked: number },
  { history, nowMs }: { readonly history: ScalingHistory; readonly nowMs: () => number },
  { downscaleStabilizationMs }: ScalingDefaults,
): Decision {
  const { minReplicas = 1, maxReplicas, behavior } = spec
  const clamped = Math.min(maxReplicas, Math.max(minReplicas, asked))
  const upMs = (behavior?.scaleUp?.stabilizationWindowSeconds ?? 0) * 1000
  const downSeconds = behavior?.scaleDown?.stabilizationWindowSeconds
  const downMs = downSeconds === undefined ? downscaleStabilizationMs : downSeconds * 1000
  const recommendations = remember(history, { current, asked: clamped, windowMs: Math.max(upMs, downMs) }, nowMs)
  const within = (windowMs: number): readonly number[] => [
    clamped,
    ...recommendations.filter(({ atMs }) => windowMs > 0 && atMs >= nowMs() - windowMs).map(({ replicas }) => replicas),
  ]
  const lowest = Math.min(...within(upMs))
  const highest = Math.max(...within(downMs))
  const stabilized = current < lowest ? lowest : current > highest ? highest : current
  const rules = behavior === undefined ? undefined : { up: behavior.scaleUp ?? {}, down: behavior.scaleDown ?? {} }
  const changes = keptChanges(history, rules, nowMs)
  const limit =
    rules === undefined
      ? stabilized > current
        ? Math.max(2 * current, 4)
        : 0
      : limitOf(stabilized > current ? 'up' : 'down', rules, { current, changes, nowMs })
  const replicas = stabilized > current ? Math.min(stabilized, limit) : Math.max(stabilized, limit)
  const settled = recommendations.every((entry) => entry.replicas === replicas)
  return {
    replicas,
    history: {
      recommendations: settled ? [] : recommendations,
      changes:
        rules === undefined || replicas === current ? changes : [...changes, { by: replicas - current, atMs: nowMs() }],
    },
    conditions: [
      ableToScale(
        stabilized === clamped ? undefined : stabilized < clamped ? 'ScaleUpStabilized' : 'ScaleDownStabilized',
      ),
      limited(limitedBy(spec, { current, asked, stabilized, replicas })),
    ],
  }
}

function ableToScale(reason = 'ReadyForNewScale'): Condition {
  return { type: 'AbleToScale', status: 'True', reason }
}

interface Steps {
  readonly current: number
  readonly asked: number
  readonly stabilized: number
  readonly replicas: number
}

/** What kept the replicas from what the metrics ask for, beside windows. */
function limitedBy(
  { minReplicas = 1, maxReplicas }: HorizontalPodAutoscaler['spec'],
  { current, asked, stabilized, replicas }: Steps,
): string | undefined {
  if (asked < minReplicas && replicas <= minReplicas) return 'TooFewReplicas'
  if (replicas !== stabilized) return stabilized > current ? 'ScaleUpLimit' : 'ScaleDownLimit'
  return asked > maxReplicas && replicas >= maxReplicas ? 'TooManyReplicas' : undefined
}

function limited(reason: string | undefined): Condition {
  return reason === undefined
    ? { type: 'ScalingLimited', status: 'False', reason: 'DesiredWithinRange' }
    : { type: 'ScalingLimited', status: 'True', reason }
}

/**
 * Upstream notes every recommendation. Here a steady state leaves none, so that nothing changes while nothing happens:
 * the first one that differs notes the one before it as of now, which makes a window longer by up to one period.
 */
function remember(
  { recommendations }: ScalingHistory,
  { current, asked, windowMs }: { readonly current: number; readonly asked: number; readonly windowMs: number },
  nowMs: () => number,
): ScalingHistory['recommendations'] {
  if (windowMs === 0 || (recommendations.length === 0 && asked === current)) return []
  const now = nowMs()
  const before = recommendations.length === 0 ? [{ replicas: current, atMs: now }] : recommendations
  return [
    ...before.filter(({ replicas, atMs }) => replicas !== asked && atMs >= now - windowMs),
    { replicas: asked, atMs: now },
  ]
}

interface BothRules {
  readonly up: ScalingRules
  readonly down: ScalingRules
}

function policiesOf(direction: 'up' | 'down', rules: BothRules): readonly ScalingPolicy[] {
  return rules[direction].policies ?? (direction === 'up' ? upPolicies : downPolicies)
}

/** Changes that some policy still counts. */
function keptChanges(
  { changes }: ScalingHistory,
  rules: BothRules | undefined,
  nowMs: () => number,
): ScalingHistory['changes'] {
  if (rules === undefined || changes.length === 0) return []
  const periods = [...policiesOf('up', rules), ...policiesOf('down', rules)].map(({ periodSeconds }) => periodSeconds)
  return changes.filter(({ atMs }) => atMs > nowMs() - Math.max(...periods) * 1000)
}

interface Rate {
  readonly current: number
  readonly changes: ScalingHistory['changes']
  readonly nowMs: () => number
}

/** The most, or the fewest, replicas that the policies of a direction allow now. */
function limitOf(direction: 'up' | 'down', rules: BothRules, { current, changes, nowMs }: Rate): number {
  const { selectPolicy = 'Max' } = rules[direction]
  if (selectPolicy === 'Disabled') return current
  const sign = direction === 'up' ? 1 : -1
  const proposals = policiesOf(direction, rules).map(({ type, value, periodSeconds }) => {
    const recent = changes.length === 0 ? [] : changes.filter(({ atMs }) => atMs > nowMs() - periodSeconds * 1000)
    const start = current - recent.reduce((sum, { by }) => sum + by, 0)
    if (type === 'Pods') return start + sign * value
    const share = start * (1 + (sign * value) / 100)
    return direction === 'up' ? Math.ceil(share - 1e-9) : Math.trunc(share + 1e-9)
  })
  const most = (selectPolicy === 'Max') === (direction === 'up')
  const chosen = most ? Math.max(...proposals) : Math.min(...proposals)
  return direction === 'up' ? Math.max(chosen, current) : Math.min(chosen, current)
}
