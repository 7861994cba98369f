/** The fixed twin of `controller.ts`: with its finalizer the object is gone, so there is nothing left to do. */
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
          if (existing !== undefined) await client.delete(existing, { preconditions: { uid: existing.metadata.uid } })
          await client.update({ ...object, metadata: { ...metadata, finalizers: [] } })
          return
        }
        if (metadata.finalizers === undefined) {
          await client.update({ ...object, metadata: { ...metadata, finalizers: [finalizer] } })
          return
        }
        if (existing === undefined) await client.create(wanted)
      },
    }),
  })
}
