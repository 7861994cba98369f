/** A topology is created, and deleted as `kubectl delete` does it. Its shards have no owner reference. */
import { create, remove } from 'kamera'

export const topology = { apiVersion: 'example.kamera.dev/v1', kind: 'Topology' }
export const shard = { apiVersion: 'example.kamera.dev/v1', kind: 'Shard' }

export const workload = {
  kinds: [topology, shard],
  actions: [
    create({ ...topology, metadata: { namespace: 'default', name: 'main' } }),
    remove({ ...topology, namespace: 'default', name: 'main' }),
  ],
}
