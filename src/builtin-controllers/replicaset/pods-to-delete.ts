/**
 * Which pods a ReplicaSet deletes first when it has too many.
 * Source: https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/#scaling-a-replicaset and
 * kubernetes/pkg/controller/controller_utils.go (ActivePodsWithRanks). Left out: how many pods share a node, how long a
 * pod has been ready, restarts. Where upstream leaves the choice open, the name decides.
 */
import type { Pod } from '../kinds.ts'
import { isReady } from '../pod-state.ts'

const deletionCostAnnotation = 'controller.kubernetes.io/pod-deletion-cost'

/** The first `count` of the pods in the order of deletion. */
export function podsToDelete(pods: readonly Pod[], count: number): readonly Pod[] {
  return count <= 0 ? [] : [...pods].sort(inDeletionOrder).slice(0, count)
}

/** Unbound, then pending, then unknown, then not ready, then cheap, then young pods go first. */
function inDeletionOrder(left: Pod, right: Pod): number {
  return (
    Number(left.spec.nodeName !== undefined) - Number(right.spec.nodeName !== undefined) ||
    phaseRank(left) - phaseRank(right) ||
    Number(isReady(left)) - Number(isReady(right)) ||
    deletionCost(left) - deletionCost(right) ||
    compareText(right.metadata.creationTimestamp ?? '', left.metadata.creationTimestamp ?? '') ||
    compareText(right.metadata.name, left.metadata.name)
  )
}

function phaseRank({ status }: Pod): number {
  const rank = ['Pending', 'Unknown', 'Running'].indexOf(status?.phase ?? 'Pending')
  return rank === -1 ? 0 : rank
}

/** 0 when there is none, or one that is no integer. */
function deletionCost({ metadata }: Pod): number {
  const text = metadata.annotations?.[deletionCostAnnotation] ?? ''
  return /^(0|-?[1-9][0-9]*)$/.test(text) ? Number(text) : 0
}

function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}
