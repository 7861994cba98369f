/** What is left of what is gone. */
import { describe, expect, test } from 'vitest'
import type { ScenarioDefinition } from '#cluster/scenario.ts'
import { explored, LATE_FOR_OWN, replayed } from './explored.ts'
import {
  adoptedAndHeld,
  claims,
  cleanedUp,
  droppedTooEarly,
  forgotten,
  marked,
  orphaned,
  owned,
  ownedAndHeld,
  rentedOnce,
  rentedTwice,
  shared,
  unmarked,
} from './leaks.ts'

const NAME = 'no-leak'

const oracles = async (definition: ScenarioDefinition, options = {}): Promise<readonly string[]> =>
  (await explored(definition, options)).report.findings.map(({ oracle }) => oracle)

describe('flagged', () => {
  test('a part that nobody removes', async () => {
    const { finding } = await explored(forgotten, { faults: 0 })
    const { message, objects, steps } = finding(NAME)
    expect(objects).toEqual(['Part default/a'])
    expect(message).toBe(
      'the cluster is at rest, and Part default/a is left: operator made it for App default/a, which is gone, and nobody will remove it.',
    )
    expect(steps).toBeLessThanOrEqual(4)
  })

  test('a part that was not in the cached list when the finalizer was dropped', async () => {
    expect(await oracles(droppedTooEarly, { faults: 0 })).not.toContain(NAME)
    const { finding } = await explored(droppedTooEarly)
    const { profiles, faults, steps } = finding(NAME)
    expect({ profiles, faults }).toEqual({ profiles: LATE_FOR_OWN, faults: 1 })
    expect(steps).toBeLessThanOrEqual(8)
  })

  test('a finalizer on the object of another', async () => {
    expect((await explored(marked, { faults: 0 })).finding(NAME).objects).toEqual(['Part default/shared'])
  })

  test('an object with an owner that is gone, which the collector could not remove', async () => {
    const { message } = (await explored(adoptedAndHeld, { faults: 0 })).finding(NAME)
    expect(message).toContain('left with an owner that is gone, App a')
  })

  test('a finalizer that holds what the collector deletes, told once', async () => {
    const { report } = await explored(ownedAndHeld, { faults: 0 })
    const found = report.findings.filter(({ oracle }) => oracle === NAME)
    expect(found.map(({ objects }) => objects)).toEqual([['Part default/a']])
    expect(found[0]?.message).toContain('has the finalizer test.kamera.dev/cleanup')
  })

  test('a machine whose id was lost in a crash', async () => {
    const { finding } = await explored(rentedTwice)
    expect(finding(NAME)).toMatchObject({ objects: ['External cloud'], faults: 1 })
    expect(finding(NAME).steps).toBeLessThanOrEqual(6)
  })

  test.each([
    ['an object', forgotten],
    ['a finalizer', marked],
    ['a machine', rentedTwice],
  ])('a replay, step by step, comes to the same: %s', async (_, definition) => {
    expect(await replayed(definition, NAME)).toBe('reproduced')
  })
})

describe('not flagged', () => {
  test.each([
    ['what the collector removes', owned],
    ['what a finalizer sees removed', cleanedUp],
    ['what another root would make again', shared],
    ['a finalizer that is taken away', unmarked],
    ['a machine with a token', rentedOnce],
    ['the claims of a StatefulSet', claims],
    ['what the user orphans', orphaned],
  ])('%s', async (_, definition) => {
    for (const granularity of ['reconcile', 'write'] as const)
      expect(await oracles(definition, { granularity })).not.toContain(NAME)
  })

  test.each(['Part default/a', 'Part'])('what the scenario excludes: %s', async (excluded) => {
    expect(await oracles({ ...forgotten, oracles: { [NAME]: { exclude: [excluded] } } })).not.toContain(NAME)
  })
})
