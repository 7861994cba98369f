import { expect, test } from 'vitest'
import { startTestCluster } from '../test-support.ts'
import { podLifecycle } from './pod-lifecycle.ts'

const pod = { type: { apiVersion: 'v1', kind: 'Pod' }, key: { namespace: 'default', name: 'web' } }

function podObject(spec: object = {}, metadata: object = {}): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: 'default', name: 'web', ...metadata },
    spec: { containers: [{ name: 'nginx', image: 'nginx:1' }], ...spec },
  }
}

// https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-phase
test('a pod is bound to the node, then runs and is ready', async () => {
  const cluster = await startTestCluster({ objects: [podObject()], controllers: [podLifecycle()] })
  expect(await cluster.settle()).toEqual([
    'pod-lifecycle: create Pod default/web/binding',
    'pod-lifecycle: patch Pod default/web/status',
  ])
  expect(cluster.get('Pod', 'web')).toMatchObject({ spec: { nodeName: 'node' }, status: { phase: 'Running' } })
  const { conditions } = cluster.get('Pod', 'web')?.['status'] ?? {}
  expect(conditions).toContainEqual({ type: 'Ready', status: 'True' })
})

test('a pod that is bound already is started', async () => {
  const cluster = await startTestCluster({ objects: [podObject({ nodeName: 'other' })], controllers: [podLifecycle()] })
  expect(await cluster.settle()).toEqual(['pod-lifecycle: patch Pod default/web/status'])
  expect(cluster.get('Pod', 'web')).toMatchObject({ spec: { nodeName: 'other' }, status: { phase: 'Running' } })
})

test('nothing is to be done for a pod that runs', async () => {
  const cluster = await startTestCluster({ objects: [podObject()], controllers: [podLifecycle()] })
  await cluster.settle()
  await cluster.user.patch(pod, { metadata: { labels: { app: 'web' } } }, { patchType: 'merge' })
  expect(await cluster.pending()).toEqual([])
})

// https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination-flow
test('a deleted pod stays until its containers have stopped', async () => {
  const cluster = await startTestCluster({ objects: [podObject()], controllers: [podLifecycle()] })
  await cluster.settle()
  await cluster.user.delete(pod)
  expect(cluster.get('Pod', 'web')?.metadata).toMatchObject({ deletionGracePeriodSeconds: 30 })
  expect(await cluster.settle()).toEqual(['user: delete Pod default/web', 'pod-lifecycle: delete Pod default/web'])
  expect(cluster.objects()).toEqual([])
})

test('a pod that is not bound yet goes at once', async () => {
  const cluster = await startTestCluster({ objects: [], controllers: [] })
  await cluster.user.create(podObject())
  await cluster.user.delete(pod)
  expect(cluster.objects()).toEqual([])
})

test('a stopped pod that a finalizer holds is left alone', async () => {
  const cluster = await startTestCluster({
    objects: [podObject({}, { finalizers: ['example.com/hold'] })],
    controllers: [podLifecycle()],
  })
  await cluster.settle()
  await cluster.user.delete(pod)
  expect(await cluster.settle()).toEqual([
    'user: delete Pod default/web',
    'pod-lifecycle: patch Pod default/web/status',
    'pod-lifecycle: delete Pod default/web',
  ])
  expect(cluster.get('Pod', 'web')?.metadata).toMatchObject({ deletionGracePeriodSeconds: 0 })
  expect(cluster.get('Pod', 'web')?.['status'].phase).toBe('Failed')
})
