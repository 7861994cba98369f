/**
 * Go and TypeScript in one scenario: the Go operator makes machines, one in TypeScript gives each an address. Both are
 * processes of their own, with caches that are late by themselves.
 */
import { always, create, defineController, defineScenario, goController } from 'kamera'

const machineSet = { apiVersion: 'example.kamera.dev/v1', kind: 'MachineSet' }
const machine = { apiVersion: 'example.kamera.dev/v1', kind: 'Machine' }

const provisioner = defineController({
  name: 'provisioner',
  process: 'provisioner',
  for: machine,
  reconciler: ({ client }) => ({
    async reconcile(request) {
      const found = await client.tryGet<{ metadata: object; spec?: { address?: string } }>(machine, request)
      if (found === undefined || found.spec?.address !== undefined) return
      await client.update({ ...found, spec: { address: `machine://${request.name}` } })
    },
  }),
})

export default defineScenario({
  name: 'go-mixed',
  kinds: [machineSet, machine],
  controllers: [
    goController({ name: 'machine-operator', command: ['go', 'run', './duplicate-creation-fixed'], directory: '..' }),
    provisioner,
  ],
  actions: [create({ ...machineSet, metadata: { namespace: 'default', name: 'web' }, spec: { replicas: 2 } })],
  properties: [
    always('no more machines than replicas', (cluster) => {
      const set = cluster.get(machineSet, { namespace: 'default', name: 'web' })
      return cluster.list(machine).length <= (set?.['spec'].replicas ?? 0)
    }),
  ],
})
