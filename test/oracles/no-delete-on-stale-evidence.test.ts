/** Deletions that rest on what was true once. */
import { describe, expect, test } from 'vitest'
import type { ScenarioDefinition } from '#cluster/scenario.ts'
import { explored, LATE, replayed } from './explored.ts'
import {
  disposable,
  earlierIncarnation,
  generationChecked,
  ownerGone,
  preconditioned,
  readLive,
  readLiveAfterWrite,
  staleChild,
  staleSpec,
} from './stale-deletions.ts'

const NAME = 'no-delete-on-stale-evidence'

const oracles = async (definition: ScenarioDefinition, options = {}): Promise<readonly string[]> =>
  (await explored(definition, options)).report.findings.map(({ oracle }) => oracle)

describe('flagged', () => {
  test('a child deleted by a spec that has been changed back', async () => {
    const { finding } = await explored(staleSpec)
    const { message, objects, profiles, faults, steps } = finding(NAME)
    expect({ objects, profiles, faults }).toEqual({ objects: ['Store default/a'], profiles: LATE, faults: 1 })
    expect(message).toBe(
      'operator default/a deletes Store default/a, which is in use, because of App default/a (1 event behind): with fresh reads the same reconcile does not delete it.',
    )
    expect(steps).toBeLessThanOrEqual(6)
  })

  test('a claim deleted because of a pod that is there again', async () => {
    const { finding } = await explored(staleChild)
    expect(finding(NAME).objects).toEqual(['PersistentVolumeClaim default/a-0'])
  })

  test('a disposable pod deleted because of its predecessor', async () => {
    expect(await oracles(earlierIncarnation)).toContain(NAME)
  })

  test('also write by write, where the deletion commits after the reads', async () => {
    expect(await oracles(staleSpec, { granularity: 'write' })).toContain(NAME)
  })

  test.each(['reconcile', 'write'] as const)('a replay, step by step, comes to the same: %s', async (granularity) => {
    expect(await replayed(staleSpec, NAME, { granularity })).toBe('reproduced')
  })

  test('what has lost its owner, where no collector is about to delete it', async () => {
    const definition = { ...ownerGone, garbageCollection: false, oracles: { 'no-leak': false } }
    expect(await oracles(definition, { granularity: 'reconcile' })).toContain(NAME)
  })

  test('not with all caches fresh', async () => {
    expect(await oracles(staleSpec, { faults: 0 })).not.toContain(NAME)
  })
})

describe('not flagged', () => {
  test.each([
    ['what a fresh view would delete as well', generationChecked],
    ['a decision that is read from the API server', readLive],
    ['a decision that is read from the API server after a write', readLiveAfterWrite],
    ['a deletion with the uid that was seen', preconditioned],
    ['a disposable object of the same incarnation', disposable],
    ['what has lost its owner', ownerGone],
  ])('%s', async (_, definition) => {
    for (const granularity of ['reconcile', 'write'] as const)
      expect(await oracles(definition, { granularity })).not.toContain(NAME)
  })

  test.each(['Store default/a', 'Store'])('what the scenario excludes: %s', async (excluded) => {
    const definition = { ...staleSpec, oracles: { [NAME]: { exclude: [excluded] } } }
    expect(await oracles(definition)).not.toContain(NAME)
  })
})
