/** Two members that run, and a user who scales down to one and, when that is done, up again. */
import { always, type ClusterReader, patch, type UserProperty } from 'kamera'
import { zookeeperClusterType } from './operator/zookeeper-cluster.ts'

const ensemble = { ...zookeeperClusterType, namespace: 'streaming', name: 'zk' }

export const scaleDownAndUp = [
  patch(ensemble, { spec: { replicas: 1 } }),
  patch(ensemble, { spec: { replicas: 2 } }, { at: 'rest' }),
]

/** A member without its claim goes on until its pod restarts, and then has lost its data. */
export const membersKeepTheirClaims: UserProperty = always('every running member has its claim', (cluster) =>
  cluster
    .list({ apiVersion: 'v1', kind: 'Pod' }, { labelSelector: { app: 'zk' } })
    .every((pod) => hasItsClaims(pod, cluster)),
)

interface MemberPod {
  readonly metadata: { readonly namespace: string; readonly deletionTimestamp?: string }
  readonly spec: { readonly volumes?: readonly { readonly persistentVolumeClaim?: { readonly claimName: string } }[] }
}

function hasItsClaims({ metadata, spec }: MemberPod, cluster: ClusterReader): boolean {
  if (metadata.deletionTimestamp !== undefined) return true
  const claims = (spec.volumes ?? []).flatMap(({ persistentVolumeClaim }) => persistentVolumeClaim ?? [])
  return claims.every(({ claimName }) => {
    const key = { namespace: metadata.namespace, name: claimName }
    return cluster.get({ apiVersion: 'v1', kind: 'PersistentVolumeClaim' }, key) !== undefined
  })
}
