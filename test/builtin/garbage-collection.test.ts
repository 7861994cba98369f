/** The garbage collector and the namespace controller, in every order and with one fault. */
import { expect, test } from 'vitest'
import { builtin } from '#builtin-controllers/builtin.ts'
import { create, remove } from '#cluster/scenario.ts'
import { eventually } from '#properties/user.ts'
import { explored, holds, object } from './objects.ts'

const configMapType = { apiVersion: 'v1', kind: 'ConfigMap' }
const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'sum:1' }] } }
const sum = object('batch/v1', 'Job', 'sum', { spec: { template } })
const target = { apiVersion: 'batch/v1', kind: 'Job', namespace: 'default', name: 'sum' }
const controllers = [builtin.job(), builtin.podLifecycle()]

test.each([
  ['Background', 0],
  ['Background', 1],
  ['Foreground', 1],
] as const)('%s: a Job goes with its pods, with %i faults', async (propagationPolicy, crashes) => {
  const gone = eventually('all is gone', (cluster) => cluster.list({ apiVersion: 'v1', kind: 'Pod' }).length === 0)
  const scenario = { objects: [sum], settled: true, controllers, actions: [remove(target, { propagationPolicy })] }
  expect(await explored({ ...scenario, properties: [gone] }, crashes)).toEqual(holds)
})

test.each([0, 1])('a Namespace goes with what is in it, and comes again, with %i faults', async (faults) => {
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team' } }
  const inside = { ...configMapType, metadata: { namespace: 'team', name: 'settings' } }
  const empty = eventually('it is empty', (cluster) => cluster.list(configMapType, { namespace: 'team' }).length === 0)
  const actions = [remove({ apiVersion: 'v1', kind: 'Namespace', name: 'team' }), create(namespace)]
  const scenario = { objects: [namespace, inside], settled: true, controllers: [], actions, properties: [empty] }
  expect(await explored(scenario, faults)).toEqual(holds)
})
