/**
 * An operator that cleans up behind a finalizer, and then goes on as if the object were still there.
 * From zookeeper-operator #410 and psmdb-590: after the finalizer is removed there is no return.
 */
import { defineController } from 'kamera'
import { cache, statefulSet, statefulSetOf } from './workload.ts'

const finalizer = 'example.kamera.dev/cleanup'

export function cacheController() {
  return defineController({
    name: 'cache-operator',
    for: cache,
    owns: [statefulSet],
    reconciler: ({ client }) => ({
      async reconcile(request) {
        const object = await client.tryGet(cache, request)
        if (object === undefined) return
        const { metadata } = object
        const wanted = statefulSetOf(object)
        const existing = await client.tryGet(statefulSet, wanted.metadata)

        if (metadata.deletionTimestamp !== undefined) {
          if (existing !== undefined) await client.delete(existing)
          await client.update({ ...object, metadata: { ...metadata, finalizers: [] } })
        } else if (metadata.finalizers === undefined) {
          await client.update({ ...object, metadata: { ...metadata, finalizers: [finalizer] } })
          return
        }
        if (existing === undefined) await client.create(wanted)
      },
    }),
  })
}
