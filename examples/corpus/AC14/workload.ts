/** A Cassandra cluster of two nodes is scaled down to one and to none. */
import { patch } from 'kamera'

export const cluster = { apiVersion: 'example.kamera.dev/v1', kind: 'CassandraCluster' }
export const statefulSet = { apiVersion: 'apps/v1', kind: 'StatefulSet' }

const target = { ...cluster, namespace: 'default', name: 'ring' }

export const workload = {
  kinds: [cluster],
  objects: [{ ...cluster, metadata: { namespace: 'default', name: 'ring' }, spec: { nodes: 2 } }],
  settled: true,
  oracles: { 'history-independent': true },
  actions: [patch(target, { spec: { nodes: 1 } }), patch(target, { spec: { nodes: 0 } })],
}

// biome-ignore lint/suspicious/noExplicitAny: an object of a kind without a schema
export function statefulSetOf({ apiVersion, kind, metadata: { namespace, name, uid }, spec: { nodes } }: any) {
  const labels = { app: name }
  return {
    ...statefulSet,
    metadata: { namespace, name, ownerReferences: [{ apiVersion, kind, name, uid, controller: true }] },
    spec: {
      replicas: nodes,
      serviceName: name,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'cassandra', image: 'cassandra' }] } },
    },
  }
}
