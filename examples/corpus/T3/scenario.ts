/**
 * Two controllers report conditions with the time of their change, in the order in which they come to it. The states
 * at rest differ in times, in whose is older, and in the order of the conditions, and all say the same. No alarm is to
 * be raised.
 */
import { create, defineController, defineScenario } from 'kamera'

const certificate = { apiVersion: 'example.kamera.dev/v1', kind: 'Certificate' }

interface Condition {
  readonly type: string
  readonly status: string
  readonly lastTransitionTime: string
}

/** Reports `type` once, and when the object was first handled at all. */
function conditionController(name: string, type: string) {
  return defineController({
    name,
    process: name,
    for: certificate,
    reconciler: ({ client, clock }) => ({
      async reconcile(request) {
        const object = await client.tryGet(certificate, request)
        if (object === undefined) return
        const conditions: readonly Condition[] = object.status?.conditions ?? []
        if (conditions.some((condition) => condition.type === type)) return
        const lastTransitionTime = clock.now().toISOString()
        await client.status().update({
          ...object,
          status: {
            firstHandled: object.status?.firstHandled ?? lastTransitionTime,
            conditions: [...conditions, { type, status: 'True', lastTransitionTime }],
          },
        })
      },
    }),
  })
}

export default defineScenario({
  name: 'T3',
  kinds: [certificate],
  controllers: [conditionController('issuer', 'Ready'), conditionController('approver', 'Approved')],
  actions: [create({ ...certificate, metadata: { namespace: 'default', name: 'web' } })],
})
