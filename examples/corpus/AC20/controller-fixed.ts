/**
 * The fixed twin of `controller.ts`: what a finalizer is removed for is asked of the API server; and so is the topology
 * itself, because a shard made for one that is gone would stay for ever.
 */
import { defineController, type KubernetesObject } from 'kamera'
import { shard, topology } from './workload.ts'

const finalizer = 'example.kamera.dev/shards'

export function topologyController() {
  return defineController({
    name: 'topology-operator',
    for: topology,
    watches: [{ ...shard, requests: topologyOf }],
    reconciler: ({ client, apiReader }) => ({
      async reconcile({ namespace = '', name }): Promise<{ requeueAfterMs?: number }> {
        const object = await apiReader.tryGet(topology, { namespace, name })
        if (object === undefined) return {}
        const { metadata } = object
        const shards = await apiReader.list(shard, { namespace, labelSelector: { topology: name } })

        if (metadata.deletionTimestamp !== undefined) {
          for (const { metadata: found } of shards) {
            await client.delete({ type: shard, key: found }, { preconditions: { uid: found.uid } })
          }
          // What is made and deleted while a watch is broken makes no event.
          if (shards.length > 0) return { requeueAfterMs: 1000 }
          await client.update({ ...object, metadata: { ...metadata, finalizers: [] } })
        } else if (metadata.finalizers === undefined) {
          await client.update({ ...object, metadata: { ...metadata, finalizers: [finalizer] } })
        } else if (shards.length === 0) {
          await client.create({ ...shard, metadata: { namespace, name: `${name}-0`, labels: { topology: name } } })
        }
        return {}
      },
    }),
  })
}

function topologyOf({ metadata: { namespace = '', labels } }: KubernetesObject) {
  return labels?.topology === undefined ? [] : [{ namespace, name: labels.topology }]
}
