/**
 * A database operator that makes two Secrets for each cluster: the users' passwords and the TLS keys.
 * From psmdb-578/579 and pxc-896/897: the first Secret is taken as the sign that both are there.
 */
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

        if ((await client.tryGet(secret, users.metadata)) !== undefined) return
        await client.create(users)
        await client.create(tls)
      },
    }),
  })
}
