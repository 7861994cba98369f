/** Objects that are made and removed for nothing. */
import { describe, expect, test } from 'vitest'
import { builtin } from '#builtin-controllers/builtin.ts'
import type { ScenarioDefinition } from '#cluster/scenario.ts'
import { object, workloadSpec } from '../builtin/objects.ts'
import { blindToItself, countsLive, inPhases, scaled, timeToLive } from './churns.ts'
import { explored, LATE_FOR_OWN, replayed } from './explored.ts'

const NAME = 'no-churn'

const oracles = async (definition: ScenarioDefinition, options = {}): Promise<readonly string[]> =>
  (await explored(definition, options)).report.findings.map(({ oracle }) => oracle)

describe('flagged', () => {
  test('a part that is made twice and removed again', async () => {
    expect(await oracles(blindToItself, { faults: 0 })).not.toContain(NAME)
    const { finding } = await explored(blindToItself, { granularity: 'reconcile' })
    const { message, profiles, faults, controllers } = finding(NAME)
    expect({ profiles, faults, controllers }).toEqual({
      profiles: LATE_FOR_OWN,
      faults: 1,
      controllers: ['operator'],
    })
    expect(message).toMatch(
      /^operator default\/a deletes Part default\/a-\w+, which operator itself had created only because its cache did not show its own writes yet/,
    )
  })

  test('a replay, step by step, comes to the same', async () => {
    expect(await replayed(blindToItself, NAME)).toBe('reproduced')
  })
})

describe('not flagged', () => {
  test.each([
    ['a count by the API server', countsLive],
    ['what the user scales up and down', scaled],
    ['work of a phase that is over', inPhases],
    ['what has a time to live', timeToLive],
  ])('%s', async (_, definition) => {
    for (const granularity of ['reconcile', 'write'] as const)
      expect(await oracles(definition, { granularity })).not.toContain(NAME)
  })

  test('what was made before a crash, and is not in an old list: expectations are gone with the process', async () => {
    const spec = { replicas: 1, ...workloadSpec() }
    const definition = {
      name: 'replicaset',
      objects: [object('apps/v1', 'ReplicaSet', 'web', { spec })],
      controllers: [builtin.replicaset()],
    }
    const options = { granularity: 'reconcile', profiles: ['legacy-restart'], apiError: 0 } as const
    const { report } = await explored(definition, options)
    expect(report.findings.map(({ oracle }) => oracle)).not.toContain(NAME)
  })

  test('what the scenario excludes', async () => {
    const definition = { ...blindToItself, oracles: { ...blindToItself.oracles, [NAME]: { exclude: ['Part'] } } }
    expect(await oracles(definition)).not.toContain(NAME)
  })
})
