import { describe, expect, test } from 'vitest'
import { builtin } from '../builtin.ts'
import type { Pod } from '../kinds.ts'
import { startTestCluster, type TestCluster } from '../test-support.ts'
import { podsToDelete } from './pods-to-delete.ts'
import { replicaSet } from './replicaset.ts'

const web = { type: { apiVersion: 'apps/v1', kind: 'ReplicaSet' }, key: { namespace: 'default', name: 'web' } }
const podType = { apiVersion: 'v1', kind: 'Pod' }

function replicaSetObject(replicas: number): object {
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { namespace: 'default', name: 'web' },
    spec: {
      replicas,
      selector: { matchLabels: { app: 'nginx' } },
      template: {
        metadata: { labels: { app: 'nginx' } },
        spec: { containers: [{ name: 'nginx', image: 'nginx:1' }] },
      },
    },
  }
}

function podObject(name: string, labels: object): object {
  return {
    ...podType,
    metadata: { namespace: 'default', name, labels },
    spec: { nodeName: 'node', containers: [{ name: 'nginx', image: 'nginx:0' }] },
    status: { phase: 'Running' },
  }
}

async function start(...objects: object[]): Promise<TestCluster> {
  return startTestCluster({ objects, controllers: [...builtin.workloads(), builtin.garbageCollector()] })
}

function status(cluster: TestCluster): unknown {
  return cluster.get('ReplicaSet', 'web')?.['status']
}

function pods(cluster: TestCluster): readonly string[] {
  return cluster.objects().filter((name) => name.startsWith('Pod '))
}

// https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/#how-a-replicaset-works
test('creates the pods that are missing and counts them', async () => {
  const cluster = await start(replicaSetObject(2))
  expect(await cluster.settle()).toEqual([
    'replicaset: create Pod default/',
    'replicaset: create Pod default/',
    'replicaset: update ReplicaSet default/web/status',
    'pod-lifecycle: create Pod default/web-zbbbb/binding',
    'pod-lifecycle: patch Pod default/web-zbbbb/status',
    'pod-lifecycle: create Pod default/web-zbbbc/binding',
    'pod-lifecycle: patch Pod default/web-zbbbc/status',
    'replicaset: update ReplicaSet default/web/status',
  ])
  expect(status(cluster)).toEqual({
    observedGeneration: 1,
    replicas: 2,
    fullyLabeledReplicas: 2,
    readyReplicas: 2,
    availableReplicas: 2,
  })
})

test('replaces a pod that is deleted', async () => {
  const cluster = await start(replicaSetObject(1))
  await cluster.settle()
  await cluster.user.delete({ type: podType, key: { namespace: 'default', name: 'web-zbbbb' } })
  await cluster.settle()
  expect(pods(cluster)).toEqual(['Pod default/web-zbbbc'])
})

// https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/#non-template-pod-acquisitions
describe('the selector', () => {
  test('makes it adopt pods without a controller', async () => {
    const cluster = await start(replicaSetObject(1), podObject('stray', { app: 'nginx' }))
    expect(await cluster.settle()).toEqual([
      'replicaset: patch Pod default/stray',
      'replicaset: update ReplicaSet default/web/status',
    ])
    expect(cluster.get('Pod', 'stray')?.metadata.ownerReferences).toMatchObject([{ name: 'web', controller: true }])
  })

  test('makes it adopt a pod that comes later, and deletes it when it is one too many', async () => {
    const cluster = await start(replicaSetObject(1))
    await cluster.settle()
    await cluster.user.create(podObject('stray', { app: 'nginx' }))
    await cluster.settle()
    expect(pods(cluster)).toHaveLength(1)
  })

  // https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/#isolating-pods-from-a-replicaset
  test('makes it release a pod whose labels match no more, and replace it', async () => {
    const cluster = await start(replicaSetObject(1))
    await cluster.settle()
    const pod = { type: podType, key: { namespace: 'default', name: 'web-zbbbb' } }
    await cluster.user.patch(pod, { metadata: { labels: { app: 'debug' } } }, { patchType: 'merge' })
    await cluster.settle()
    expect(pods(cluster)).toEqual(['Pod default/web-zbbbb', 'Pod default/web-zbbbc'])
    expect(cluster.get('Pod', 'web-zbbbb')?.metadata.ownerReferences).toBeUndefined()
  })

  test('does not take pods from another controller', async () => {
    const cluster = await start(replicaSetObject(0), {
      ...podObject('other', { app: 'nginx' }),
      metadata: {
        namespace: 'default',
        name: 'other',
        labels: { app: 'nginx' },
        ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: 'node', uid: 'node', controller: true }],
      },
    })
    await cluster.step()
    expect(pods(cluster)).toEqual(['Pod default/other'])
  })
})

// https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/#scaling-a-replicaset
describe('scaling down', () => {
  test('deletes the pods that are too many, the youngest first', async () => {
    const cluster = await start(replicaSetObject(3))
    await cluster.settle()
    await cluster.user.patch(web, { spec: { replicas: 1 } }, { patchType: 'merge' })
    expect(await cluster.settle()).toEqual([
      'user: patch ReplicaSet default/web',
      'replicaset: delete Pod default/web-zbbbd',
      'replicaset: delete Pod default/web-zbbbc',
      'replicaset: update ReplicaSet default/web/status',
      'pod-lifecycle: delete Pod default/web-zbbbd',
      'pod-lifecycle: delete Pod default/web-zbbbc',
    ])
    expect(pods(cluster)).toEqual(['Pod default/web-zbbbb'])
  })

  const bound = { spec: { nodeName: 'node' } }
  const ready = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] }
  const pod = (name: string, fields: object, metadata: object = {}): Pod =>
    ({ kind: 'Pod', metadata: { name, ...metadata }, spec: {}, ...fields }) as unknown as Pod

  test.each([
    ['unbound before bound', pod('a', bound), pod('z', {})],
    [
      'pending before running',
      pod('z', { ...bound, status: ready }),
      pod('a', { ...bound, status: { phase: 'Pending' } }),
    ],
    [
      'not ready before ready',
      pod('z', { ...bound, status: ready }),
      pod('a', { ...bound, status: { phase: 'Running' } }),
    ],
    [
      'low deletion cost before high',
      pod('z', bound),
      pod('a', bound, { annotations: { 'controller.kubernetes.io/pod-deletion-cost': '-1' } }),
    ],
    [
      'young before old',
      pod('z', bound, { creationTimestamp: '2024-01-01T00:00:00Z' }),
      pod('a', bound, { creationTimestamp: '2024-01-01T00:00:01Z' }),
    ],
  ])('takes %s', (_name, kept, deleted) => {
    expect(podsToDelete([kept, deleted], 1)).toEqual([deleted])
    expect(podsToDelete([deleted, kept], 1)).toEqual([deleted])
  })
})

test('a ReplicaSet in foreground deletion creates nothing more', async () => {
  const cluster = await start(replicaSetObject(1))
  await cluster.settle()
  await cluster.user.delete(web, { propagationPolicy: 'Foreground' })
  await cluster.settle()
  expect(cluster.objects()).toEqual([])
})

test('a ReplicaSet whose pods are refused says so in a condition', async () => {
  const invalid = { app: 'nginx', broken: 'not a label value!' }
  const set = replicaSetObject(1) as { spec: { template: { metadata: object } } }
  const cluster = await startTestCluster({
    objects: [{ ...set, spec: { ...set.spec, template: { metadata: { labels: invalid } } } }],
    controllers: [replicaSet()],
  })
  await cluster.step()
  expect(status(cluster)).toEqual({
    observedGeneration: 1,
    replicas: 0,
    conditions: [{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate' }],
  })
})
