/**
 * What the controllers of workloads ask of a pod's state.
 * Source: https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/
 */
import type { Pod } from './kinds.ts'

export function isTerminating(pod: Pod): boolean {
  return pod.metadata.deletionTimestamp !== undefined
}

/** All containers have stopped for good. */
export function hasEnded(pod: Pod): boolean {
  return pod.status?.phase === 'Failed' || pod.status?.phase === 'Succeeded'
}

/** Counts as a replica: it neither has ended nor is on its way out. */
export function isActive(pod: Pod): boolean {
  return !hasEnded(pod) && !isTerminating(pod)
}

export function isReady(pod: Pod): boolean {
  return pod.status?.conditions?.find((condition) => condition.type === 'Ready')?.status === 'True'
}

export function isRunningAndReady(pod: Pod): boolean {
  return pod.status?.phase === 'Running' && isReady(pod)
}
