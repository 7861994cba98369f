/** Reconcilers that use `@kubernetes/client-node`, unchanged, under `explore`. */
import {
  AppsV1Api,
  CoreV1Api,
  CustomObjectsApi,
  createConfiguration,
  KubernetesObjectApi,
  ServerConfiguration,
  Watch,
} from '@kubernetes/client-node'
import { describe, expect, it } from 'vitest'
import {
  apply,
  type Controller,
  defineController,
  defineScenario,
  explore,
  type ReconcilerTools,
} from '../../src/index.ts'

const configMaps = { apiVersion: 'v1', kind: 'ConfigMap' }
const secrets = { apiVersion: 'v1', kind: 'Secret' }

interface Request {
  readonly namespace?: string
  readonly name: string
}
type Reconcile = (
  tools: ReconcilerTools,
  key: { readonly namespace: string; readonly name: string },
) => Promise<unknown>

function copier(reconcile: Reconcile): Controller {
  return defineController({
    name: 'copier',
    for: configMaps,
    reconciler: (tools) => ({
      reconcile: async ({ namespace = 'default', name }: Request) => void (await reconcile(tools, { namespace, name })),
    }),
  })
}

const scenarioOf = (controller: Controller) =>
  defineScenario({
    name: 'copies',
    objects: [],
    controllers: [controller],
    garbageCollection: false,
    actions: [
      apply({ ...configMaps, metadata: { name: 'a' }, data: { x: '1' } }),
      apply({ ...configMaps, metadata: { name: 'a' }, data: { x: '2' } }),
    ],
  })

/** Makes a Secret of a ConfigMap: with Kamera's own client, and with others. */
const withOwnClient: Reconcile = async ({ client, apiReader }, key) => {
  const source = await apiReader.tryGet<{ data?: Record<string, string> }>(configMaps, key)
  if (source === undefined) return
  const copy = await apiReader.tryGet<{ stringData?: unknown }>(secrets, key)
  if (copy === undefined) await client.create({ ...secrets, metadata: { ...key }, type: source.data?.['x'] ?? '' })
}

const withApiClasses: Reconcile = async ({ kubeConfig }, key) => {
  const core: CoreV1Api = kubeConfig.makeApiClient(CoreV1Api)
  const gone = (error: { readonly code?: number }) => {
    if (error.code === 404) return undefined
    throw error
  }
  const source = await core.readNamespacedConfigMap(key).catch(gone)
  if (source === undefined) return
  const copy = await core.readNamespacedSecret(key).catch(gone)
  if (copy === undefined)
    await core.createNamespacedSecret({
      namespace: key.namespace,
      body: { metadata: { ...key }, type: source.data?.['x'] ?? '' },
    })
}

/** As programs do that make a configuration of their own: node-fetch, through the agent. */
const withNodeFetch: Reconcile = (tools, key) => {
  const { kubeConfig } = tools
  const makeApiClient = (type: typeof CoreV1Api) =>
    new type(
      createConfiguration({
        baseServer: new ServerConfiguration(kubeConfig.getCurrentCluster().server, {}),
        authMethods: { default: kubeConfig },
      }),
    )
  return withApiClasses({ ...tools, kubeConfig: { makeApiClient } }, key)
}

const options = { faults: 1, handover: 0 } as const

describe('a reconciler with @kubernetes/client-node', { timeout: 120_000 }, () => {
  it('is searched through the same states as one with client', async () => {
    const reports = []
    for (const reconcile of [withOwnClient, withApiClasses, withNodeFetch])
      reports.push(await explore(scenarioOf(copier(reconcile)), options))
    const counts = reports.map(({ verdict, statistics, outcomes, findings }) => ({
      verdict,
      states: statistics.statesDistinct,
      transitions: statistics.transitions,
      executed: statistics.reconcilesExecuted,
      outcomes: outcomes.map(({ fingerprint }) => fingerprint),
      findings: findings.map(({ oracle }) => oracle),
    }))
    expect(counts[0]?.states).toBeGreaterThan(10)
    expect(counts[1]).toEqual(counts[0])
    expect(counts[2]).toEqual(counts[0])
  })

  it('takes requests that were sent together for such, write by write', async () => {
    const both =
      (create: (tools: ReconcilerTools, name: string, namespace: string) => Promise<unknown>): Reconcile =>
      async (tools, { namespace }) => {
        await Promise.all(['x', 'y'].map((name) => create(tools, name, namespace).catch(() => undefined)))
      }
    const own = both(({ client }, name, namespace) => client.create({ ...secrets, metadata: { name, namespace } }))
    const other = both(({ kubeConfig }, name, namespace) =>
      (kubeConfig.makeApiClient(CoreV1Api) as CoreV1Api).createNamespacedSecret({
        namespace,
        body: { metadata: { name, namespace } },
      }),
    )
    const counts = []
    for (const reconcile of [own, other]) {
      const { statistics, verdict } = await explore(scenarioOf(copier(reconcile)), { ...options, granularity: 'write' })
      counts.push({ verdict, states: statistics.statesDistinct, transitions: statistics.transitions })
    }
    expect(counts[1]).toEqual(counts[0])
  })

  it('updates by resourceVersion, lists, patches and deletes', async () => {
    const many: Reconcile = async ({ kubeConfig }, key) => {
      const core: CoreV1Api = kubeConfig.makeApiClient(CoreV1Api)
      const objects = KubernetesObjectApi.makeApiClient(kubeConfig)
      const { items } = await core.listNamespacedConfigMap({ namespace: key.namespace, limit: 1 })
      const first = items[0]
      if (first === undefined || first.metadata?.annotations?.['seen'] === 'yes') return
      await core.replaceNamespacedConfigMap({
        name: first.metadata?.name ?? '',
        namespace: key.namespace,
        body: { ...first, metadata: { ...first.metadata, annotations: { seen: 'yes' } } },
      })
      await objects.patch({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { ...key, labels: { a: 'b' } } })
      await objects.delete({ apiVersion: 'v1', kind: 'Secret', metadata: key }).catch(() => undefined)
    }
    // A crash between the update and the patch would leave the label out: this code is not made for one.
    const report = await explore(scenarioOf(copier(many)), { faults: 1, apiError: 0, crash: 0 })
    expect({ verdict: report.verdict, oracles: report.findings.map(({ oracle }) => oracle) }).toEqual({
      verdict: 'holds',
      oracles: [],
    })
  })

  it('hears of requests that nobody awaits, and is refused a watch', async () => {
    const sloppy: Reconcile = async ({ kubeConfig }, key) => {
      const core: CoreV1Api = kubeConfig.makeApiClient(CoreV1Api)
      core
        .createNamespacedSecret({ namespace: key.namespace, body: { metadata: { name: 's' } } })
        .catch(() => undefined)
      await new Watch(kubeConfig).watch(
        '/api/v1/pods',
        {},
        () => undefined,
        () => undefined,
      )
    }
    const { outcomes } = await explore(scenarioOf(copier(sloppy)), { faults: 0 })
    expect(outcomes.map(({ objects }) => objects.filter((name) => name.startsWith('Secret')))).toEqual([
      ['Secret default/s'],
    ])
  })

  it('finds a bug of a client-node program: a create without regard to one that is there', async () => {
    const careless: Reconcile = async ({ kubeConfig }, key) => {
      const core: CoreV1Api = kubeConfig.makeApiClient(CoreV1Api)
      await core.createNamespacedSecret({ namespace: key.namespace, body: { metadata: { ...key } } })
    }
    const report = await explore(scenarioOf(copier(careless)), { faults: 0 })
    expect(report.findings.map(({ oracle }) => oracle)).toContain('no-error-loop')
  })

  it('reaches custom resources and other groups', async () => {
    const reconcile: Reconcile = async ({ kubeConfig }, { namespace, name }) => {
      const custom: CustomObjectsApi = kubeConfig.makeApiClient(CustomObjectsApi)
      const place = { group: 'apps', version: 'v1', namespace, plural: 'deployments' }
      const list = (await custom.listNamespacedCustomObject(place)) as { readonly items: readonly unknown[] }
      const apps: AppsV1Api = kubeConfig.makeApiClient(AppsV1Api)
      const labels = { app: name }
      if (list.items.length === 0)
        await apps.createNamespacedDeployment({
          namespace,
          body: {
            metadata: { name },
            spec: { replicas: 0, selector: { matchLabels: labels }, template: { metadata: { labels } } },
          },
        })
    }
    const report = await explore(scenarioOf(copier(reconcile)), { faults: 0 })
    expect(report.outcomes[0]?.objects).toContain('Deployment default/a')
    expect(report.verdict).toBe('holds')
  })
})
