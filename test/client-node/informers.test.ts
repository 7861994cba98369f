/** Programs written with client-node's informers, unchanged, under `explore`. */
import { CoreV1Api, type KubeConfig, makeInformer, type V1ConfigMap } from '@kubernetes/client-node'
import { describe, expect, it } from 'vitest'
import {
  apply,
  type Controller,
  defineHandlers,
  defineInformers,
  defineScenario,
  explore,
  remove,
} from '../../src/index.ts'

const configMaps = { apiVersion: 'v1', kind: 'ConfigMap' }

const secretOf = (source: V1ConfigMap) => ({
  metadata: { name: source.metadata?.name ?? '', namespace: source.metadata?.namespace ?? '' },
  type: source.data?.['x'] ?? '',
})

/** A program: a Secret for each ConfigMap, made when it appears and removed when it goes. */
async function copies(kubeConfig: KubeConfig): Promise<void> {
  const core = kubeConfig.makeApiClient(CoreV1Api)
  const informer = makeInformer<V1ConfigMap>(kubeConfig, '/api/v1/configmaps', () =>
    core.listConfigMapForAllNamespaces(),
  )
  informer.on('add', async (source) => {
    const { metadata } = secretOf(source)
    await core.createNamespacedSecret({ namespace: metadata.namespace, body: secretOf(source) }).catch(ignoreThere)
  })
  informer.on('delete', async (source) => {
    const { name, namespace } = secretOf(source).metadata
    await core.deleteNamespacedSecret({ name, namespace })
  })
  await informer.start()
}

function ignoreThere(error: { readonly code?: number }): void {
  if (error.code !== 409) throw error
}

const copier = defineInformers({
  name: 'copier',
  watches: [configMaps],
  start: ({ kubeConfig }) => copies(kubeConfig as KubeConfig),
})

const scenarioOf = (controller: Controller) =>
  defineScenario({
    name: 'informers',
    objects: [{ ...configMaps, metadata: { name: 'old' }, data: { x: 'o' } }],
    controllers: [controller],
    garbageCollection: false,
    actions: [
      apply({ ...configMaps, metadata: { name: 'a' }, data: { x: '1' } }),
      remove({ ...configMaps, name: 'a' }),
    ],
  })

describe('informers of client-node', () => {
  it('act on each event as handlers do', { timeout: 120_000 }, async () => {
    const handlers = defineHandlers({
      name: 'copier',
      on: [
        {
          ...configMaps,
          add: async (source, { client }) => {
            await client
              .create({ apiVersion: 'v1', kind: 'Secret', ...secretOf(source as V1ConfigMap) })
              .catch((error: { code?: number; isAlreadyExists?: boolean }) => {
                if (error.isAlreadyExists !== true) throw error
              })
          },
          delete: async (source, { client }) => {
            await client.delete({
              type: { apiVersion: 'v1', kind: 'Secret' },
              key: secretOf(source as V1ConfigMap).metadata,
            })
          },
        },
      ],
    })
    const theirs = await explore(scenarioOf(copier), { faults: 0 })
    const ours = await explore(scenarioOf(handlers), { faults: 0 })
    const outcomes = (result: typeof theirs) => result.outcomes.map(({ objects }) => objects)
    expect(theirs.findings.map(({ message }) => message)).toEqual(ours.findings.map(({ message }) => message))
    expect(outcomes(theirs)).toEqual(outcomes(ours))
    expect(outcomes(theirs).flat()).toContain('Secret default/old')
    expect(theirs.exhaustive).toBe(true)
  })

  it('watch what they select, and have in their cache what was there before', { timeout: 120_000 }, async () => {
    const labelled = (name: string, team: string) => ({ ...configMaps, metadata: { name, labels: { team } } })
    const selecting = defineInformers({
      name: 'selecting',
      watches: [configMaps],
      start: ({ kubeConfig }) => {
        const core = (kubeConfig as KubeConfig).makeApiClient(CoreV1Api)
        const list = () => core.listNamespacedConfigMap({ namespace: 'default', labelSelector: 'team=x' })
        const path = '/api/v1/namespaces/default/configmaps'
        const informer = makeInformer<V1ConfigMap>(kubeConfig as KubeConfig, path, list, 'team=x')
        const note = (what: string) => async (object: V1ConfigMap) => {
          const cached = informer.list().map(({ metadata }) => metadata?.name)
          const name = `${what}-${object.metadata?.name}-of-${cached.join('-')}`
          await core.createNamespacedSecret({ namespace: 'default', body: { metadata: { name } } })
        }
        informer.on('add', note('add'))
        informer.on('update', note('update'))
        informer.on('delete', note('delete'))
        void informer.start()
      },
    })
    const result = await explore(
      defineScenario({
        name: 'selecting',
        objects: [labelled('a', 'x'), labelled('b', 'y')],
        controllers: [selecting],
        garbageCollection: false,
        actions: [
          apply(labelled('b', 'x'), { at: 'rest' }),
          apply({ ...labelled('b', 'x'), data: { n: '1' } }, { at: 'rest' }),
          apply(labelled('b', 'z'), { at: 'rest' }),
        ],
      }),
      { faults: 0 },
    )
    expect(result.findings).toEqual([])
    expect(result.outcomes.map(({ objects }) => objects.filter((name) => name.startsWith('Secret')))).toEqual([
      ['add-a-of-a', 'add-b-of-a-b', 'delete-b-of-a', 'update-b-of-a-b'].map((name) => `Secret default/${name}`),
    ])
  })

  it('cannot write before they watch, and say so', { timeout: 120_000 }, async () => {
    const writing = defineInformers({
      name: 'writing',
      watches: [configMaps],
      start: async ({ kubeConfig }) => {
        const core = (kubeConfig as KubeConfig).makeApiClient(CoreV1Api)
        await core.createNamespacedSecret({ namespace: 'default', body: { metadata: { name: 'a' } } })
        await copies(kubeConfig as KubeConfig)
      },
    })
    const { findings } = await explore(scenarioOf(writing), { faults: 0 })
    expect(findings[0]?.message).toMatch('start waits for POST /api/v1/namespaces/default/secrets')
  })
})
