/** The ReplicaSet controller by itself, in every order and with one fault. */
import { expect, test } from 'vitest'
import { builtin } from '#builtin-controllers/builtin.ts'
import { defineScenario, patch, remove } from '#cluster/scenario.ts'
import type { Controller } from '#controller/define-controller.ts'
import { explore } from '#explore.ts'
import { always } from '#properties/user.ts'
import { explored, holds, object, replicaSetType, strayPod, workloadSpec } from './objects.ts'

const web = object('apps/v1', 'ReplicaSet', 'web', { spec: { replicas: 2, ...workloadSpec() } })
const target = { ...replicaSetType, namespace: 'default', name: 'web' }
const controllers = [builtin.replicaset(), builtin.podLifecycle()]

test.each([0, 1])('creates its pods, with %i faults', async (faults) => {
  expect(await explored({ objects: [web], controllers }, faults)).toEqual(holds)
})

test.each([0, 1])('scales up and down, with %i faults', async (faults) => {
  const actions = [patch(target, { spec: { replicas: 1 } }), patch(target, { spec: { replicas: 2 } })]
  expect(await explored({ objects: [web], settled: true, controllers, actions }, faults)).toEqual(holds)
})

test.each([0, 1])('adopts a pod, with %i faults', async (faults) => {
  expect(await explored({ objects: [web, strayPod('stray')], controllers }, faults)).toEqual(holds)
})

/**
 * Without its memory a controller of the same code makes duplicates: the test can fail. It makes them as long as its
 * cache is late, so lags are short there, and nothing else goes wrong.
 */
test.each([
  ['makes no duplicates while its cache does not show what it created', builtin.replicaset(), 'holds', 8],
  ['would make duplicates without expectations', withoutMemory(builtin.replicaset()), 'violated', 2],
] as const)('%s', async (_name, controller, verdict, lagMax) => {
  const atMostTwo = always('at most two pods', (cluster) => cluster.list({ apiVersion: 'v1', kind: 'Pod' }).length <= 2)
  const one = object('apps/v1', 'ReplicaSet', 'web', { spec: { replicas: 1, ...workloadSpec() } })
  const scenario = {
    objects: [one],
    controllers: [controller, builtin.podLifecycle()],
    actions: [patch(target, { spec: { replicas: 2 } })],
    properties: [atMostTwo],
  }
  const caps = { crash: 0, apiError: 0, relist: 0, lagMax }
  expect(await explored(scenario, 1, { ...caps, stopAtFirst: true })).toMatchObject({ verdict })
})

function withoutMemory({ memory: _memory, ...controller }: Controller): Controller {
  return controller
}

/**
 * Crashes only. With a lag the search does not end, and neither would the race upstream: while the cache does not show
 * that the ReplicaSet is being deleted, its controller replaces every pod that the garbage collector deletes.
 */
test.each([0, 1])('goes with its pods, with %i crashes', async (crashes) => {
  const actions = [remove(target, { propagationPolicy: 'Foreground' })]
  expect(
    await explored({ objects: [web], settled: true, controllers, actions }, crashes, { stale: 0, relist: 0 }),
  ).toEqual(holds)
})

test('a search without an end names what is made again and again', async () => {
  const one = object('apps/v1', 'ReplicaSet', 'web', { spec: { replicas: 1, ...workloadSpec() } })
  const scenario = defineScenario({
    name: 'endless',
    objects: [one],
    settled: true,
    controllers,
    actions: [remove(target)],
  })
  const report = await explore(scenario, {
    stale: 1,
    crash: 0,
    apiError: 0,
    relist: 0,
    granularity: 'reconcile',
    depthMax: 210,
  })
  expect(report.verdict).toBe('inconclusive')
  expect(report.lints.map(({ id }) => id)).toEqual(['multiplies:Pod default/web-*'])
}, 120_000)
