/**
 * The fixed twin of `controller.ts`: one controller owns the field and the other only fills it in when it is empty; and
 * when something was first seen is written once.
 */
import { defineController } from 'kamera'
import { agent, rollout } from './workload.ts'

export function rolloutControllers() {
  return [
    weightController('canary-controller', 1, false),
    weightController('autoscaler', 2, true),
    heartbeatController(),
  ]
}

function weightController(name: string, weight: number, owns: boolean) {
  return defineController({
    name,
    for: rollout,
    reconciler: ({ client }) => ({
      async reconcile(request) {
        const object = await client.tryGet(rollout, request)
        if (object === undefined || object.spec.weight === weight) return
        if (!owns && object.spec.weight !== undefined) return
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
        if (object?.status?.lastSeen !== undefined || object === undefined) return
        await client.status().update({ ...object, status: { lastSeen: clock.now().toISOString() } })
      },
    }),
  })
}
