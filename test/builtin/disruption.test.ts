/** The disruption controller, in every order and with one fault. */
import { expect, test } from 'vitest'
import { builtin } from '#builtin-controllers/builtin.ts'
import { patch } from '#cluster/scenario.ts'
import { explored, holds, object, replicaSetType, workloadSpec } from './objects.ts'

const web = object('apps/v1', 'ReplicaSet', 'web', { spec: { replicas: 2, ...workloadSpec() } })
const selector = { matchLabels: { app: 'web' } }
const budget = object('policy/v1', 'PodDisruptionBudget', 'web', { spec: { selector, maxUnavailable: 1 } })
const controllers = [builtin.replicaset(), builtin.disruption(), builtin.podLifecycle()]

test.each([0, 1])('counts pods as they become ready, with %i faults', async (faults) => {
  expect(await explored({ objects: [web, budget], controllers }, faults)).toEqual(holds)
})

test.each([0, 1])('counts pods as they go, with %i faults', async (faults) => {
  const actions = [patch({ ...replicaSetType, namespace: 'default', name: 'web' }, { spec: { replicas: 1 } })]
  expect(await explored({ objects: [web, budget], settled: true, controllers, actions }, faults)).toEqual(holds)
})
