/** Clock, chance and console of user code that is no reconcile. */
import { describe, expect, it } from 'vitest'
import { defineExternal } from '#cluster/external.ts'
import { create, defineScenario, type ScenarioDefinition } from '#cluster/scenario.ts'
import { defineController } from '#controller/define-controller.ts'
import { explore } from '#explore.ts'
import { always } from '#properties/user.ts'

const app = { apiVersion: 'test.kamera.dev/v1', kind: 'App' }
const part = { apiVersion: 'test.kamera.dev/v1', kind: 'Part' }
const object = { ...app, metadata: { namespace: 'default', name: 'a' } }

function explored(definition: Partial<ScenarioDefinition>, watch: object = {}, controller: object = {}) {
  const operator = defineController({
    name: 'operator',
    for: app,
    watches: [{ ...part, requests: () => [{ namespace: 'default', name: 'a' }], ...watch }],
    reconciler: ({ external }) => ({
      async reconcile() {
        if (definition.externals !== undefined) await external('bank').rent()
      },
    }),
    ...controller,
  })
  const scenario = defineScenario({
    name: 'outside',
    kinds: [app, part],
    objects: [object],
    controllers: [operator],
    actions: [create({ ...part, metadata: { namespace: 'default', name: 'p' } })],
    ...definition,
  })
  return explore(scenario, { auditPercent: 1 })
}

describe('a predicate or mapping function', () => {
  it.each([
    ['Date.now', () => Date.now()],
    ['new Date', () => Number(new Date())],
    ['performance.now', () => performance.now()],
  ])('that reads the clock by %s gets the same instant always, and the report says so', async (_, now) => {
    const seen = new Set<number>()
    const report = await explored({}, { predicate: () => seen.add(now()).size > 0 })
    expect(seen.size).toBe(1)
    expect(report.verdict).toBe('holds')
    const [lint] = report.lints.filter(({ id }) => id === 'clock-outside-reconcile:operator')
    expect(lint?.message).toMatch(/of operator reads the clock at .*outside-reconciles\.test\.ts:\d+/)
  })

  it.each([
    ['a number', () => Math.random()],
    ['a uuid', () => crypto.randomUUID()],
  ])('that takes %s from chance is not deterministic, by its place', async (_, chance) => {
    const requests = () => [{ namespace: 'default', name: `a-${chance()}` }]
    const { verdict, findings } = await explored({}, { requests })
    expect(verdict).toBe('violated')
    expect(findings.map(({ oracle, controllers }) => ({ oracle, controllers }))).toEqual([
      { oracle: 'nondeterministic', controllers: ['operator'] },
    ])
    expect(findings[0]?.message).toMatch(/mapping function of operator uses random numbers at .*\.test\.ts:\d+/)
    expect((await explored({}, { requests }, { allowRandom: true })).verdict).toBe('holds')
  })
})

describe('a function of the scenario that reads the clock or chance is refused by its place', () => {
  const bank = (rent: () => unknown) =>
    defineExternal({ name: 'bank', state: {}, methods: { rent: () => ({ result: rent() as string }) } })

  it.each<[string, Partial<ScenarioDefinition>, RegExp]>([
    [
      'a property, the clock',
      { properties: [always('young', () => Date.now() > 0)] },
      /the property "young": it reads the clock at .*\.test\.ts:\d+/,
    ],
    [
      'a property, chance',
      { properties: [always('lucky', () => Math.random() < 2)] },
      /the property "lucky": it uses random numbers at/,
    ],
    [
      'an external system, the clock',
      { externals: [bank(() => new Date().toISOString())] },
      /externals\[0\] \(bank\)\.methods\.rent reads the clock at .*\.test\.ts:\d+/,
    ],
    [
      'an external system, chance',
      { externals: [bank(() => crypto.randomUUID())] },
      /bank\)\.methods\.rent uses random/,
    ],
  ])('%s', async (_, definition, says) => {
    await expect(explored(definition)).rejects.toThrow(says)
  })
})

it('the real clock is back afterwards', async () => {
  await explored({ properties: [always('there', (cluster) => cluster.list(app).length > 0)] })
  expect(new Date().getUTCFullYear()).toBeGreaterThanOrEqual(2026)
  expect(new Set(Array.from({ length: 5 }, () => Math.random())).size).toBeGreaterThan(1)
})
