/**
 * Copies a Secret into another namespace and keeps the copy up to date. The copy goes with its source, which the API
 * server is asked about, since a copy cannot have an owner in another namespace.
 */
import { create, defineController, defineScenario, type KubernetesObject, patch, remove } from 'kamera'

const secret = { apiVersion: 'v1', kind: 'Secret' }
const source = { namespace: 'default', name: 'registry' }
const copyOf = 'example.kamera.dev/copy-of'

const copyController = defineController({
  name: 'copy-operator',
  watches: [{ ...secret, requests: sourceOf }],
  reconciler: ({ client, apiReader }) => ({
    async reconcile(request) {
      const original = await apiReader.tryGet(secret, request)
      const copy = await apiReader.tryGet(secret, { namespace: 'team', name: request.name })

      if (original === undefined) {
        if (copy !== undefined) await client.delete(copy, { preconditions: { uid: copy.metadata.uid } })
      } else if (copy === undefined) {
        const metadata = { namespace: 'team', name: request.name, labels: { [copyOf]: 'default' } }
        await client.create({ ...secret, metadata, data: original.data })
      } else if (copy.data.password !== original.data.password) {
        await client.update({ ...copy, data: original.data })
      }
    },
  }),
})

function sourceOf({ metadata: { namespace = '', name = '', labels } }: KubernetesObject) {
  return [{ namespace: labels?.[copyOf] ?? namespace, name }]
}

const manifest = { ...secret, metadata: source, data: { password: 'b25l' } }

export default defineScenario({
  name: 'secret-copy',
  objects: [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team' } }],
  controllers: [copyController],
  actions: [
    create(manifest),
    patch({ ...secret, ...source }, { data: { password: 'dHdv' } }),
    remove({ ...secret, ...source }),
    create(manifest),
  ],
})
