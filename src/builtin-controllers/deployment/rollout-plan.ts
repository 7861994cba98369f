/**
 * How many replicas each ReplicaSet of a Deployment should have next, as pure functions of what they have now.
 * Source: https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#strategy,
 * kubernetes/pkg/controller/deployment/{rolling,recreate,sync}.go.
 */
import type { Deployment, ReplicaSet } from '../kinds.ts'
import { desiredReplicasAnnotation, maxReplicasAnnotation, type Revisions } from './revisions.ts'

/** The replicas that ReplicaSets should have; those that are not in it stay as they are. */
export type ReplicaPlan = ReadonlyMap<ReplicaSet, number>

export function wantedReplicas({ spec }: Deployment): number {
  return spec.replicas ?? 1
}

export function replicasOf({ spec }: ReplicaSet): number {
  return spec.replicas ?? 1
}

export function totalReplicas(sets: readonly ReplicaSet[]): number {
  return sets.reduce((sum, set) => sum + replicasOf(set), 0)
}

function availableReplicas(sets: readonly ReplicaSet[]): number {
  return sets.reduce((sum, { status }) => sum + (status?.availableReplicas ?? 0), 0)
}

function isRollingUpdate({ spec }: Deployment): boolean {
  return spec.strategy?.type !== 'Recreate'
}

/** How many pods may be too many and too few. Shares of the replicas are rounded up and down; both 0 would stand still. */
export function allowances(deployment: Deployment): { readonly surge: number; readonly unavailable: number } {
  if (!isRollingUpdate(deployment)) return { surge: 0, unavailable: 0 }
  const wanted = wantedReplicas(deployment)
  const { maxSurge = '25%', maxUnavailable = '25%' } = deployment.spec.strategy?.rollingUpdate ?? {}
  const surge = resolveShare(maxSurge, wanted, Math.ceil)
  const unavailable = resolveShare(maxUnavailable, wanted, Math.floor)
  return { surge, unavailable: Math.min(wanted, surge === 0 && unavailable === 0 ? 1 : unavailable) }
}

/** A number as it is, a share of the whole rounded. */
export function resolveShare(share: number | string, whole: number, round: (value: number) => number): number {
  return typeof share === 'number' ? share : round((Number.parseInt(share, 10) * whole) / 100)
}

/** The most pods that a rolling update makes; the annotation max-replicas. */
export function replicasMax(deployment: Deployment): number {
  return wantedReplicas(deployment) + allowances(deployment).surge
}

/** The replicas with which the new ReplicaSet is made, or to which it grows or shrinks. */
export function newSetReplicas(deployment: Deployment, { newSet, oldSets }: Revisions): number {
  const wanted = wantedReplicas(deployment)
  const current = newSet === undefined ? 0 : replicasOf(newSet)
  if (current >= wanted || !isRollingUpdate(deployment)) return wanted
  const room = replicasMax(deployment) - current - totalReplicas(oldSets)
  return current + Math.max(0, Math.min(room, wanted - current))
}

/** One step down of the old ReplicaSets in a rolling update: first pods that are not available, then as many as may go. */
export function planOldSets(deployment: Deployment, newSet: ReplicaSet, oldSets: readonly ReplicaSet[]): ReplicaPlan {
  const plan = new Map<ReplicaSet, number>()
  const minAvailable = wantedReplicas(deployment) - allowances(deployment).unavailable
  const newUnavailable = replicasOf(newSet) - (newSet.status?.availableReplicas ?? 0)
  const sets = [...oldSets, newSet]
  let removable = totalReplicas(sets) - minAvailable - newUnavailable
  if (totalReplicas(oldSets) === 0 || removable <= 0) return plan
  for (const set of oldSets) {
    const idle = Math.min(removable, Math.max(0, replicasOf(set) - (set.status?.availableReplicas ?? 0)))
    if (idle > 0) plan.set(set, replicasOf(set) - idle)
    removable -= Math.max(0, idle)
  }
  let expendable = availableReplicas(sets) - minAvailable
  for (const set of oldSets) {
    const current = plan.get(set) ?? replicasOf(set)
    const removed = Math.min(current, Math.max(0, expendable))
    if (removed > 0) plan.set(set, current - removed)
    expendable -= removed
  }
  return plan
}

/** Whether `spec.replicas` was changed since the ReplicaSets were last scaled. */
export function isScaled(deployment: Deployment, { newSet, oldSets }: Revisions): boolean {
  return [...oldSets, ...(newSet === undefined ? [] : [newSet])].some((set) => {
    const desired = set.metadata.annotations?.[desiredReplicasAnnotation]
    return replicasOf(set) > 0 && desired !== undefined && Number(desired) !== wantedReplicas(deployment)
  })
}

/**
 * A change of `spec.replicas`, without any rollout: one active set takes it; with several the difference is shared
 * in proportion to their sizes, the remainder goes to the largest (https://kubernetes.io/docs/concepts/workloads/
 * controllers/deployment/#proportional-scaling).
 */
export function planScaling(deployment: Deployment, { newSet, oldSets }: Revisions): ReplicaPlan {
  const wanted = wantedReplicas(deployment)
  const active = [...oldSets, ...(newSet === undefined ? [] : [newSet])].filter((set) => replicasOf(set) > 0)
  const only = active.length === 0 ? (newSet ?? oldSets.at(-1)) : active.length === 1 ? active[0] : undefined
  if (only !== undefined) return new Map([[only, wanted]])
  if (newSet !== undefined && isSaturated(deployment, newSet)) {
    return new Map(oldSets.filter((set) => replicasOf(set) > 0).map((set) => [set, 0]))
  }
  return isRollingUpdate(deployment) ? planProportionally(deployment, active) : new Map()
}

function isSaturated(deployment: Deployment, set: ReplicaSet): boolean {
  const wanted = wantedReplicas(deployment)
  const desired = Number(set.metadata.annotations?.[desiredReplicasAnnotation] ?? Number.NaN)
  return replicasOf(set) === wanted && desired === wanted && (set.status?.availableReplicas ?? 0) === wanted
}

function planProportionally(deployment: Deployment, active: readonly ReplicaSet[]): ReplicaPlan {
  const allowed = wantedReplicas(deployment) > 0 ? replicasMax(deployment) : 0
  const difference = allowed - totalReplicas(active)
  const grows = difference > 0
  const sets = [...active].sort(
    (left, right) => replicasOf(right) - replicasOf(left) || (grows ? byAge(right, left) : byAge(left, right)),
  )
  let rest = difference
  const plan = new Map<ReplicaSet, number>()
  for (const set of sets) {
    const former = Number(set.metadata.annotations?.[maxReplicasAnnotation] ?? 0) || totalReplicas(active)
    const share = Math.round((replicasOf(set) * allowed) / former) - replicasOf(set)
    const part = grows ? Math.max(0, Math.min(share, rest)) : Math.min(0, Math.max(share, rest))
    plan.set(set, replicasOf(set) + part)
    rest -= part
  }
  const [largest] = sets
  if (largest !== undefined) plan.set(largest, Math.max(0, (plan.get(largest) ?? 0) + rest))
  return plan
}

function byAge(left: ReplicaSet, right: ReplicaSet): number {
  const [before, after] = [left.metadata.creationTimestamp ?? '', right.metadata.creationTimestamp ?? '']
  return before < after ? -1 : before > after ? 1 : 0
}
