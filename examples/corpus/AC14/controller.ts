/**
 * A Cassandra operator that lets one node leave at a time, and takes back a spec that asks for more.
 * From casskop #342, rabbitmq #758, yugabyte #39: it compares the spec with the last one that it saw. Whether it saw
 * the one in between is chance, so the same wishes of the user end in different clusters.
 */
import { defineController } from 'kamera'
import { cluster, statefulSet, statefulSetOf } from './workload.ts'

const lastSeen = 'example.kamera.dev/last-seen-nodes'

export function cassandraController() {
  return defineController({
    name: 'cassandra-operator',
    for: cluster,
    owns: [statefulSet],
    reconciler: ({ client }) => ({
      async reconcile(request) {
        const ring = await client.tryGet(cluster, request)
        if (ring === undefined) return
        const { metadata, spec } = ring
        const seen = Number(metadata.annotations?.[lastSeen] ?? spec.nodes)
        if (spec.nodes < seen - 1) {
          await client.update({ ...ring, spec: { nodes: seen } })
          return
        }
        await client.update({ ...ring, metadata: { ...metadata, annotations: { [lastSeen]: `${spec.nodes}` } } })

        const wanted = statefulSetOf(ring)
        const set = await client.tryGet(statefulSet, wanted.metadata)
        if (set === undefined) await client.create(wanted)
        else await client.update({ ...set, spec: { ...set.spec, replicas: wanted.spec.replicas } })
      },
    }),
  })
}
