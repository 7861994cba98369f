/**
 * A database operator with an optional proxy, which it deletes when the spec says so.
 * From percona psmdb-433/438, pxc-725/763, yugabyte #35/#36: the spec is read from a cache, so the proxy of a database
 * may be deleted because of a spec that the user has long taken back.
 */
import { defineController } from 'kamera'
import { database, proxyOf, statefulSet } from './workload.ts'

export function databaseController() {
  return defineController({
    name: 'database-operator',
    for: database,
    owns: [statefulSet],
    reconciler: ({ client }) => ({
      async reconcile(request) {
        const cluster = await client.tryGet(database, request)
        if (cluster === undefined) return
        const wanted = proxyOf(cluster)
        const proxy = await client.tryGet(statefulSet, wanted.metadata)

        if (cluster.spec.proxy.enabled) {
          if (proxy === undefined) await client.create(wanted)
        } else if (proxy !== undefined) {
          await client.delete(proxy)
        }
      },
    }),
  })
}
