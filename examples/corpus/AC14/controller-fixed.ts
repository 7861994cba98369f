/**
 * The fixed twin of `controller.ts`: the user's spec is left alone, and how many nodes leave at a time is told from the
 * StatefulSet as it is.
 */
import { defineController } from 'kamera'
import { cluster, statefulSet, statefulSetOf } from './workload.ts'

export function cassandraController() {
  return defineController({
    name: 'cassandra-operator',
    for: cluster,
    owns: [statefulSet],
    reconciler: ({ client }) => ({
      async reconcile(request) {
        const ring = await client.tryGet(cluster, request)
        if (ring === undefined) return
        const wanted = statefulSetOf(ring)
        const set = await client.tryGet(statefulSet, wanted.metadata)
        if (set === undefined) await client.create(wanted)
        else {
          const replicas = Math.max(wanted.spec.replicas, set.spec.replicas - 1)
          await client.update({ ...set, spec: { ...set.spec, replicas } })
        }
      },
    }),
  })
}
