/**
 * As many machines as the spec says, named by number. A machine is deleted only for a size that the API server has just
 * confirmed, and only the one that was looked at.
 */
import { ApiError, create, defineController, defineScenario, type KubernetesObject, patch } from 'kamera'

const machineSet = { apiVersion: 'example.kamera.dev/v1', kind: 'MachineSet' }
const machine = { apiVersion: 'example.kamera.dev/v1', kind: 'Machine' }
const web = { namespace: 'default', name: 'web' }

const machineSetController = defineController({
  name: 'machineset-operator',
  for: machineSet,
  owns: [machine],
  reconciler: ({ client, apiReader }) => ({
    async reconcile({ namespace = '', name }) {
      const set = await client.tryGet(machineSet, { namespace, name })
      if (set === undefined) return
      const machines = await client.list<KubernetesObject>(machine, { namespace, labelSelector: { set: name } })
      const wanted = Array.from({ length: set.spec.replicas }, (_, number) => `${name}-${number}`)

      for (const missing of wanted.filter((each) => !machines.some(({ metadata }) => metadata.name === each))) {
        const ownerReferences = [{ ...machineSet, name, uid: set.metadata.uid, controller: true }]
        await created({ ...machine, metadata: { namespace, name: missing, labels: { set: name }, ownerReferences } })
      }
      const surplus = machines.filter(({ metadata }) => !wanted.includes(metadata.name ?? ''))
      if (surplus.length > 0) {
        const live = await apiReader.get(machineSet, { namespace, name })
        if (live.metadata.generation !== set.metadata.generation) return
        for (const each of surplus) await client.delete(each, { preconditions: { uid: each.metadata.uid ?? '' } })
      }
      if (set.status?.replicas !== wanted.length) {
        await client.status().update({ ...set, status: { replicas: wanted.length } })
      }

      async function created(object: object): Promise<void> {
        try {
          await client.create(object)
        } catch (error) {
          if (!(error instanceof ApiError && error.isAlreadyExists)) throw error
        }
      }
    },
  }),
})

export default defineScenario({
  name: 'scale-by-count',
  kinds: [machineSet, machine],
  controllers: [machineSetController],
  actions: [
    create({ ...machineSet, metadata: web, spec: { replicas: 1 } }),
    patch({ ...machineSet, ...web }, { spec: { replicas: 2 } }),
    patch({ ...machineSet, ...web }, { spec: { replicas: 1 } }),
  ],
})
