/**
 * A kubebuilder-style operator in Go that counts what it made in a cache: the second machine is one too many.
 * The operator is in `controller/`; `../duplicate-creation-fixed` is the same with the bug mended.
 */
import { always, create, defineScenario, goController } from 'kamera'

const machineSet = { apiVersion: 'example.kamera.dev/v1', kind: 'MachineSet' }
const machine = { apiVersion: 'example.kamera.dev/v1', kind: 'Machine' }

export default defineScenario({
  name: 'go-duplicate-creation',
  kinds: [machineSet, machine],
  controllers: [
    goController({ name: 'machine-operator', command: ['go', 'run', './duplicate-creation'], directory: '..' }),
  ],
  actions: [create({ ...machineSet, metadata: { namespace: 'default', name: 'web' }, spec: { replicas: 1 } })],
  properties: [
    always('no more machines than replicas', (cluster) => {
      const set = cluster.get(machineSet, { namespace: 'default', name: 'web' })
      return cluster.list(machine).length <= (set?.spec.replicas ?? 0)
    }),
  ],
})
