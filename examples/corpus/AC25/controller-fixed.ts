/** The fixed twin of `controller.ts`: whose the ReplicaSet is that the API server has, the API server is asked. */
import { ApiError, defineController } from 'kamera'
import { replicaSet, replicaSetOf, rollout } from './workload.ts'

export function rolloutController() {
  return defineController({
    name: 'rollout-controller',
    for: rollout,
    owns: [replicaSet],
    reconciler: ({ client, apiReader }) => ({
      async reconcile(request) {
        const object = await client.tryGet(rollout, request)
        if (object === undefined || object.status?.phase === 'Aborted') return
        const wanted = replicaSetOf(object)
        let phase = 'Progressing'

        if ((await client.tryGet(replicaSet, wanted.metadata)) === undefined) {
          try {
            await client.create(wanted)
          } catch (error) {
            if (!(error instanceof ApiError && error.isAlreadyExists)) throw error
            const existing = await apiReader.tryGet(replicaSet, wanted.metadata)
            if (existing?.metadata.ownerReferences?.[0]?.uid !== object.metadata.uid) phase = 'Aborted'
          }
        }
        await client.status().update({ ...object, status: { phase } })
      },
    }),
  })
}
