/**
 * Looks like AC17, and is right: the machines are counted in a cache that may lag, but their names say which is which,
 * and AlreadyExists is the answer that was hoped for. No alarm is to be raised.
 */
import { ApiError, always, create, defineController, defineScenario } from 'kamera'

const machineSet = { apiVersion: 'example.kamera.dev/v1', kind: 'MachineSet' }
const machine = { apiVersion: 'example.kamera.dev/v1', kind: 'Machine' }
const key = { namespace: 'default', name: 'web' }

const machineSetController = defineController({
  name: 'machineset-operator',
  for: machineSet,
  owns: [machine],
  reconciler: ({ client }) => ({
    async reconcile({ namespace = '', name }) {
      const set = await client.tryGet(machineSet, { namespace, name })
      if (set === undefined) return
      const machines = await client.list(machine, { namespace, labelSelector: { set: name } })

      for (let replicas = machines.length; replicas < set.spec.replicas; replicas++) {
        const ownerReferences = [{ ...machineSet, name, uid: set.metadata.uid, controller: true }]
        const metadata = { namespace, name: `${name}-${replicas}`, labels: { set: name }, ownerReferences }
        try {
          await client.create({ ...machine, metadata })
        } catch (error) {
          if (!(error instanceof ApiError && error.isAlreadyExists)) throw error
        }
      }
      await client.status().update({ ...set, status: { replicas: set.spec.replicas } })
    },
  }),
})

export default defineScenario({
  name: 'T2',
  kinds: [machineSet, machine],
  controllers: [machineSetController],
  actions: [create({ ...machineSet, metadata: key, spec: { replicas: 2 } })],
  properties: [
    always('no more machines than replicas', (cluster) => {
      const set = cluster.get(machineSet, key)
      return cluster.list(machine).length <= (set?.spec.replicas ?? 0)
    }),
  ],
})
