/** A machine set with one machine is created. */
import { always, create } from 'kamera'

export const machineSet = { apiVersion: 'example.kamera.dev/v1', kind: 'MachineSet' }
export const machine = { apiVersion: 'example.kamera.dev/v1', kind: 'Machine' }

export const workload = {
  kinds: [machineSet, machine],
  actions: [create({ ...machineSet, metadata: { namespace: 'default', name: 'web' }, spec: { replicas: 1 } })],
  properties: [
    always('no more machines than replicas', (cluster) => {
      const set = cluster.get(machineSet, { namespace: 'default', name: 'web' })
      return cluster.list(machine).length <= (set?.spec.replicas ?? 0)
    }),
  ],
}
