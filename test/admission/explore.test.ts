/** Webhooks, quotas and permissions in a search. */
import { describe, expect, it } from 'vitest'
import {
  apply,
  create,
  defineController,
  defineScenario,
  explore,
  patch,
  type Scenario,
  type ScenarioDefinition,
} from '../../src/index.ts'

const configMaps = { apiVersion: 'v1', kind: 'ConfigMap' }
const secrets = { apiVersion: 'v1', kind: 'Secret' }

function configuration(kind: string, webhook: object): object {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: `${kind}WebhookConfiguration`,
    metadata: { name: kind.toLowerCase() },
    webhooks: [
      {
        name: `${kind.toLowerCase()}.example.com`,
        clientConfig: { service: { namespace: 'default', name: 'hooks' } },
        rules: [
          {
            apiGroups: [''],
            apiVersions: ['v1'],
            operations: ['CREATE', 'UPDATE', 'DELETE'],
            resources: ['configmaps'],
          },
        ],
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
        ...webhook,
      },
    ],
  }
}

const idle = defineController({
  name: 'idle',
  for: configMaps,
  reconciler: () => ({ reconcile: async () => undefined }),
})

const scenarioOf = (definition: Partial<ScenarioDefinition>): Scenario =>
  defineScenario({ name: 'admission', controllers: [idle], garbageCollection: false, ...definition })

const map = (name: string, data: Readonly<Record<string, string>> = {}) => ({ ...configMaps, metadata: { name }, data })

/** The controller makes the Secret that its ConfigMap asks for, and fails with what it is told. */
const maker = defineController({
  name: 'maker',
  for: configMaps,
  reconciler: ({ client }) => ({
    reconcile: async (key) => {
      const source = await client.tryGet<{ data?: { keep?: string } }>(configMaps, key)
      if (source === undefined) return
      const copy = await client.tryGet(secrets, key)
      if (copy === undefined) await client.create({ ...secrets, metadata: { ...key } })
    },
  }),
})

describe('webhooks of a scenario', () => {
  it('change what is created, and are seen by controllers', async () => {
    const seen: unknown[] = []
    const reader = defineController({
      name: 'reader',
      for: configMaps,
      reconciler: ({ client }) => ({
        reconcile: async (key) => void seen.push((await client.tryGet<{ data: unknown }>(configMaps, key))?.data),
      }),
    })
    const report = await explore(
      scenarioOf({
        controllers: [reader],
        objects: [configuration('Mutating', { objectSelector: { matchLabels: { a: 'b' } } })],
        webhooks: {
          'mutating.example.com': ({ object }) => ({
            allowed: true,
            patch: [{ op: 'add', path: '/data/by', value: `webhook ${object?.metadata.name}` }],
          }),
        },
        actions: [
          create({ ...map('a', { x: '1' }), metadata: { name: 'a', labels: { a: 'b' } } }),
          create(map('b', { y: '2' })),
        ],
      }),
      { faults: 0 },
    )
    expect(report.verdict).toBe('holds')
    expect(seen).toContainEqual({ x: '1', by: 'webhook a' })
    expect(seen).toContainEqual({ y: '2' })
    expect(report.lints).toEqual([])
  })

  it('refuse by rules, match conditions and the old object', async () => {
    const names: string[] = []
    const strict = defineController({
      name: 'strict',
      for: configMaps,
      reconciler: ({ client }) => ({
        reconcile: async (key) => {
          for (const value of ['1', '2']) {
            const refused = await client
              .patch({ type: configMaps, key }, { data: { v: value } }, { patchType: 'merge' })
              .then(
                () => 'ok',
                (error: Error) => error.message,
              )
            names.push(refused)
          }
        },
      }),
    })
    await explore(
      scenarioOf({
        controllers: [strict],
        objects: [
          configuration('Validating', {
            matchConditions: [{ name: 'ours', expression: "object.data.v == '2' && request.operation == 'UPDATE'" }],
          }),
          map('a'),
        ],
        webhooks: {
          'validating.example.com': ({ oldObject }) => ({
            allowed: false,
            status: { message: `not over ${(oldObject as unknown as { data: { v: string } }).data.v}` },
          }),
        },
      }),
      { faults: 0 },
    )
    expect(new Set(names)).toEqual(
      new Set(['ok', 'admission webhook "validating.example.com" denied the request: not over 1']),
    )
  })

  it('that nobody runs are a lint', async () => {
    const report = await explore(
      scenarioOf({ objects: [configuration('Validating', {})], actions: [apply(map('a'))] }),
      {
        faults: 0,
      },
    )
    expect(report.lints.map(({ id }) => id)).toEqual(['webhook-not-run:validating.example.com'])
  })
})

describe('quotas of a scenario', () => {
  const quota = {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'small' },
    spec: { hard: { secrets: '1' } },
  }

  it('are enforced when they are asked for', async () => {
    const options = { objects: [quota, map('a'), map('b')], controllers: [maker] }
    const free = await explore(scenarioOf(options), { faults: 0 })
    expect(free.verdict).toBe('holds')
    const limited = await explore(scenarioOf({ ...options, quotas: true }), { faults: 0 })
    const failing = limited.findings.find(({ oracle }) => oracle === 'no-error-loop')
    expect(failing?.message).toContain(
      'exceeded quota: small, requested: secrets=1, used: secrets=1, limited: secrets=1',
    )
  })
})

describe('permissions of a scenario', () => {
  it('refuse what no rule allows', async () => {
    const read = { apiGroups: [''], resources: ['configmaps', 'secrets'], verbs: ['get', 'list', 'watch'] }
    const options = {
      objects: [map('a')],
      controllers: [maker],
      actions: [patch({ ...configMaps, name: 'a' }, { data: { x: '1' } })],
    }
    const refused = await explore(scenarioOf({ ...options, permissions: { maker: [read] } }), { faults: 0 })
    const failing = refused.findings.find(({ oracle }) => oracle === 'no-error-loop')
    expect(failing?.message).toContain(
      'secrets is forbidden: User "system:serviceaccount:default:maker" cannot create resource "secrets" in API group "" in the namespace "default"',
    )
    const write = { apiGroups: [''], resources: ['secrets'], verbs: ['create'] }
    const allowed = await explore(scenarioOf({ ...options, permissions: { maker: [read, write] } }), { faults: 0 })
    expect(allowed.verdict).toBe('holds')
  })
})
