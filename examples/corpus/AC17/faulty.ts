import { always, create, defineScenario } from 'kamera'
import { machine, machineSet, machineSetController } from './controller.ts'

export default defineScenario({
  name: 'AC17-faulty',
  kinds: [machineSet, machine],
  controllers: [machineSetController()],
  actions: [create({ ...machineSet, metadata: { namespace: 'default', name: 'web' }, spec: { replicas: 1 } })],
  properties: [
    always('no more machines than replicas', (cluster) => {
      const set = cluster.get(machineSet, { namespace: 'default', name: 'web' })
      return cluster.list(machine).length <= (set?.spec.replicas ?? 0)
    }),
  ],
})
