/**
 * The fixed twin of `controller.ts`: machines have names that both instances know before they make them, so the API
 * server lets only one of them make each.
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
              name: `${name}-${replicas}`,
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
