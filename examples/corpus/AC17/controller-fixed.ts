/** The fixed twin of `controller.ts`: the machines are counted by the API reader, which has seen the one just made. */
import { defineController } from 'kamera'

export const machineSet = { apiVersion: 'example.kamera.dev/v1', kind: 'MachineSet' }
export const machine = { apiVersion: 'example.kamera.dev/v1', kind: 'Machine' }

export function machineSetController() {
  return defineController({
    name: 'machineset-operator',
    for: machineSet,
    owns: [machine],
    reconciler: ({ client, apiReader }) => ({
      async reconcile({ namespace = '', name }) {
        const set = await client.tryGet(machineSet, { namespace, name })
        if (set === undefined) return
        const machines = await apiReader.list(machine, { namespace, labelSelector: { set: name } })

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
