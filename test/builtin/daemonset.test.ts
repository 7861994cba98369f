/** The DaemonSet controller and the pod garbage collector, in every order and with one fault. */
import { expect, test } from 'vitest'
import { builtin } from '#builtin-controllers/builtin.ts'
import { create, patch, remove } from '#cluster/scenario.ts'
import { explored, holds, object, workloadSpec } from './objects.ts'

const agent = object('apps/v1', 'DaemonSet', 'agent', { spec: workloadSpec() })
const target = { apiVersion: 'apps/v1', kind: 'DaemonSet', namespace: 'default', name: 'agent' }
const controllers = [builtin.daemonset(), builtin.podgc(), builtin.podLifecycle({ nodes: true })]

function node(name: string): { apiVersion: string; kind: string; metadata: { name: string } } {
  return { apiVersion: 'v1', kind: 'Node', metadata: { name } }
}

test.each([0, 1])('creates its pods, with %i faults', async (faults) => {
  expect(await explored({ objects: [agent, node('a'), node('b')], controllers }, faults)).toEqual(holds)
})

test.each([0, 1])('follows nodes that come and go, with %i faults', async (faults) => {
  const actions = [create(node('b')), remove({ apiVersion: 'v1', kind: 'Node', name: 'a' })]
  expect(await explored({ objects: [agent, node('a')], settled: true, controllers, actions }, faults)).toEqual(holds)
})

test.each([0, 1])('rolls to a new image, with %i faults', async (faults) => {
  const containers = [{ name: 'main', image: 'web:2' }]
  const actions = [patch(target, { spec: { template: { spec: { containers } } } })]
  expect(await explored({ objects: [agent, node('a')], settled: true, controllers, actions }, faults)).toEqual(holds)
})
