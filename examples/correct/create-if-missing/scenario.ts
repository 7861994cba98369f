/**
 * For each App a ConfigMap with its greeting. What belongs to a former App of the same name is left to the garbage
 * collector, whose deletion wakes the controller.
 */
import { create, defineController, defineScenario, patch, remove } from 'kamera'

const app = { apiVersion: 'example.kamera.dev/v1', kind: 'App' }
const configMap = { apiVersion: 'v1', kind: 'ConfigMap' }
const web = { namespace: 'default', name: 'web' }

const appController = defineController({
  name: 'app-operator',
  for: app,
  owns: [configMap],
  reconciler: ({ client }) => ({
    async reconcile({ namespace = '', name }) {
      const object = await client.tryGet(app, { namespace, name })
      if (object === undefined || object.metadata.deletionTimestamp !== undefined) return
      const { uid } = object.metadata
      const data = { greeting: object.spec.greeting }
      const existing = await client.tryGet(configMap, { namespace, name })

      if (existing === undefined) {
        const ownerReferences = [{ ...app, name, uid, controller: true }]
        await client.create({ ...configMap, metadata: { namespace, name, ownerReferences }, data })
      } else if (existing.metadata.ownerReferences?.[0]?.uid === uid && existing.data.greeting !== data.greeting) {
        await client.update({ ...existing, data })
      }
    },
  }),
})

const manifest = { ...app, metadata: web, spec: { greeting: 'hello' } }

export default defineScenario({
  name: 'create-if-missing',
  kinds: [app],
  controllers: [appController],
  actions: [
    create(manifest),
    patch({ ...app, ...web }, { spec: { greeting: 'good morning' } }),
    remove({ ...app, ...web }),
    create(manifest),
  ],
})
