import { describe, expect, test } from 'vitest'
import { historyOf, historyText, remember } from './environment-history.ts'
import { HISTORY, SCRIPT } from './tables.ts'
import { app, clusterOf, fingerprintOf, initialState } from './test-support.ts'
import { createWorld, loadState, type World } from './world.ts'

function worldAt(scriptPosition: number): World {
  const cluster = clusterOf([app('a')])
  const world = createWorld(cluster, {
    granularity: 'reconcile',
    profile: 'lagging',
    queue: 'fifo',
    lagMax: 8,
    timeMaxMs: 1000,
    absorbNoOps: false,
  })
  const state = initialState(cluster)
  state[SCRIPT] = scriptPosition
  loadState(world, state, state.length)
  return world
}

/** The history after the entries, as a world that is loaded with the successor tells it. */
function textAfter(world: World, entries: readonly (string | number)[]): string {
  world.next.set(world.state)
  for (const entry of entries) {
    if (typeof entry === 'number') world.next[SCRIPT] = entry
    else remember(world, entry)
  }
  loadState(world, world.next.slice(), world.next.length)
  return historyText(world)
}

describe('the environment history', () => {
  test('is the user alone where nothing else happened', () => {
    const world = worldAt(2)
    expect(historyOf(world, world.state)).toEqual([])
    expect(textAfter(world, [])).toBe('user 2')
  })

  test('keeps events in their order, and between which user actions they happened', () => {
    expect(textAfter(worldAt(0), ['a', 'b'])).not.toBe(textAfter(worldAt(0), ['b', 'a']))
    expect(textAfter(worldAt(0), ['a', 1])).not.toBe(textAfter(worldAt(0), [1, 'a']))
    expect(textAfter(worldAt(0), ['a', 1, 'b'])).toBe(textAfter(worldAt(0), ['a', 1, 'b']))
  })

  test('counts in the identity of a state', () => {
    const world = worldAt(0)
    const { cluster } = world
    const prints = [[], ['a'], ['b'], ['a', 'b'], ['b', 'a'], ['a']].map((entries) => {
      world.next.set(world.state)
      for (const entry of entries) remember(world, entry)
      return [fingerprintOf(cluster, world.next.slice(0, HISTORY + 1)), entries.join()]
    })
    expect(new Set(prints.map(([print]) => print)).size).toBe(5)
    expect(prints[1]).toEqual(prints[5])
  })
})
