/**
 * Two ways never to come to rest. From argo-rollouts #1822 and hypershift #950: two controllers that each know the
 * right value of one field, and one that reports when it last looked, which is a change that it then looks at.
 */
import { defineController } from 'kamera'
import { agent, rollout } from './workload.ts'

export function rolloutControllers() {
  return [weightController('canary-controller', 1), weightController('autoscaler', 2), heartbeatController()]
}

function weightController(name: string, weight: number) {
  return defineController({
    name,
    for: rollout,
    reconciler: ({ client }) => ({
      async reconcile(request) {
        const object = await client.tryGet(rollout, request)
        if (object === undefined || object.spec.weight === weight) return
        await client.update({ ...object, spec: { ...object.spec, weight } })
      },
    }),
  })
}

function heartbeatController() {
  return defineController({
    name: 'agent-monitor',
    for: agent,
    reconciler: ({ client, clock }) => ({
      async reconcile(request) {
        const object = await client.tryGet(agent, request)
        if (object === undefined) return
        await client.status().update({ ...object, status: { lastSeen: clock.now().toISOString() } })
      },
    }),
  })
}
