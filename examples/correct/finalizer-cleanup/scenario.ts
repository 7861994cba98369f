/**
 * A Tenant has a quota in another namespace, where owner references do not reach: a finalizer holds the Tenant until
 * the API server says that the quota is gone. Nothing is made for a Tenant that may be gone itself.
 */
import { create, defineController, defineScenario, remove } from 'kamera'

const tenant = { apiVersion: 'example.kamera.dev/v1', kind: 'Tenant' }
const quota = { apiVersion: 'example.kamera.dev/v1', kind: 'Quota' }
const finalizer = 'example.kamera.dev/quota'
const acme = { namespace: 'default', name: 'acme' }

const tenantController = defineController({
  name: 'tenant-operator',
  for: tenant,
  watches: [{ ...quota, requests: ({ metadata: { name = '' } }) => [{ namespace: 'default', name }] }],
  reconciler: ({ client, apiReader }) => ({
    async reconcile(request): Promise<{ requeueAfterMs: number } | undefined> {
      const object = await apiReader.tryGet(tenant, request)
      if (object === undefined) return undefined
      const { metadata } = object
      const existing = await apiReader.tryGet(quota, { namespace: 'quotas', name: request.name })

      if (metadata.deletionTimestamp !== undefined) {
        if (existing === undefined) {
          await client.update({ ...object, metadata: { ...metadata, finalizers: [] } })
          return undefined
        }
        await client.delete(existing, { preconditions: { uid: existing.metadata.uid } })
        // Nobody may ever say that it is gone: what is made and deleted while a watch is broken makes no event.
        return { requeueAfterMs: 1000 }
      } else if (metadata.finalizers === undefined) {
        await client.update({ ...object, metadata: { ...metadata, finalizers: [finalizer] } })
      } else if (existing === undefined) {
        await client.create({ ...quota, metadata: { namespace: 'quotas', name: request.name } })
      }
      return undefined
    },
  }),
})

export default defineScenario({
  name: 'finalizer-cleanup',
  kinds: [tenant, quota],
  objects: [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'quotas' } }],
  controllers: [tenantController],
  actions: [
    create({ ...tenant, metadata: acme }),
    remove({ ...tenant, ...acme }),
    create({ ...tenant, metadata: acme }),
  ],
})
