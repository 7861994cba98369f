/** The status of an ensemble, from that of its StatefulSet. A condition's time moves only when its status does. */
import {
  type Condition,
  clientServiceName,
  ports,
  replicasWanted,
  type StatefulSet,
  type ZookeeperCluster,
  type ZookeeperStatus,
} from './zookeeper-cluster.ts'

export function statusFor(cluster: ZookeeperCluster, statefulSet: StatefulSet, now: () => Date): ZookeeperStatus {
  const wanted = replicasWanted(cluster)
  const { replicas = 0, readyReplicas = 0 } = statefulSet.status ?? {}
  const { namespace } = cluster.metadata
  const conditions = [
    readyReplicas === wanted && replicas === wanted
      ? ({ type: 'PodsReady', status: 'True', reason: 'AllMembersReady' } as const)
      : ({ type: 'PodsReady', status: 'False', reason: 'MembersMissing' } as const),
    replicas === wanted
      ? ({ type: 'Scaling', status: 'False', reason: 'SizeReached' } as const)
      : ({ type: 'Scaling', status: 'True', reason: replicas < wanted ? 'ScalingUp' : 'ScalingDown' } as const),
  ]
  return {
    observedGeneration: cluster.metadata.generation ?? 0,
    replicas,
    readyReplicas,
    internalClientEndpoint: `${clientServiceName(cluster)}.${namespace}.svc.cluster.local:${ports.client}`,
    currentVersion: cluster.spec.image?.tag ?? 'latest',
    conditions: conditions.map((condition) => withTransitionTime(condition, cluster.status?.conditions ?? [], now)),
  }
}

function withTransitionTime(condition: Condition, previous: readonly Condition[], now: () => Date): Condition {
  const before = previous.find(({ type }) => type === condition.type)
  const lastTransitionTime = before?.status === condition.status ? before.lastTransitionTime : undefined
  return { ...condition, lastTransitionTime: lastTransitionTime ?? rfc3339(now()) }
}

/** Kubernetes' times have whole seconds. */
function rfc3339(time: Date): string {
  return time.toISOString().replace(/\.\d+Z$/, 'Z')
}
