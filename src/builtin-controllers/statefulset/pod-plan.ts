/**
 * What a StatefulSet does next, as a pure function of the set and its pods: one list of pods to create and to delete.
 * With OrderedReady the plan holds at most one change, and none while an earlier pod is not ready or a later one is
 * still terminating; with Parallel all pods are created and deleted at once. A rolling update is one pod at a time
 * under both.
 * Source: https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#deployment-and-scaling-guarantees
 */
import type { Pod, StatefulSet } from '../kinds.ts'
import { hasEnded, isRunningAndReady, isTerminating } from '../pod-state.ts'
import { isInRange, ordinalOf, revisionLabel } from './pod-identity.ts'

export interface PodPlan {
  /** Ordinals whose pods are to be created. */
  readonly create: readonly number[]
  readonly delete: readonly Pod[]
}

const nothing: PodPlan = { create: [], delete: [] }

/** `revision` is the name of the template's present revision. */
export function planPods(set: StatefulSet, pods: readonly Pod[], revision: string): PodPlan {
  if (set.metadata.deletionTimestamp !== undefined) return nothing
  const start = set.spec.ordinals?.start ?? 0
  const end = start + (set.spec.replicas ?? 1)
  const byOrdinal = new Map(pods.map((pod) => [ordinalOf(set, pod), pod]))
  const wanted = Array.from({ length: end - start }, (_, index) => start + index)
  const condemned = pods.filter((pod) => isCondemned(set, pod)).sort((left, right) => compareOrdinals(set, right, left))

  if (set.spec.podManagementPolicy === 'Parallel') {
    const scaling = {
      create: wanted.filter((ordinal) => !byOrdinal.has(ordinal)),
      delete: [...pods.filter((pod) => !condemned.includes(pod) && hasEnded(pod)), ...condemned].filter(
        (pod) => !isTerminating(pod),
      ),
    }
    return isEmpty(scaling) ? planUpdate(set, wanted, byOrdinal, revision) : scaling
  }

  for (const ordinal of wanted) {
    const pod = byOrdinal.get(ordinal)
    if (pod === undefined) return { create: [ordinal], delete: [] }
    if (isTerminating(pod)) return nothing
    if (hasEnded(pod)) return { create: [], delete: [pod] }
    // Upstream waits here even when an update of the template would repair the pod ("forced rollback").
    if (!isRunningAndReady(pod)) return nothing
  }
  const [last] = condemned
  if (last !== undefined) return isTerminating(last) ? nothing : { create: [], delete: [last] }
  return planUpdate(set, wanted, byOrdinal, revision)
}

/** Whether a new pod of an ordinal is of the revision before the update: below the partition. */
export function isBelowPartition(set: StatefulSet, ordinal: number): boolean {
  if (set.spec.updateStrategy?.type === 'OnDelete') return false
  return ordinal < (set.spec.ordinals?.start ?? 0) + (set.spec.updateStrategy?.rollingUpdate?.partition ?? 0)
}

/** From the highest ordinal down to the partition: the first pod of another revision goes, one at a time. */
function planUpdate(
  set: StatefulSet,
  wanted: readonly number[],
  byOrdinal: ReadonlyMap<number | undefined, Pod>,
  revision: string,
): PodPlan {
  if (set.spec.updateStrategy?.type === 'OnDelete') return nothing
  const partition = set.spec.updateStrategy?.rollingUpdate?.partition ?? 0
  for (const ordinal of wanted.filter((candidate) => candidate >= partition).reverse()) {
    const pod = byOrdinal.get(ordinal)
    if (pod === undefined || isTerminating(pod)) return nothing
    if (pod.metadata.labels?.[revisionLabel] !== revision) return { create: [], delete: [pod] }
    if (!isRunningAndReady(pod)) return nothing
  }
  return nothing
}

function isEmpty(plan: PodPlan): boolean {
  return plan.create.length + plan.delete.length === 0
}

function isCondemned(set: StatefulSet, pod: Pod): boolean {
  const ordinal = ordinalOf(set, pod)
  return ordinal !== undefined && !isInRange(set, ordinal)
}

function compareOrdinals(set: StatefulSet, left: Pod, right: Pod): number {
  return (ordinalOf(set, left) ?? 0) - (ordinalOf(set, right) ?? 0)
}
