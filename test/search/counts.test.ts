/** Spaces that can be counted by hand: n controllers of one object each, w writes and then nothing. */
import { describe, expect, test } from 'vitest'
import { countPaths } from '#checker/path-count.ts'
import { independent } from '../reference/fixed-systems.ts'
import { type RealOptions, realSearch } from './real-search.ts'

async function counts(n: number, w: number, options: RealOptions = {}) {
  const { states, transitions, storesDistinct, outcomes, level } = await realSearch(independent(n, w), options)
  const { executed } = level.cluster.counters
  return { states, transitions, stores: storesDistinct, outcomes: outcomes.size, executed }
}

describe('independent controllers', () => {
  test.each([
    { n: 4, w: 1, states: 81, transitions: 216, stores: 16, executed: 8 },
    { n: 6, w: 1, states: 729, transitions: 2916, stores: 64, executed: 12 },
    { n: 3, w: 3, states: 125, transitions: 300, stores: 64, executed: 12 },
  ])(
    '$n with $w writes: $states states, $transitions transitions, $executed runs of code',
    async ({ n, w, ...expected }) => {
      expect(await counts(n, w)).toEqual({ ...expected, outcomes: 1 })
    },
  )

  test('write by write: a chain of 2w+2 states each', async () => {
    expect(await counts(3, 1, { granularity: 'write' })).toMatchObject({ states: 64, transitions: 144, stores: 8 })
  })

  test('without a fault there is no fault more', async () => {
    expect(await counts(2, 2, { faults: 1 })).toMatchObject({ states: 32, transitions: 100, stores: 9 })
  })

  test('with no-ops absorbed the last, empty reconcile of each controller costs nothing', async () => {
    expect(await counts(6, 1, { absorbNoOps: true })).toMatchObject({
      states: 256,
      transitions: 384,
      stores: 64,
      outcomes: 1,
    })
  })

  test('paths to the outcome are interleavings', async () => {
    // Each controller takes two steps, the write and the empty reconcile: (4 choose 2) orders for two, 6!/(2!)^3 for three.
    for (const [n, paths] of [
      [1, 1n],
      [2, 6n],
      [3, 90n],
    ] as const) {
      const { level } = await realSearch(independent(n, 1))
      const rest = level.rests[0]?.state as number
      expect(countPaths(level.graph, new Set([rest]))?.get(rest)).toBe(paths)
    }
  })
})
