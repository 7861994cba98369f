/** Sessions end after their time to live, but never one that was renewed after it was looked at. */
import { create, defineController, defineScenario } from 'kamera'

const session = { apiVersion: 'example.kamera.dev/v1', kind: 'Session' }

const sessionController = defineController({
  name: 'session-operator',
  for: session,
  reconciler: ({ client, clock }) => ({
    async reconcile(request) {
      const object = await client.tryGet(session, request)
      if (object === undefined || object.metadata.deletionTimestamp !== undefined) return
      const endMs = Date.parse(object.metadata.creationTimestamp) + object.spec.ttlSeconds * 1000
      const leftMs = endMs - clock.now().getTime()
      if (leftMs > 0) return { requeueAfterMs: leftMs }
      const { uid, resourceVersion } = object.metadata
      await client.delete(object, { preconditions: { uid, resourceVersion } })
    },
  }),
})

const lasting = (name: string, ttlSeconds: number) => ({
  ...session,
  metadata: { namespace: 'default', name },
  spec: { ttlSeconds },
})

export default defineScenario({
  name: 'ttl',
  kinds: [session],
  controllers: [sessionController],
  actions: [create(lasting('short', 60)), create(lasting('long', 3600))],
})
