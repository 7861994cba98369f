/** The StatefulSet controller with claims and pods, in every order and with one fault. */
import { expect, test } from 'vitest'
import { builtin } from '#builtin-controllers/builtin.ts'
import { patch } from '#cluster/scenario.ts'
import { explored, holds, object, workloadSpec } from './objects.ts'

const target = { apiVersion: 'apps/v1', kind: 'StatefulSet', namespace: 'default', name: 'db' }
const controllers = [builtin.statefulset(), builtin.persistentVolumeBinder(), builtin.podLifecycle()]

function db(spec: object = {}): ReturnType<typeof object> {
  return object('apps/v1', 'StatefulSet', 'db', {
    spec: { replicas: 2, serviceName: 'db', ...workloadSpec(), ...spec },
  })
}

test.each([0, 1])('creates its pods in order, each with its claim, with %i faults', async (faults) => {
  const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } }
  const volumeClaimTemplates = [{ metadata: { name: 'data' }, spec }]
  expect(await explored({ objects: [db({ volumeClaimTemplates })], controllers }, faults)).toEqual(holds)
})

test.each([0, 1])('is scaled down and up, with %i faults', async (faults) => {
  const actions = [patch(target, { spec: { replicas: 1 } }), patch(target, { spec: { replicas: 2 } })]
  expect(await explored({ objects: [db()], settled: true, controllers, actions }, faults)).toEqual(holds)
})

test.each([0, 1])('rolls to a new image, with %i faults', async (faults) => {
  const containers = [{ name: 'main', image: 'web:2' }]
  const actions = [patch(target, { spec: { template: { spec: { containers } } } })]
  expect(await explored({ objects: [db()], settled: true, controllers, actions }, faults)).toEqual(holds)
})
