/** Objects that are garbage at birth. */
import { describe, expect, test } from 'vitest'
import type { ScenarioDefinition } from '#cluster/scenario.ts'
import {
  createsLate,
  createsLateOwned,
  goesOn,
  goesOnWithoutReference,
  ignoresNotFound,
  looksAgain,
  stops,
} from './dead-owners.ts'
import { explored, LATE, replayed } from './explored.ts'

const NAME = 'no-create-for-dead-owner'

const oracles = async (definition: ScenarioDefinition, options = {}): Promise<readonly string[]> =>
  (await explored(definition, options)).report.findings.map(({ oracle }) => oracle)

describe('flagged', () => {
  test.each([
    ['with an owner reference', goesOn],
    ['without one', goesOnWithoutReference],
  ])('what is created after the last finalizer is removed, %s', async (_, definition) => {
    for (const granularity of ['reconcile', 'write'] as const) {
      const { finding } = await explored(definition, { faults: 0, granularity })
      const { message, objects, steps } = finding(NAME)
      expect(objects).toEqual(['Part default/a'])
      expect(message).toBe(
        'operator default/a creates Part default/a for App default/a, which the same reconcile had seen being deleted.',
      )
      expect(steps).toBeLessThanOrEqual(8)
    }
  })

  test('what is created for an owner that was read as gone', async () => {
    const { message } = (await explored(ignoresNotFound, { faults: 0 })).finding(NAME)
    expect(message).toContain('which the same reconcile had seen gone')
  })

  test('what is left at rest, though the reconcile could not know', async () => {
    expect(await oracles(createsLate, { faults: 0, granularity: 'reconcile' })).not.toContain(NAME)
    const { message, profiles } = (await explored(createsLate, { granularity: 'reconcile' })).finding(NAME)
    expect(profiles).toEqual(LATE)
    expect(message).toContain('is left: operator created it for App default/a when that was already being deleted')
  })

  test.each([
    ['a creation', goesOn],
    ['what is left', createsLate],
  ])('a replay, step by step, comes to the same: %s', async (_, definition) => {
    expect(await replayed(definition, NAME)).toBe('reproduced')
  })
})

describe('not flagged', () => {
  test.each([
    ['a reconcile that returns after the finalizer', stops],
    ['what the collector removes, created by a late cache', createsLateOwned],
    ['an owner that is there again when looked at anew', looksAgain],
  ])('%s', async (_, definition) => {
    for (const granularity of ['reconcile', 'write'] as const)
      expect(await oracles(definition, { granularity })).not.toContain(NAME)
  })

  test.each(['Part default/a', 'Part'])('what the scenario excludes: %s', async (excluded) => {
    expect(await oracles({ ...goesOn, oracles: { [NAME]: { exclude: [excluded] } } })).not.toContain(NAME)
  })
})
