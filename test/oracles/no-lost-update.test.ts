/** Writes that undo what another controller wrote. */
import { describe, expect, test } from 'vitest'
import type { ScenarioDefinition } from '#cluster/scenario.ts'
import { explored, LATE, replayed } from './explored.ts'
import { conditions, ownField, putBackToTheUser, wholeStatus, withRevision } from './lost-updates.ts'

const NAME = 'no-lost-update'

const oracles = async (definition: ScenarioDefinition, options = {}): Promise<readonly string[]> =>
  (await explored(definition, options)).report.findings.map(({ oracle }) => oracle)

describe('flagged', () => {
  test('a whole status from a late copy', async () => {
    expect(await oracles(wholeStatus, { faults: 0, granularity: 'reconcile' })).not.toContain(NAME)
    const { finding } = await explored(wholeStatus, { granularity: 'reconcile' })
    const { message, objects, controllers, profiles, steps } = finding(NAME)
    expect({ objects, profiles }).toEqual({ objects: ['App default/a'], profiles: LATE })
    expect([...controllers].sort()).toEqual(['left', 'right'])
    expect(message).toMatch(
      /^(left|right) default\/a writes App default\/a without a resourceVersion and puts status\.(left|right) back, from true to (nothing|false)/,
    )
    expect(steps).toBeLessThanOrEqual(8)
  })

  test('without any late copy where another writes in between', async () => {
    const { finding } = await explored(wholeStatus, { profiles: ['linearizable'], faults: 0, granularity: 'write' })
    expect(finding(NAME).faults).toBe(0)
  })

  test('a list of conditions, by their types', async () => {
    const { message } = (await explored(conditions, { granularity: 'write', faults: 0 })).finding(NAME)
    expect(message).toMatch(/puts status\.conditions\[(left|right)\]\.(status|type) back/)
  })

  test.each(['reconcile', 'write'] as const)('a replay, step by step, comes to the same: %s', async (granularity) => {
    expect(await replayed(wholeStatus, NAME, { granularity })).toBe('reproduced')
  })
})

describe('not flagged', () => {
  test.each([
    ['a patch of the own field', ownField],
    ['an update with the resourceVersion that was read', withRevision],
    ['a change of the user', putBackToTheUser],
  ])('%s', async (_, definition) => {
    for (const granularity of ['reconcile', 'write'] as const)
      expect(await oracles(definition, { granularity })).not.toContain(NAME)
  })

  test.each(['App default/a', 'App'])('what the scenario excludes: %s', async (excluded) => {
    const definition = { ...wholeStatus, oracles: { ...wholeStatus.oracles, [NAME]: { exclude: [excluded] } } }
    expect(await oracles(definition, { granularity: 'write' })).not.toContain(NAME)
  })
})
