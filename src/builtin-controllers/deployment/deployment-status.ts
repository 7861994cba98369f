/**
 * The status of a Deployment, counted from its ReplicaSets, and its conditions.
 * Source: https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#deployment-status,
 * kubernetes/pkg/controller/deployment/{sync,progress}.go. A condition has no
 * message here, and a time only where deadlines count.
 */
import { formatTimestamp } from '#api/identity.ts'
import type { Condition, Deployment, DeploymentStatus, ReplicaSet } from '../kinds.ts'
import { allowances, totalReplicas, wantedReplicas } from './rollout-plan.ts'

/** What a reconcile did that is progress by itself. */
export type RolloutStep = 'NewReplicaSetCreated' | 'FoundNewReplicaSet' | undefined

export interface StatusInput {
  readonly deployment: Deployment
  readonly newSet: ReplicaSet | undefined
  /** With the new one. */
  readonly sets: readonly ReplicaSet[]
  readonly step: RolloutStep
  /** Asked only while a rollout is under way; undefined: deadlines do not count. */
  readonly clock: { now(): Date } | undefined
}

export function countStatus(input: StatusInput): DeploymentStatus {
  const { deployment, newSet, sets } = input
  const sum = (count: (set: ReplicaSet) => number | undefined): number =>
    sets.reduce((total, set) => total + (count(set) ?? 0), 0)
  const available = sum(({ status }) => status?.availableReplicas)
  const counts = {
    replicas: sum(({ status }) => status?.replicas),
    updatedReplicas: newSet?.status?.replicas ?? 0,
    readyReplicas: sum(({ status }) => status?.readyReplicas),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, totalReplicas(sets) - available),
    collisionCount: deployment.status?.collisionCount ?? 0,
  }
  const status = {
    observedGeneration: deployment.metadata.generation ?? 0,
    // Counts of 0 are left out, as upstream's types do.
    ...Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0)),
  }
  return { ...status, conditions: conditionsOf(input, status) }
}

/** All pods are of the present template and available, and no other is left. */
export function isComplete(deployment: Deployment, status: DeploymentStatus): boolean {
  const wanted = wantedReplicas(deployment)
  const { updatedReplicas = 0, replicas = 0, availableReplicas = 0 } = status
  return updatedReplicas === wanted && replicas === wanted && availableReplicas === wanted
}

function conditionsOf(input: StatusInput, status: DeploymentStatus): readonly Condition[] {
  const { deployment } = input
  const known = deployment.status?.conditions ?? []
  const progressing = progressingOf(
    input,
    status,
    known.find(({ type }) => type === 'Progressing'),
  )
  const computed = [availableOf(deployment, status), ...(progressing === undefined ? [] : [progressing])]
  const others = known.filter(({ type }) => type !== 'Available' && type !== 'Progressing' && type !== 'ReplicaFailure')
  const failures = input.sets
    .flatMap((set) => set.status?.conditions ?? [])
    .filter(({ type }) => type === 'ReplicaFailure')
  return [...others, ...computed, ...failures.slice(0, 1)]
}

function availableOf(deployment: Deployment, { availableReplicas = 0 }: DeploymentStatus): Condition {
  return availableReplicas >= wantedReplicas(deployment) - allowances(deployment).unavailable
    ? { type: 'Available', status: 'True', reason: 'MinimumReplicasAvailable' }
    : { type: 'Available', status: 'False', reason: 'MinimumReplicasUnavailable' }
}

/** There is no Progressing without a progress deadline. */
function progressingOf(
  { deployment, step, clock }: StatusInput,
  status: DeploymentStatus,
  current: Condition | undefined,
): Condition | undefined {
  const { paused = false, progressDeadlineSeconds } = deployment.spec
  if (progressDeadlineSeconds === undefined) return undefined
  const wasComplete = current?.reason === 'NewReplicaSetAvailable'
  if (wasComplete && isComplete(deployment, status) && !paused) return current
  const now = clock?.now()
  const progressing = (value: Condition['status'], reason: string): Condition => ({
    type: 'Progressing',
    status: value,
    reason,
    ...(now === undefined ? {} : { lastUpdateTime: formatTimestamp(now.getTime()) }),
  })
  if (paused) {
    const waits = current?.reason === 'ProgressDeadlineExceeded' || current?.reason === 'DeploymentPaused'
    return waits ? current : progressing('Unknown', 'DeploymentPaused')
  }
  if (isComplete(deployment, status)) return progressing('True', 'NewReplicaSetAvailable')
  if (step === 'NewReplicaSetCreated') return progressing('True', step)
  if (hasProgressed(deployment.status, status)) return progressing('True', 'ReplicaSetUpdated')
  if (current?.reason === 'DeploymentPaused') return progressing('Unknown', 'DeploymentResumed')
  if (current === undefined) return step === undefined ? undefined : progressing('True', step)
  const remainingMs = remainingTimeMs(current, progressDeadlineSeconds, now)
  return remainingMs !== undefined && remainingMs < 0 ? progressing('False', 'ProgressDeadlineExceeded') : current
}

/** Time that is left for progress; undefined: nobody counts. */
export function remainingTimeMs(
  progressing: Condition | undefined,
  deadlineSeconds: number | undefined,
  now: Date | undefined,
): number | undefined {
  const { lastUpdateTime, reason } = progressing ?? {}
  if (now === undefined || lastUpdateTime === undefined || deadlineSeconds === undefined) return undefined
  if (reason === 'NewReplicaSetAvailable' || reason === 'ProgressDeadlineExceeded') return undefined
  return Date.parse(lastUpdateTime) + deadlineSeconds * 1000 - now.getTime()
}

/** More new pods, fewer old ones, or more that are ready or available. */
function hasProgressed(before: DeploymentStatus | undefined, after: DeploymentStatus): boolean {
  const old = (status: DeploymentStatus | undefined): number => (status?.replicas ?? 0) - (status?.updatedReplicas ?? 0)
  const grew = (field: 'updatedReplicas' | 'readyReplicas' | 'availableReplicas'): boolean =>
    (after[field] ?? 0) > (before?.[field] ?? 0)
  return grew('updatedReplicas') || grew('readyReplicas') || grew('availableReplicas') || old(after) < old(before)
}
