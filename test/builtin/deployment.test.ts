/** The Deployment controller with the ReplicaSets and pods that it needs, in every order and with one fault. */
import { expect, test } from 'vitest'
import { builtin } from '#builtin-controllers/builtin.ts'
import { patch, remove } from '#cluster/scenario.ts'
import { eventually } from '#properties/user.ts'
import { deploymentType, explored, holds, object, workloadSpec } from './objects.ts'

function web(spec: object): ReturnType<typeof object> {
  return object('apps/v1', 'Deployment', 'web', { spec: { replicas: 1, ...workloadSpec(), ...spec } })
}

const target = { ...deploymentType, namespace: 'default', name: 'web' }
const newImage = patch(target, { spec: { template: { spec: { containers: [{ name: 'main', image: 'web:2' }] } } } })
const controllers = builtin.workloads()

test.each([0, 1])('creates its pods, with %i faults', async (faults) => {
  expect(await explored({ objects: [web({})], controllers }, faults)).toEqual(holds)
})

test.each([0, 1])('rolls to a new image, with %i faults', async (faults) => {
  expect(await explored({ objects: [web({})], settled: true, controllers, actions: [newImage] }, faults)).toEqual(holds)
})

test.each([0, 1])('recreates its pods for a new image, with %i faults', async (faults) => {
  const objects = [web({ strategy: { type: 'Recreate' } })]
  expect(await explored({ objects, settled: true, controllers, actions: [newImage] }, faults)).toEqual(holds)
})

test.each([0, 1])('is scaled, with %i faults', async (faults) => {
  const actions = [patch(target, { spec: { replicas: 2 } })]
  expect(await explored({ objects: [web({})], settled: true, controllers, actions }, faults)).toEqual(holds)
})

/**
 * Crashes only. With a lag the search does not end, and neither would the race upstream: while the cache does not show
 * that the ReplicaSet is being deleted, its controller replaces every pod that the garbage collector deletes.
 */
test.each([0, 1])('goes with its ReplicaSets and pods, with %i crashes', async (crashes) => {
  const actions = [remove(target)]
  expect(
    await explored({ objects: [web({})], settled: true, controllers, actions }, crashes, { stale: 0, relist: 0 }),
  ).toEqual(holds)
})

// https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#failed-deployment
test('says that its deadline has passed when its pods do not become ready', async () => {
  const failed = eventually(
    'the rollout has failed',
    (cluster) =>
      cluster
        .get<{ status?: { conditions?: readonly { reason?: string }[] } }>(deploymentType, target)
        ?.status?.conditions?.some(({ reason }) => reason === 'ProgressDeadlineExceeded') === true,
  )
  const withoutNode = [builtin.deployment({ progressDeadline: true }), builtin.replicaset()]
  expect(await explored({ objects: [web({})], controllers: withoutNode, properties: [failed] }, 0)).toEqual(holds)
})

test.each([0, 1])('counts its deadline in a rollout, with %i faults', async (faults) => {
  const counting = [builtin.deployment({ progressDeadline: true }), builtin.replicaset(), builtin.podLifecycle()]
  expect(await explored({ objects: [web({})], controllers: counting }, faults)).toEqual(holds)
})
