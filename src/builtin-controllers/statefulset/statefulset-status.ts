/**
 * The status of a StatefulSet, counted from its pods.
 * Source: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/stateful-set-v1/#StatefulSetStatus
 */
import type { Pod, StatefulSet, StatefulSetStatus } from '../kinds.ts'
import { isRunningAndReady, isTerminating } from '../pod-state.ts'
import { revisionLabel } from './pod-identity.ts'
import { isBelowPartition, type PodPlan } from './pod-plan.ts'
import type { Revisions } from './revisions.ts'

/** The status once `plan` is carried out on `pods`. Available is ready: `minReadySeconds` is not modelled. */
export function countStatus(
  set: StatefulSet,
  pods: readonly Pod[],
  plan: PodPlan,
  { current, update }: Revisions,
): StatefulSetStatus {
  const revision = update.metadata.name
  const created = plan.create.map((ordinal) => (isBelowPartition(set, ordinal) ? current.metadata.name : revision))
  const remaining = pods.filter((pod) => !isTerminating(pod) && !plan.delete.includes(pod))
  const revisions = [...remaining.map((pod) => pod.metadata.labels?.[revisionLabel]), ...created]
  const ofRevision = (name: string): number => revisions.filter((each) => each === name).length
  const ready = pods.filter(isRunningAndReady).length
  const replicas = pods.length + plan.create.length
  const updated = ofRevision(revision)
  const isRolling = set.spec.updateStrategy?.type !== 'OnDelete'
  const currentRevision = isRolling && updated === replicas && ready === replicas ? revision : current.metadata.name
  return {
    observedGeneration: set.metadata.generation ?? 0,
    replicas,
    readyReplicas: ready,
    availableReplicas: ready,
    currentReplicas: ofRevision(currentRevision),
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
