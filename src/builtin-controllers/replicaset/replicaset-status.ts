/**
 * The status of a ReplicaSet, counted from its pods.
 * Source: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/replica-set-v1/#ReplicaSetStatus
 */
import { equalJson } from '#api/equal.ts'
import type { Condition, Pod, ReplicaSet, ReplicaSetStatus } from '../kinds.ts'
import { isReady } from '../pod-state.ts'

/** Why pods could not be created or deleted: the reason of the condition ReplicaFailure. */
export type ReplicaFailure = 'FailedCreate' | 'FailedDelete'

/** The status for the pods that are there after a reconcile. Available is ready: `minReadySeconds` is not modelled. */
export function countStatus(
  set: ReplicaSet,
  pods: readonly Pod[],
  failure: ReplicaFailure | undefined,
): ReplicaSetStatus {
  const ready = pods.filter(isReady).length
  const templateLabels = Object.entries(set.spec.template.metadata?.labels ?? {})
  const fullyLabeled = pods.filter(({ metadata }) =>
    templateLabels.every(([key, value]) => metadata.labels?.[key] === value),
  )
  const conditions = conditionsOf(set, failure)
  return {
    observedGeneration: set.metadata.generation ?? 0,
    replicas: pods.length,
    ...positive('fullyLabeledReplicas', fullyLabeled.length),
    ...positive('readyReplicas', ready),
    ...positive('availableReplicas', ready),
    ...(conditions.length === 0 ? {} : { conditions }),
  }
}

export function isSameStatus(left: ReplicaSetStatus | undefined, right: ReplicaSetStatus): boolean {
  return left !== undefined && equalJson(left, right)
}

/** ReplicaFailure stays while there is a failure, other conditions are kept. */
function conditionsOf(set: ReplicaSet, failure: ReplicaFailure | undefined): readonly Condition[] {
  const others = (set.status?.conditions ?? []).filter(({ type }) => type !== 'ReplicaFailure')
  return failure === undefined ? others : [...others, { type: 'ReplicaFailure', status: 'True', reason: failure }]
}

/** Counts of 0 are left out, as upstream's types do. */
function positive(field: keyof ReplicaSetStatus, count: number): Partial<ReplicaSetStatus> {
  return count === 0 ? {} : { [field]: count }
}
