import { describe, expect, test } from 'vitest'
import { startTestCluster } from '../test-support.ts'
import { garbageCollector } from './garbagecollector.ts'
import { objectOfRequest, requestForObject } from './object-request.ts'

const controllers = [garbageCollector()]

function configMap(name: string, owners: readonly string[] = [], metadata: object = {}): object {
  const ownerReferences = owners.map((owner) => ({ apiVersion: 'v1', kind: 'ConfigMap', name: owner }))
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { namespace: 'default', name, ...(owners.length > 0 ? { ownerReferences } : {}), ...metadata },
  }
}

function blocking(name: string, owner: string): object {
  return configMap(name, [], {
    ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: owner, blockOwnerDeletion: true }],
  })
}

function named(name: string) {
  return { type: { apiVersion: 'v1', kind: 'ConfigMap' }, key: { namespace: 'default', name } }
}

// https://kubernetes.io/docs/concepts/architecture/garbage-collection/#owners-dependents
describe('what has no owner, or whose owner is there, concerns the collector never', () => {
  test('at the start', async () => {
    const cluster = await startTestCluster({
      objects: [configMap('lonely'), configMap('owner'), configMap('child', ['owner'])],
      controllers,
    })
    expect(await cluster.pending()).toEqual([])
  })

  test('when it is created, changed or deleted', async () => {
    const cluster = await startTestCluster({
      objects: [configMap('owner'), configMap('child', ['owner'])],
      controllers,
    })
    await cluster.user.create({ apiVersion: 'v1', kind: 'Secret', metadata: { namespace: 'default', name: 'lonely' } })
    await cluster.user.patch(named('child'), { data: { key: 'value' } }, { patchType: 'merge' })
    await cluster.user.patch(named('owner'), { data: { key: 'value' } }, { patchType: 'merge' })
    await cluster.user.delete(named('child'))
    await cluster.user.delete(named('owner'))
    expect(await cluster.pending()).toEqual([])
  })

  test('when it waits for the finalizer of somebody else', async () => {
    const cluster = await startTestCluster({
      objects: [configMap('held', [], { finalizers: ['example.com/hold'] })],
      controllers,
    })
    await cluster.user.delete(named('held'))
    expect(await cluster.pending()).toEqual([])
  })
})

// https://kubernetes.io/docs/concepts/architecture/garbage-collection/#background-deletion
describe('background deletion', () => {
  test('takes the dependents after the owner, down the chain', async () => {
    const objects = [configMap('owner'), configMap('child', ['owner']), configMap('grandchild', ['child'])]
    const cluster = await startTestCluster({ objects, controllers })
    await cluster.user.delete(named('owner'))
    expect(await cluster.pending()).toEqual(['garbagecollector default/ConfigMap.v1/child'])
    expect(await cluster.settle()).toEqual([
      'user: delete ConfigMap default/owner',
      'garbagecollector: delete ConfigMap default/child',
      'garbagecollector: delete ConfigMap default/grandchild',
    ])
    expect(cluster.objects()).toEqual([])
  })

  test('keeps a dependent that has another owner, and drops the reference to the lost one', async () => {
    const cluster = await startTestCluster({
      objects: [configMap('a'), configMap('b'), configMap('child', ['a', 'b'])],
      controllers,
    })
    await cluster.user.delete(named('a'))
    expect(await cluster.settle()).toEqual([
      'user: delete ConfigMap default/a',
      'garbagecollector: patch ConfigMap default/child',
    ])
    expect(cluster.get('ConfigMap', 'child')?.metadata.ownerReferences).toMatchObject([{ name: 'b' }])
    await cluster.user.delete(named('b'))
    await cluster.settle()
    expect(cluster.objects()).toEqual([])
  })

  test('takes a dependent whose owner of that name has another uid', async () => {
    const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: 'an-earlier-one' }]
    const cluster = await startTestCluster({
      objects: [configMap('owner'), configMap('child', [], { ownerReferences })],
      controllers,
    })
    expect(await cluster.settle()).toEqual(['garbagecollector: delete ConfigMap default/child'])
  })

  test('takes an object created after its owner was gone', async () => {
    const cluster = await startTestCluster({ objects: [], controllers })
    const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'gone', uid: 'gone' }]
    await cluster.user.create(configMap('late', [], { ownerReferences }))
    await cluster.settle()
    expect(cluster.objects()).toEqual([])
  })
})

// https://kubernetes.io/docs/concepts/architecture/garbage-collection/#foreground-deletion
describe('foreground deletion', () => {
  test('takes the blocking dependents first, then the owner', async () => {
    const cluster = await startTestCluster({
      objects: [configMap('owner'), blocking('child-a', 'owner'), blocking('child-b', 'owner')],
      controllers,
    })
    await cluster.user.delete(named('owner'), { propagationPolicy: 'Foreground' })
    expect(cluster.get('ConfigMap', 'owner')?.metadata.finalizers).toEqual(['foregroundDeletion'])
    expect(await cluster.settle()).toEqual([
      'user: delete ConfigMap default/owner',
      'garbagecollector: delete ConfigMap default/child-a',
      'garbagecollector: delete ConfigMap default/child-b',
      'garbagecollector: patch ConfigMap default/owner',
    ])
    expect(cluster.objects()).toEqual([])
  })

  test('goes down the chain in the foreground', async () => {
    const objects = [configMap('owner'), blocking('child', 'owner'), blocking('grandchild', 'child')]
    const cluster = await startTestCluster({ objects, controllers })
    await cluster.user.delete(named('owner'), { propagationPolicy: 'Foreground' })
    expect(await cluster.settle()).toEqual([
      'user: delete ConfigMap default/owner',
      'garbagecollector: delete ConfigMap default/child',
      'garbagecollector: delete ConfigMap default/grandchild',
      'garbagecollector: patch ConfigMap default/child',
      'garbagecollector: patch ConfigMap default/owner',
    ])
  })

  test('waits for a blocking dependent that its own finalizer holds', async () => {
    const held = {
      finalizers: ['example.com/hold'],
      ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', blockOwnerDeletion: true }],
    }
    const cluster = await startTestCluster({ objects: [configMap('owner'), configMap('child', [], held)], controllers })
    await cluster.user.delete(named('owner'), { propagationPolicy: 'Foreground' })
    await cluster.settle()
    expect(cluster.objects()).toEqual(['ConfigMap default/child', 'ConfigMap default/owner'])
    await cluster.user.patch(named('child'), { metadata: { finalizers: [] } }, { patchType: 'merge' })
    await cluster.settle()
    expect(cluster.objects()).toEqual([])
  })

  test('does not wait for a dependent that does not block', async () => {
    const objects = [configMap('owner'), configMap('child', ['owner'], { finalizers: ['example.com/hold'] })]
    const cluster = await startTestCluster({ objects, controllers })
    await cluster.user.delete(named('owner'), { propagationPolicy: 'Foreground' })
    await cluster.settle()
    expect(cluster.objects()).toEqual(['ConfigMap default/child'])
  })
})

// https://kubernetes.io/docs/concepts/architecture/garbage-collection/#orphaned-dependents
test('orphan deletion removes the references of the dependents, then the owner', async () => {
  const cluster = await startTestCluster({ objects: [configMap('owner'), configMap('child', ['owner'])], controllers })
  await cluster.user.delete(named('owner'), { propagationPolicy: 'Orphan' })
  expect(await cluster.settle()).toEqual([
    'user: delete ConfigMap default/owner',
    'garbagecollector: patch ConfigMap default/child',
    'garbagecollector: patch ConfigMap default/owner',
  ])
  expect(cluster.objects()).toEqual(['ConfigMap default/child'])
  expect(cluster.get('ConfigMap', 'child')?.metadata.ownerReferences ?? []).toEqual([])
})

test('a circle of owners in foreground deletion is broken', async () => {
  const cluster = await startTestCluster({ objects: [blocking('a', 'b'), blocking('b', 'a')], controllers })
  await cluster.user.delete(named('a'), { propagationPolicy: 'Foreground' })
  await cluster.settle()
  expect(cluster.objects()).toEqual([])
})

test('a cluster-scoped owner is found from its namespaced dependent', async () => {
  const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node' } }
  const lease = {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { namespace: 'default', name: 'node' },
  }
  const ownerReferences = [{ apiVersion: 'v1', kind: 'Node', name: 'node' }]
  const cluster = await startTestCluster({
    objects: [node, { ...lease, metadata: { ...lease.metadata, ownerReferences } }],
    controllers,
  })
  expect(await cluster.pending()).toEqual([])
  await cluster.user.delete({ type: { apiVersion: 'v1', kind: 'Node' }, key: { name: 'node' } })
  await cluster.settle()
  expect(cluster.objects()).toEqual([])
})

test('a request names the type and the object', () => {
  const object = { apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { namespace: 'default', name: 'web.example' } }
  expect(requestForObject(object)).toEqual({ namespace: 'default', name: 'StatefulSet.v1.apps/web.example' })
  expect(objectOfRequest(requestForObject(object))).toEqual({
    type: { apiVersion: 'apps/v1', kind: 'StatefulSet' },
    key: { namespace: 'default', name: 'web.example' },
  })
  const crd = { apiVersion: 'zookeeper.pravega.io/v1beta1', kind: 'ZookeeperCluster', metadata: { name: 'zk' } }
  expect(objectOfRequest(requestForObject(crd))).toEqual({
    type: { apiVersion: 'zookeeper.pravega.io/v1beta1', kind: 'ZookeeperCluster' },
    key: { name: 'zk' },
  })
  expect(objectOfRequest({ name: 'Node.v1/a' }).type).toEqual({ apiVersion: 'v1', kind: 'Node' })
})
