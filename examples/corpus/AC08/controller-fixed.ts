/** The fixed twin of `controller.ts`: each Secret is checked for itself. */
import { defineController } from 'kamera'

const secret = { apiVersion: 'v1', kind: 'Secret' }
export const database = { apiVersion: 'example.kamera.dev/v1', kind: 'Database' }

export function databaseController() {
  return defineController({
    name: 'database-operator',
    for: database,
    reconciler: ({ client }) => ({
      async reconcile({ namespace = '', name }) {
        const cluster = await client.tryGet(database, { namespace, name })
        if (cluster === undefined) return
        const users = { ...secret, metadata: { namespace, name: `${name}-users` } }
        const tls = { ...secret, metadata: { namespace, name: `${name}-tls` } }

        if ((await client.tryGet(secret, users.metadata)) === undefined) await client.create(users)
        if ((await client.tryGet(secret, tls.metadata)) === undefined) await client.create(tls)
      },
    }),
  })
}
