import { expect, test } from 'vitest'
import { garbageCollector } from '../garbagecollector/garbagecollector.ts'
import { startTestCluster } from '../test-support.ts'
import { namespace } from './namespace.ts'

const shop = { type: { apiVersion: 'v1', kind: 'Namespace' }, key: { name: 'shop' } }
const secret = { type: { apiVersion: 'v1', kind: 'Secret' }, key: { namespace: 'shop', name: 'key' } }

function content(finalizers: readonly string[] = []): readonly object[] {
  return [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'shop', name: 'settings' } },
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { namespace: 'shop', name: 'key', ...(finalizers.length === 0 ? {} : { finalizers }) },
    },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'default', name: 'other' } },
  ]
}

// https://kubernetes.io/docs/tasks/administer-cluster/namespaces/#deleting-a-namespace
test('deleting a Namespace deletes everything in it, then the Namespace', async () => {
  const cluster = await startTestCluster({ objects: content(), controllers: [namespace(), garbageCollector()] })
  expect(await cluster.pending()).toEqual([])
  await cluster.user.delete(shop)
  expect(await cluster.settle()).toEqual([
    'user: delete Namespace shop',
    'namespace: delete ConfigMap shop/settings',
    'namespace: delete Secret shop/key',
    'namespace: update Namespace shop/finalize',
  ])
  expect(cluster.objects()).toEqual(['ConfigMap default/other'])
})

// https://kubernetes.io/docs/concepts/overview/working-with-objects/finalizers/
test('a Namespace waits for content that a finalizer holds', async () => {
  const cluster = await startTestCluster({ objects: content(['example.com/hold']), controllers: [namespace()] })
  await cluster.user.delete(shop)
  await cluster.settle()
  expect(cluster.objects()).toEqual(['ConfigMap default/other', 'Namespace shop', 'Secret shop/key'])
  await cluster.user.patch(secret, { metadata: { finalizers: null } }, { patchType: 'merge' })
  await cluster.settle()
  expect(cluster.objects()).toEqual(['ConfigMap default/other'])
})

test('an empty Namespace goes at once', async () => {
  const cluster = await startTestCluster({
    objects: [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } }],
    controllers: [namespace()],
  })
  await cluster.user.delete(shop)
  expect(await cluster.settle()).toEqual(['user: delete Namespace shop', 'namespace: update Namespace shop/finalize'])
})

test('nothing is to be done for a Namespace that stays', async () => {
  const cluster = await startTestCluster({ objects: content(), controllers: [namespace()] })
  await cluster.user.patch(shop, { metadata: { labels: { team: 'a' } } }, { patchType: 'merge' })
  await cluster.user.delete(secret)
  expect(await cluster.pending()).toEqual([])
})
