import { expect, test } from 'vitest'
import { startTestCluster } from '../test-support.ts'
import { persistentVolumeBinder } from './persistentvolumeclaim.ts'

const claim = {
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { namespace: 'default', name: 'data' },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
}

// https://kubernetes.io/docs/concepts/storage/persistent-volumes/#binding
test('a claim is bound in one write, with the size it asks for', async () => {
  const cluster = await startTestCluster({ objects: [claim], controllers: [persistentVolumeBinder()] })
  expect(await cluster.settle()).toEqual(['persistentvolume-binder: update PersistentVolumeClaim default/data/status'])
  expect(cluster.get('PersistentVolumeClaim', 'data')?.['status']).toEqual({
    phase: 'Bound',
    accessModes: ['ReadWriteOnce'],
    capacity: { storage: '1Gi' },
  })
  expect(await cluster.pending()).toEqual([])
})

test('a claim that is being deleted is not bound', async () => {
  const deleted = {
    ...claim.metadata,
    deletionTimestamp: '2024-01-01T00:00:00Z',
    finalizers: ['kubernetes.io/pvc-protection'],
  }
  const cluster = await startTestCluster({
    objects: [{ ...claim, metadata: deleted }],
    controllers: [persistentVolumeBinder()],
  })
  expect(await cluster.pending()).toEqual([])
})
