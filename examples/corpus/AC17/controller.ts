/**
 * A machine set: creates machines with generated names until there are as many as `spec.replicas`.
 * From cluster-api #13649, k0smotron #1534, tekton #3656, kuberay #715: the machines are counted in a cache that may
 * not have seen the one just made; a generated name never collides, so nothing stops the second.
 */
import { defineController } from 'kamera'

export const machineSet = { apiVersion: 'example.kamera.dev/v1', kind: 'MachineSet' }
export const machine = { apiVersion: 'example.kamera.dev/v1', kind: 'Machine' }

export function machineSetController() {
  return defineController({
    name: 'machineset-operator',
    for: machineSet,
    owns: [machine],
    reconciler: ({ client }) => ({
      async reconcile({ namespace = '', name }) {
        const set = await client.tryGet(machineSet, { namespace, name })
        if (set === undefined) return
        const machines = await client.list(machine, { namespace, labelSelector: { set: name } })

        let replicas = machines.length
        for (; replicas < set.spec.replicas; replicas++) {
          await client.create({
            ...machine,
            metadata: {
              namespace,
              generateName: `${name}-`,
              labels: { set: name },
              ownerReferences: [{ ...machineSet, name, uid: set.metadata.uid, controller: true }],
            },
          })
        }
        await client.status().update({ ...set, status: { replicas } })
      },
    }),
  })
}
