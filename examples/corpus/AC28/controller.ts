/**
 * A machine set that counts its machines by the API reader, which is enough for one instance (`../AC17`).
 * From controller-runtime's warm-up and hand-over of leadership: for a moment there are two. Both count before either
 * creates, and a generated name never collides.
 */
import { defineController } from 'kamera'
import { machine, machineSet } from './workload.ts'

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
