/** What an ensemble consists of. Everything has its owner's uid, so that the collector takes what a list missed. */
import type { KubernetesObject, OwnerReference } from 'kamera'
import { claim, statefulSet } from './workload.ts'

type Cluster = KubernetesObject & { readonly spec: { readonly replicas: number } }

export function statefulSetOf(cluster: Cluster) {
  const labels = { app: cluster.metadata.name ?? '' }
  return {
    ...statefulSet,
    metadata: metadataOf(cluster, labels.app),
    spec: {
      replicas: cluster.spec.replicas,
      serviceName: labels.app,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'zookeeper', image: 'zookeeper' }] } },
    },
  }
}

export function claimsOf(cluster: Cluster) {
  return Array.from({ length: cluster.spec.replicas }, (_, ordinal) => ({
    ...claim,
    metadata: metadataOf(cluster, `data-${cluster.metadata.name}-${ordinal}`),
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '20Gi' } } },
  }))
}

function metadataOf({ apiVersion, kind, metadata }: Cluster, name: string) {
  const { namespace = '', name: app = '', uid = '' } = metadata
  const owner: OwnerReference = { apiVersion, kind, name: app, uid, controller: true }
  return { namespace, name, labels: { app }, ownerReferences: [owner] }
}
