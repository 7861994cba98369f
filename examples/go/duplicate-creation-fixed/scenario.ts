/**
 * The Go operator of `../duplicate-creation` mended: it counts its machines by the API reader.
 */
import { always, create, defineScenario, goController } from 'kamera'

const machineSet = { apiVersion: 'example.kamera.dev/v1', kind: 'MachineSet' }
const machine = { apiVersion: 'example.kamera.dev/v1', kind: 'Machine' }

export default defineScenario({
  name: 'go-duplicate-creation-fixed',
  kinds: [machineSet, machine],
  controllers: [
    goController({ name: 'machine-operator', command: ['go', 'run', './duplicate-creation-fixed'], directory: '..' }),
  ],
  actions: [create({ ...machineSet, metadata: { namespace: 'default', name: 'web' }, spec: { replicas: 1 } })],
  properties: [
    always('no more machines than replicas', (cluster) => {
      const set = cluster.get(machineSet, { namespace: 'default', name: 'web' })
      return cluster.list(machine).length <= (set?.spec.replicas ?? 0)
    }),
  ],
})
