/** A Cassandra cluster of two nodes that run; the user scales down to one. */
import { patch } from 'kamera'

export const cluster = { apiVersion: 'example.kamera.dev/v1', kind: 'CassandraCluster' }
export const statefulSet = { apiVersion: 'apps/v1', kind: 'StatefulSet' }
export const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim' }
export const pod = { apiVersion: 'v1', kind: 'Pod' }

const key = { namespace: 'default', name: 'ring' }

export const workload = {
  kinds: [cluster],
  objects: [{ ...cluster, metadata: key, spec: { nodes: 2 } }],
  settled: true,
  actions: [patch({ ...cluster, ...key }, { spec: { nodes: 1 } })],
}

// biome-ignore lint/suspicious/noExplicitAny: an object of a kind without a schema
export function statefulSetOf({ apiVersion, kind, metadata: { namespace, name, uid }, spec: { nodes } }: any) {
  const labels = { app: name }
  const data = { metadata: { name: 'data' }, spec: { resources: { requests: { storage: '20Gi' } } } }
  return {
    ...statefulSet,
    metadata: { namespace, name, ownerReferences: [{ apiVersion, kind, name, uid, controller: true }] },
    spec: {
      replicas: nodes,
      serviceName: name,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'cassandra', image: 'cassandra' }] } },
      volumeClaimTemplates: [data],
    },
  }
}
