/**
 * The fixed twin of `controller.ts`: the proxy carries the generation of the database that it was last wanted by, and
 * is deleted only for a later one which the API server has just confirmed. Whatever has touched the proxy meanwhile
 * keeps it (resourceVersion).
 */
import { defineController } from 'kamera'
import { database, proxyOf, statefulSet } from './workload.ts'

export function databaseController() {
  return defineController({
    name: 'database-operator',
    for: database,
    owns: [statefulSet],
    reconciler: ({ client, apiReader }) => ({
      async reconcile(request) {
        const cluster = await client.tryGet(database, request)
        if (cluster === undefined) return
        const wanted = proxyOf(cluster)
        const annotations = { generation: `${cluster.metadata.generation}` }
        Object.assign(wanted.metadata, { annotations })
        const proxy = await client.tryGet(statefulSet, wanted.metadata)

        if (cluster.spec.proxy.enabled) {
          if (proxy === undefined) await client.create(wanted)
          else await client.update({ ...proxy, metadata: { ...proxy.metadata, annotations } })
        } else if (proxy !== undefined) {
          const { metadata, spec } = await apiReader.get(database, request)
          if (spec.proxy.enabled || proxy.metadata.annotations.generation >= metadata.generation) return
          const { uid, resourceVersion } = proxy.metadata
          await client.delete(proxy, { preconditions: { uid, resourceVersion } })
        }
      },
    }),
  })
}
