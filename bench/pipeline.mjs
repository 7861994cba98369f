/**
 * A Deployment-like pipeline: an app controller makes Replicas, a scheduler binds them, a kubelet makes them ready, an
 * endpoints controller lists the ready ones. Two replicas, and the user raises the image once.
 */
import { defineController, defineScenario, patch } from 'kamera'

const group = 'bench.kamera.dev/v1'
const app = { apiVersion: group, kind: 'App' }
const replica = { apiVersion: group, kind: 'Replica' }
const endpoints = { apiVersion: group, kind: 'EndpointList' }

const appController = defineController({
  name: 'app',
  for: app,
  owns: [replica],
  reconciler: ({ client }) => ({
    async reconcile(request) {
      const object = await client.tryGet(app, request)
      if (object === undefined) return
      for (let i = 0; i < object.spec.replicas; i++) {
        const name = `${object.metadata.name}-${i}`
        const found = await client.tryGet(replica, { namespace: 'default', name })
        if (found === undefined) {
          const { apiVersion, kind, metadata } = object
          const ownerReferences = [{ apiVersion, kind, name: metadata.name, uid: metadata.uid, controller: true }]
          await client.create({
            ...replica,
            metadata: { namespace: 'default', name, ownerReferences },
            spec: { image: object.spec.image },
          })
        } else if (found.spec.image !== object.spec.image) {
          await client.update({ ...found, spec: { ...found.spec, image: object.spec.image } })
        }
      }
    },
  }),
})

function replicaController(name, step) {
  return defineController({
    name,
    for: replica,
    reconciler: ({ client }) => ({
      async reconcile(request) {
        const object = await client.tryGet(replica, request)
        if (object !== undefined) await step(client, object)
      },
    }),
  })
}

const scheduler = replicaController('scheduler', async (client, object) => {
  if (object.spec.node === undefined) await client.update({ ...object, spec: { ...object.spec, node: 'node-1' } })
})

const kubelet = replicaController('kubelet', async (client, object) => {
  const { node, image } = object.spec
  if (node !== undefined && object.status?.image !== image)
    await client.status().update({ ...object, status: { ready: true, image } })
})

const endpointsController = defineController({
  name: 'endpoints',
  watches: [{ ...replica, requests: () => [{ namespace: 'default', name: 'app' }] }],
  reconciler: ({ client }) => ({
    async reconcile(request) {
      const ready = (await client.list(replica, { namespace: 'default' })).filter(
        ({ status }) => status?.ready === true,
      )
      const names = ready.map(({ metadata, status }) => `${metadata.name}=${status.image}`)
      const found = await client.tryGet(endpoints, request)
      if (found === undefined) await client.create({ ...endpoints, metadata: { ...request }, spec: { names } })
      else if (JSON.stringify(found.spec.names) !== JSON.stringify(names))
        await client.update({ ...found, spec: { names } })
    },
  }),
})

export default defineScenario({
  name: 'pipeline',
  kinds: [app, replica, endpoints],
  objects: [{ ...app, metadata: { namespace: 'default', name: 'web' }, spec: { replicas: 2, image: 'v1' } }],
  controllers: [appController, scheduler, kubelet, endpointsController],
  actions: [patch({ ...app, namespace: 'default', name: 'web' }, { spec: { image: 'v2' } })],
})
