/** The StatefulSet controller with claims and pods, in every order and with one fault. */
import { expect, test } from 'vitest'
import { builtin } from '#builtin-controllers/builtin.ts'
import { patch, remove } from '#cluster/scenario.ts'
import { eventually } from '#properties/user.ts'
import { explored, holds, object, workloadSpec } from './objects.ts'

const claimType = { apiVersion: 'v1', kind: 'PersistentVolumeClaim' }
const target = { apiVersion: 'apps/v1', kind: 'StatefulSet', namespace: 'default', name: 'db' }
const controllers = [builtin.statefulset(), builtin.persistentVolumeBinder(), builtin.podLifecycle()]

const storage = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } }
const volumeClaimTemplates = [{ metadata: { name: 'data' }, spec: storage }]

function db(spec: object = {}): ReturnType<typeof object> {
  return object('apps/v1', 'StatefulSet', 'db', {
    spec: { replicas: 2, serviceName: 'db', ...workloadSpec(), ...spec },
  })
}

test.each([0, 1])('creates its pods in order, each with its claim, with %i faults', async (faults) => {
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

test.each([0, 1])('claims of pods scaled away go with them, with %i faults', async (faults) => {
  const persistentVolumeClaimRetentionPolicy = { whenScaled: 'Delete', whenDeleted: 'Retain' }
  const objects = [db({ volumeClaimTemplates, persistentVolumeClaimRetentionPolicy })]
  const gone = eventually('one claim is left', (cluster) => cluster.list(claimType).length === 1)
  const actions = [patch(target, { spec: { replicas: 1 } })]
  expect(await explored({ objects, settled: true, controllers, actions, properties: [gone] }, faults)).toEqual(holds)
})

test.each([0, 1])('a pod below the partition comes back at its old revision, with %i faults', async (faults) => {
  const objects = [db({ updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 1 } } })]
  const containers = [{ name: 'main', image: 'web:2' }]
  const actions = [
    patch(target, { spec: { template: { spec: { containers } } } }),
    remove({ apiVersion: 'v1', kind: 'Pod', namespace: 'default', name: 'db-0' }),
  ]
  const images = eventually('each has its image', (cluster) => {
    const found = cluster.list<{ spec: { containers: { image: string }[] } }>({ apiVersion: 'v1', kind: 'Pod' })
    return JSON.stringify(found.map(({ spec }) => spec.containers[0]?.image)) === '["web:1","web:2"]'
  })
  expect(await explored({ objects, settled: true, controllers, actions, properties: [images] }, faults)).toEqual(holds)
})
