/** Claims and volumes: bound, made, kept while they are in use; in every order and with one fault. */
import { expect, test } from 'vitest'
import { builtin } from '#builtin-controllers/builtin.ts'
import { remove } from '#cluster/scenario.ts'
import { eventually } from '#properties/user.ts'
import { explored, holds, object } from './objects.ts'

const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } }
const claimType = { apiVersion: 'v1', kind: 'PersistentVolumeClaim' }
const volumeType = { apiVersion: 'v1', kind: 'PersistentVolume' }
const target = { ...claimType, namespace: 'default', name: 'data' }

function claim(storageClassName: string): ReturnType<typeof object> {
  return object('v1', 'PersistentVolumeClaim', 'data', { spec: { ...spec, storageClassName } })
}

function clusterScoped(apiVersion: string, kind: string, name: string, fields: object): ReturnType<typeof object> {
  return { apiVersion, kind, metadata: { name }, ...fields } as ReturnType<typeof object>
}

const byHand = clusterScoped('v1', 'PersistentVolume', 'by-hand', {
  spec: { ...spec, capacity: { storage: '1Gi' }, storageClassName: 'manual', hostPath: { path: '/data' } },
})
const fast = clusterScoped('storage.k8s.io/v1', 'StorageClass', 'fast', { provisioner: 'csi.example.com' })
const lazy = clusterScoped('storage.k8s.io/v1', 'StorageClass', 'lazy', {
  provisioner: 'csi.example.com',
  volumeBindingMode: 'WaitForFirstConsumer',
})
const pod = object('v1', 'Pod', 'db', {
  spec: {
    containers: [{ name: 'main', image: 'db:1' }],
    volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }],
  },
})
const binder = builtin.persistentVolumeBinder({ volumes: true })
const provisioning = [binder, builtin.volumeProvisioner()]
const isBound = eventually(
  'the claim is bound',
  (cluster) => cluster.get<{ status: { phase: string } }>(claimType, target)?.status.phase === 'Bound',
)

test.each([0, 1])('binds a claim to a volume that is there, with %i faults', async (faults) => {
  const scenario = { objects: [claim('manual'), byHand], controllers: [binder], properties: [isBound] }
  expect(await explored(scenario, faults)).toEqual(holds)
})

test.each([0, 1])('makes a volume for a claim, with %i faults', async (faults) => {
  const scenario = { objects: [claim('fast'), fast], controllers: provisioning, properties: [isBound] }
  expect(await explored(scenario, faults)).toEqual(holds)
})

test.each([0, 1])('waits for the first consumer, and the pod for its claim, with %i faults', async (faults) => {
  const controllers = [...provisioning, builtin.podLifecycle({ volumes: true })]
  const scenario = { objects: [claim('lazy'), lazy, pod], controllers, properties: [isBound] }
  expect(await explored(scenario, faults)).toEqual(holds)
})

test.each([0, 1])('lets the volume go with its claim, with %i faults', async (faults) => {
  const controllers = [...provisioning, builtin.pvProtection()]
  const gone = eventually('the volume is gone', (cluster) => cluster.list(volumeType).length === 0)
  const scenario = { objects: [claim('fast'), fast], settled: true, controllers, actions: [remove(target)] }
  expect(await explored({ ...scenario, properties: [gone] }, faults)).toEqual(holds)
})

test.each([0, 1])('keeps a claim while a pod mounts it, with %i faults', async (faults) => {
  const controllers = [builtin.persistentVolumeBinder(), builtin.pvcProtection(), builtin.podLifecycle()]
  const actions = [
    remove(target, { wait: false }),
    remove({ apiVersion: 'v1', kind: 'Pod', namespace: 'default', name: 'db' }),
  ]
  const scenario = { objects: [claim('fast'), pod], settled: true, controllers, actions }
  expect(await explored(scenario, faults)).toEqual(holds)
})
