/** A Cassandra datacenter of two nodes that run; the user scales down to one, then deletes it. */
import { patch, remove } from 'kamera'

export const datacenter = { apiVersion: 'example.kamera.dev/v1', kind: 'CassandraDataCenter' }
export const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim' }
export const pod = { apiVersion: 'v1', kind: 'Pod' }

const target = { ...datacenter, namespace: 'default', name: 'dc' }

export const workload = {
  kinds: [datacenter],
  objects: [{ ...datacenter, metadata: { namespace: 'default', name: 'dc' }, spec: { nodes: 2 } }],
  settled: true,
  actions: [patch(target, { spec: { nodes: 1 } }), remove(target, { at: 'rest' })],
}
