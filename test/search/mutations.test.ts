/** Changes of spec that follow from a CRD's schema. */
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { resolveManifests } from '#cli/resolve-manifests.ts'
import { type MutationOptions, mutations } from '#cluster/mutations.ts'
import { defineScenario, patch, type ScenarioDefinition } from '#cluster/scenario.ts'
import { sometimes } from '#properties/user.ts'
import type { ExploreReport } from '#trace/report.ts'
import { explore } from '../../src/explore.ts'
import { controllerOf } from './scenario-search.ts'

const crd = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'webs.test.kamera.dev' },
  spec: {
    group: 'test.kamera.dev',
    names: { kind: 'Web', plural: 'webs' },
    scope: 'Namespaced',
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: {
                type: 'object',
                required: ['replicas'],
                properties: {
                  replicas: { type: 'integer', minimum: 1, maximum: 2 },
                  mode: { type: 'string', enum: ['a', 'b'] },
                  tls: { type: 'object', properties: { enabled: { type: 'boolean' } } },
                },
              },
              status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
            },
          },
        },
      },
    ],
  },
}

const type = { apiVersion: 'test.kamera.dev/v1', kind: 'Web' }
const web = (name: string, spec: object = { replicas: 1, mode: 'a', tls: { enabled: true } }) => ({
  ...type,
  metadata: { namespace: 'default', name },
  spec,
})

function search(
  options: MutationOptions,
  environment = 1,
  more: Partial<ScenarioDefinition> = {},
): Promise<ExploreReport> {
  const scenario = defineScenario({
    name: 'mutations',
    crds: [crd],
    objects: [web('a')],
    controllers: [],
    environment: [mutations(crd, options)],
    garbageCollection: false,
    ...more,
  })
  return explore(scenario, { faults: 0, environment, reduction: 'none' })
}

/** The titles of the events that can happen at the start. */
async function titles(options: MutationOptions, more: Partial<ScenarioDefinition> = {}): Promise<readonly string[]> {
  const report = await search(options, 1, more)
  const firsts = report.outcomes.flatMap(({ first }) => first.steps.filter(({ type }) => type === 'environment'))
  return firsts.map(({ title }) => title.replace('environment: ', '').replace(': Web default/a', ''))
}

describe('mutations', () => {
  it('follow from the schema: numbers, booleans, enumerations, optional fields', async () => {
    expect(await titles({})).toEqual([
      'spec.replicas up',
      'spec.mode set to "b"',
      'spec.mode removed',
      'spec.tls removed',
      'spec.tls.enabled toggled',
      'spec.tls.enabled removed',
      'removed',
    ])
  })

  it('are of the types, fields and targets that are asked for', async () => {
    expect(await titles({ types: ['toggle'] })).toEqual(['spec.mode set to "b"', 'spec.tls.enabled toggled'])
    expect(await titles({ fields: ['spec.replicas'], types: ['scale'] })).toEqual(['spec.replicas up'])
    const two = { objects: [web('a'), web('b')] }
    expect(await titles({ types: ['scale'], targets: [{ name: 'a' }] }, two)).toEqual(['spec.replicas up'])
  })

  it('stay within the bounds of the schema, or those given', async () => {
    const scaled = await search({ types: ['scale'] }, 3)
    // 1 → 2 → 1 → 2: the schema allows no third.
    expect(scaled.statistics).toMatchObject({ statesDistinct: 4, transitions: 3 })
    const app = { apiVersion: 'test.kamera.dev/v1', kind: 'App' }
    const plain = await search({}, 3, {
      kinds: [app],
      objects: [{ ...app, metadata: { namespace: 'default', name: 'a' }, spec: { n: 1 } }],
      environment: [mutations(app, { fields: ['spec.n'], types: ['scale'], maximum: 2 })],
    })
    // From 1: up or down; from 2 down; from 0 up. 1 + 2 + 2 + 4 histories.
    expect(plain.statistics).toMatchObject({ statesDistinct: 9, transitions: 8 })
  })

  it('revert to the manifest', async () => {
    const back = sometimes('back again', (cluster) => {
      const found = cluster.get(type, { namespace: 'default', name: 'a' })
      return found?.spec.replicas === 1 && found.metadata.generation === 3
    })
    const report = await search({ fields: ['spec.replicas'], types: ['scale', 'revert'] }, 2, { properties: [back] })
    expect(report.findings).toEqual([])
  })

  it('remove and create again, once the script is over', async () => {
    const patched = { actions: [patch({ ...type, name: 'a' }, { spec: { replicas: 2 } })] }
    const report = await search({ types: ['recreate'] }, 2, patched)
    expect(report.findings).toEqual([])
    const ends = report.outcomes.map(({ first }) =>
      first.steps.filter(({ type }) => type === 'environment').map(({ title }) => title.slice('environment: '.length)),
    )
    const removed = 'removed: Web default/a'
    expect(ends).toEqual([[], [removed], [removed, 'created again: Web default/a']])
  })

  it('leave out what the API server refuses', async () => {
    const rule = { rule: "self.mode == 'a'", message: 'mode is a' }
    const strict = structuredClone(crd) as typeof crd
    const [version] = strict.spec.versions
    Object.assign(version?.schema.openAPIV3Schema.properties.spec as object, { 'x-kubernetes-validations': [rule] })
    expect(await titles({ types: ['toggle'] }, { crds: [strict] })).toEqual(['spec.tls.enabled toggled'])
  })

  it('find a controller that never looks at a change', async () => {
    const once = controllerOf(
      'once',
      async (client, key) => {
        const found = await client.tryGet<ReturnType<typeof web> & { status?: object }>(type, key)
        if (found === undefined || found.status !== undefined) return
        const { replicas } = found.spec as { replicas: number }
        await client.status().patch({ type, key }, { status: { replicas } }, { patchType: 'merge' })
      },
      { for: type },
    )
    const report = await search({ types: ['scale'] }, 1, { controllers: [once] })
    expect(report.findings.map(({ oracle }) => oracle)).toContain('same-outcome')
  })

  it('take the definition from a file', () => {
    const scenario = defineScenario({ name: 'file', controllers: [], environment: [mutations('./crd.yaml')] })
    const folder = join(import.meta.dirname, '../../examples/zookeeper')
    const [resolved] = resolveManifests(scenario, folder, 'scenario.ts').environment ?? []
    expect(resolved).toMatchObject({ type: 'mutations', crd: { kind: 'CustomResourceDefinition' } })
  })

  it('that cannot be made are refused with the place', async () => {
    await expect(search({ type: ['scale'] } as never)).rejects.toThrow(
      /environment\[0\]: mutations have no option type/,
    )
    await expect(search({ types: ['grow'] } as never)).rejects.toThrow(/no mutations of the type grow/)
    await expect(search({}, 1, { environment: [mutations({ apiVersion: 'v1', kind: 'Pod' })] })).rejects.toThrow(
      /the schema of Pod names no field/,
    )
    await expect(search({}, 1, { environment: [mutations({})] })).rejects.toThrow(/mutations are of a Custom/)
  })
})
