/** `@kubernetes/client-node`, unchanged, on a cluster in this process. */
import {
  AppsV1Api,
  CoreV1Api,
  CustomObjectsApi,
  KubernetesObjectApi,
  makeInformer,
  PatchStrategy,
  setHeaderOptions,
  type V1Pod,
  Watch,
} from '@kubernetes/client-node'
import { afterEach, expect, it } from 'vitest'
import { type SimulatedCluster, type SimulatedClusterOptions, simulatedCluster } from '../../src/index.ts'

const clusters: SimulatedCluster[] = []
afterEach(async () => {
  for (const cluster of clusters.splice(0)) await cluster.close()
})

function start(options: SimulatedClusterOptions = {}): SimulatedCluster {
  const cluster = simulatedCluster(options)
  clusters.push(cluster)
  return cluster
}

const pod = (name: string): V1Pod => ({
  metadata: { name, namespace: 'default', labels: { app: 'web' } },
  spec: { containers: [{ name: 'web', image: 'nginx' }] },
})

/** Resolves when `check` is true; asked after every turn of the event loop. */
async function until(check: () => boolean): Promise<void> {
  while (!check()) await new Promise((resolve) => setImmediate(resolve))
}

it('creates, reads, patches and deletes through API classes', async () => {
  const { kubeConfig } = start()
  const core: CoreV1Api = kubeConfig.makeApiClient(CoreV1Api)
  const created = await core.createNamespacedPod({ namespace: 'default', body: pod('a') })
  expect(created.metadata?.uid).toBeTypeOf('string')
  expect(created.metadata?.creationTimestamp).toBeInstanceOf(Date)
  const patched = await core.patchNamespacedPod(
    { name: 'a', namespace: 'default', body: { metadata: { labels: { tier: 'front' } } } },
    setHeaderOptions('Content-Type', PatchStrategy.StrategicMergePatch),
  )
  expect(patched.metadata?.labels).toEqual({ app: 'web', tier: 'front' })
  const list = await core.listNamespacedPod({ namespace: 'default', labelSelector: 'tier=front' })
  expect(list.items.map(({ metadata }) => metadata?.name)).toEqual(['a'])
  await core.deleteNamespacedPod({ name: 'a', namespace: 'default', gracePeriodSeconds: 0 })
  const failure = await core.readNamespacedPod({ name: 'a', namespace: 'default' }).catch((error: unknown) => error)
  expect(failure).toMatchObject({ code: 404 })
  expect(JSON.parse((failure as { body: string }).body)).toMatchObject({ kind: 'Status', reason: 'NotFound' })
})

it('finds the path of any object by discovery', async () => {
  const { kubeConfig } = start()
  const objects = KubernetesObjectApi.makeApiClient(kubeConfig)
  const type = { apiVersion: 'v1', kind: 'ConfigMap' }
  await objects.create({ ...type, metadata: { name: 'settings' }, data: { a: '1' } } as never)
  const read = await objects.read({ ...type, metadata: { name: 'settings', namespace: 'default' } })
  expect((read as { data?: unknown }).data).toEqual({ a: '1' })
  const list = await objects.list('v1', 'ConfigMap', 'default')
  expect(list.items).toHaveLength(1)
  await objects.delete({ ...type, metadata: { name: 'settings', namespace: 'default' } })
})

it('serves custom resources, pruned and validated by their definition', async () => {
  const { kubeConfig } = start({ crds: [widgets] })
  const custom: CustomObjectsApi = kubeConfig.makeApiClient(CustomObjectsApi)
  const place = { group: 'example.com', version: 'v1', namespace: 'default', plural: 'widgets' }
  const body = { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'w' }, spec: { size: 3, other: 1 } }
  const created = await custom.createNamespacedCustomObject({ ...place, body })
  expect(created.spec).toEqual({ size: 3 })
  const wrong = { ...body, metadata: { name: 'x' }, spec: { size: 'big' } }
  await expect(custom.createNamespacedCustomObject({ ...place, body: wrong })).rejects.toMatchObject({ code: 422 })
})

it('runs informers, from the list through the watch to a list after 410', async () => {
  const cluster = start({ objects: [{ apiVersion: 'v1', kind: 'Pod', ...pod('first') } as never] })
  const core: CoreV1Api = cluster.kubeConfig.makeApiClient(CoreV1Api)
  const informer = makeInformer(cluster.kubeConfig, '/api/v1/namespaces/default/pods', () =>
    core.listNamespacedPod({ namespace: 'default' }),
  )
  const seen: string[] = []
  for (const verb of ['add', 'update', 'delete'] as const)
    informer.on(verb, (object: V1Pod) => void seen.push(`${verb} ${object.metadata?.name}`))
  informer.on('error', (error: unknown) => void seen.push(`error ${String(error)}`))
  await informer.start()
  await core.createNamespacedPod({ namespace: 'default', body: pod('second') })
  await until(() => seen.includes('add second'))
  await core.deleteNamespacedPod({ name: 'second', namespace: 'default', gracePeriodSeconds: 0 })
  await until(() => seen.includes('delete second'))
  expect(seen).toEqual(['add first', 'add second', 'update second', 'delete second'])
  await informer.stop()
})

it('ends a watch when it is aborted, and when the cluster is closed', async () => {
  const cluster = start()
  const ends: unknown[] = []
  const watch = new Watch(cluster.kubeConfig)
  const first = await watch.watch(
    '/api/v1/pods',
    {},
    () => undefined,
    (error) => void ends.push(error),
  )
  first.abort()
  await until(() => ends.length === 1)
  await watch.watch(
    '/api/v1/pods',
    {},
    () => undefined,
    (error) => void ends.push(error),
  )
  await cluster.close()
  await until(() => ends.length === 2)
  expect(ends[1]).toBeNull()
})

it('runs built-in controllers on request', async () => {
  const { kubeConfig } = start({ controllers: 'workloads' })
  const apps: AppsV1Api = kubeConfig.makeApiClient(AppsV1Api)
  const labels = { app: 'web' }
  await apps.createNamespacedDeployment({
    namespace: 'default',
    body: {
      metadata: { name: 'web' },
      spec: {
        replicas: 2,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: pod('').spec ?? { containers: [] } },
      },
    },
  })
  let ready: number | undefined
  while (ready !== 2) {
    ready = (await apps.readNamespacedDeployment({ name: 'web', namespace: 'default' })).status?.readyReplicas
    await new Promise((resolve) => setImmediate(resolve))
  }
})

const widgets = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'widgets', kind: 'Widget' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: { spec: { type: 'object', properties: { size: { type: 'integer' } } } },
          },
        },
      },
    ],
  },
}
