/**
 * The status of a StatefulSet, counted from its pods.
 * Source: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/stateful-set-v1/#StatefulSetStatus
 */
import type { Pod, StatefulSet, StatefulSetStatus } from '../kinds.ts'
import { isRunningAndReady, isTerminating } from '../pod-state.ts'
import { revisionLabel } from './pod-identity.ts'
import type { PodPlan } from './pod-plan.ts'

/** The status once `plan` is carried out on `pods`. Available is ready: `minReadySeconds` is not modelled. */
export function countStatus(
  set: StatefulSet,
  pods: readonly Pod[],
  plan: PodPlan,
  revision: string,
): StatefulSetStatus {
  const created = plan.create.length
  const remaining = pods.filter((pod) => !isTerminating(pod) && !plan.delete.includes(pod))
  const ready = pods.filter(isRunningAndReady).length
  const replicas = pods.length + created
  const ofRevision = (name: string) => remaining.filter((pod) => pod.metadata.labels?.[revisionLabel] === name).length
  const updated = ofRevision(revision) + created
  const previous = set.status?.currentRevision ?? revision
  const isUpdated = updated === replicas && ready === replicas
  const currentRevision = isUpdated ? revision : previous
  return {
    observedGeneration: set.metadata.generation ?? 0,
    replicas,
    readyReplicas: ready,
    availableReplicas: ready,
    currentReplicas: currentRevision === revision ? updated : ofRevision(currentRevision),
    updatedReplicas: updated,
    currentRevision,
    updateRevision: revision,
    collisionCount: 0,
  }
}

/** Whether a write of `next` would change anything. */
export function differs(next: StatefulSetStatus, current: StatefulSetStatus | undefined): boolean {
  return current === undefined || Object.keys(next).some((field) => next[field] !== current[field])
}
