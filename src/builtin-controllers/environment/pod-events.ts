/**
 * What happens to pods without anybody asking for it: they are evicted, their containers crash, their node is lost. For
 * a scenario's `environment`, with `podLifecycle` or any controller that makes pods run.
 *
 * Source: https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/
 * Left out: a node that comes back with its pods still running, taints and tolerations, probes.
 */
import type { TypeReference } from '#api/object.ts'
import type { Condition, Pod } from '../kinds.ts'
import { podType } from '../kinds.ts'
import { type NodeObject, nodeType } from '../node/node-kind.ts'
import { hasEnded, isTerminating } from '../pod-state.ts'

/** The part of a cluster that is asked. */
interface Pods {
  list<T>(type: TypeReference): readonly T[]
}

/** A pod fails for good, as when it is evicted: its phase is Failed, and whoever owns it has to replace it. */
export function podFailure() {
  return {
    name: 'pod fails',
    each: (cluster: Pods) => startedPods(cluster),
    act: (_: Pods, pod: Pod) => ({
      type: 'patch' as const,
      target: targetOf(pod),
      subresource: 'status',
      patch: {
        status: {
          phase: 'Failed',
          reason: 'Evicted',
          conditions: notReady(pod, 'PodFailed'),
          containerStatuses: statusesOf(pod).map((status) => ({
            ...status,
            ready: false,
            started: false,
            state: { terminated: { exitCode: 137, reason: 'Error' } },
          })),
        },
      },
    }),
  }
}

/** The containers of a running pod crash and wait to be started again, which the kubelet (`podLifecycle`) does. */
export function containerRestart() {
  return {
    name: 'containers crash',
    each: (cluster: Pods) => startedPods(cluster).filter(isRunning),
    act: (_: Pods, pod: Pod) => ({
      type: 'patch' as const,
      target: targetOf(pod),
      subresource: 'status',
      patch: {
        status: {
          conditions: notReady(pod, 'ContainersNotReady'),
          containerStatuses: statusesOf(pod).map((status) => ({
            ...status,
            ready: false,
            started: false,
            restartCount: status.restartCount + 1,
            state: { waiting: { reason: 'CrashLoopBackOff' } },
          })),
        },
      },
    }),
  }
}

/** A Node object is removed, as when its machine was given back: its pods are left to `podgc`. */
export function nodeRemoval() {
  return {
    name: 'node is removed',
    each: (cluster: Pods) => cluster.list<NodeObject>(nodeType).map(({ metadata }) => metadata.name),
    act: (_: Pods, name: string) => ({ type: 'remove' as const, target: { ...nodeType, name } }),
  }
}

/** A node is gone for good: its pods are removed without a kubelet to stop them, as after the Node object is deleted. */
export function nodeLoss() {
  return {
    name: 'node is lost',
    each: (cluster: Pods) => [...new Set(startedPods(cluster).map(nodeOf))].sort(),
    act: (cluster: Pods, node: string) =>
      boundPods(cluster)
        .filter((pod) => nodeOf(pod) === node)
        .map((pod) => ({ type: 'remove' as const, target: targetOf(pod), gracePeriodSeconds: 0 })),
  }
}

function boundPods(cluster: Pods): readonly Pod[] {
  return cluster.list<Pod>(podType).filter((pod) => pod.spec.nodeName !== undefined)
}

/** Bound, and neither at their end nor on their way out. */
function startedPods(cluster: Pods): readonly Pod[] {
  return boundPods(cluster).filter((pod) => !hasEnded(pod) && !isTerminating(pod))
}

function isRunning(pod: Pod): boolean {
  return pod.status?.phase === 'Running' && statusesOf(pod).every(({ ready }) => ready)
}

function nodeOf(pod: Pod): string {
  return pod.spec.nodeName as string
}

function targetOf({ metadata }: Pod) {
  return { ...podType, namespace: metadata.namespace ?? 'default', name: metadata.name }
}

function notReady(pod: Pod, reason: string): readonly Condition[] {
  return (pod.status?.conditions ?? []).map((condition) =>
    condition.type === 'Ready' || condition.type === 'ContainersReady'
      ? { type: condition.type, status: 'False', reason }
      : condition,
  )
}

function statusesOf(pod: Pod): readonly { readonly restartCount: number; readonly ready: boolean }[] {
  return pod.status?.containerStatuses ?? []
}
