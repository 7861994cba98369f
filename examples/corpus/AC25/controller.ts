/**
 * A rollout that gives up when its ReplicaSet belongs to somebody else.
 * From argo-rollouts #4842: whose it is, after a create that said AlreadyExists, is looked up in the cache; and the
 * cache that did not have it before the create does not have it now. NotFound is taken for foreign.
 */
import { ApiError, defineController } from 'kamera'
import { replicaSet, replicaSetOf, rollout } from './workload.ts'

export function rolloutController() {
  return defineController({
    name: 'rollout-controller',
    for: rollout,
    owns: [replicaSet],
    reconciler: ({ client }) => ({
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
            const existing = await client.tryGet(replicaSet, wanted.metadata)
            if (existing?.metadata.ownerReferences?.[0]?.uid !== object.metadata.uid) phase = 'Aborted'
          }
        }
        await client.status().update({ ...object, status: { phase } })
      },
    }),
  })
}
