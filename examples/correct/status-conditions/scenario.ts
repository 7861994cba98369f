/** An App is Ready while its configuration is there. The time of a condition is that of its last change. */
import { create, defineController, defineScenario, remove } from 'kamera'

const app = { apiVersion: 'example.kamera.dev/v1', kind: 'App' }
const configMap = { apiVersion: 'v1', kind: 'ConfigMap' }
const web = { namespace: 'default', name: 'web' }

const appController = defineController({
  name: 'app-operator',
  for: app,
  watches: [{ ...configMap, requests: ({ metadata: { namespace = '', name = '' } }) => [{ namespace, name }] }],
  reconciler: ({ client, clock }) => ({
    async reconcile(request) {
      const object = await client.tryGet(app, request)
      if (object === undefined) return
      const config = await client.tryGet(configMap, request)
      const status = config === undefined ? 'False' : 'True'
      const before = object.status?.conditions?.find(({ type }: { readonly type: string }) => type === 'Ready')
      const { generation: observedGeneration } = object.metadata
      if (before?.status === status && object.status.observedGeneration === observedGeneration) return

      const lastTransitionTime = before?.status === status ? before.lastTransitionTime : clock.now().toISOString()
      const conditions = [{ type: 'Ready', status, lastTransitionTime }]
      await client.status().update({ ...object, status: { observedGeneration, conditions } })
    },
  }),
})

export default defineScenario({
  name: 'status-conditions',
  kinds: [app],
  controllers: [appController],
  actions: [
    create({ ...app, metadata: web, spec: {} }),
    create({ ...configMap, metadata: web }),
    remove({ ...configMap, ...web }),
  ],
})
