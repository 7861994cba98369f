import { describe, expect, test } from 'vitest'
import { packBudget } from './budget.ts'
import { countPaths, type PathCount } from './path-count.ts'
import { search } from './search.ts'
import { type Edge, graphModel } from './test-support.ts'

/** Paths to each state, in the order in which the search numbers them (here: that of the rows). */
async function paths(rows: readonly (readonly Edge[])[], budget = 0): Promise<readonly (PathCount | undefined)[]> {
  const graph = await search(graphModel(rows), { budget, order: 'breadth-first' })
  const states = [...Array(graph.visited.size).keys()]
  const counted = countPaths(graph, new Set(states))
  return states.map((state) => counted?.get(state))
}

const fault = packBudget([1, 1])

describe('the number of paths', () => {
  test('in a diamond', async () => {
    expect(await paths([[{ to: 1 }, { to: 2 }], [{ to: 3 }], [{ to: 3 }], []])).toEqual([1n, 1n, 1n, 2n])
  })

  test('two actions that lead to the same state are two paths', async () => {
    expect(await paths([[{ to: 1 }, { to: 1 }], []])).toEqual([1n, 2n])
  })

  test('in a grid of 3 by 3 is a binomial coefficient', async () => {
    const rows = Array.from({ length: 9 }, (_, state) => [
      ...(state % 3 < 2 ? [{ to: state + 1 }] : []),
      ...(state < 6 ? [{ to: state + 3 }] : []),
    ])
    const counts = await paths(rows)
    expect([...counts].sort((a, b) => Number(a) - Number(b))).toEqual([1n, 1n, 1n, 1n, 1n, 2n, 3n, 3n, 6n])
  })

  test('is infinite on a cycle and after it, and finite before it', async () => {
    expect(await paths([[{ to: 1 }, { to: 2 }], [{ to: 1 }, { to: 3 }], [], []])).toEqual([
      1n,
      'infinite',
      1n,
      'infinite',
    ])
  })

  test('is infinite on a cycle of two', async () => {
    expect(await paths([[{ to: 1 }], [{ to: 2 }], [{ to: 1 }, { to: 3 }], []])).toEqual([
      1n,
      'infinite',
      'infinite',
      'infinite',
    ])
  })

  test('counts no path that the budget cannot pay', async () => {
    const rows = [[{ to: 1 }, { to: 1, cost: fault }], [{ to: 2 }, { to: 2, cost: fault }], []]
    expect(await paths(rows)).toEqual([1n, 1n, 1n])
    expect(await paths(rows, fault)).toEqual([1n, 2n, 3n])
    expect(await paths(rows, packBudget([2, 2]))).toEqual([1n, 2n, 4n])
  })

  test('a cycle through a fault ends with the budget', async () => {
    expect(await paths([[{ to: 1 }], [{ to: 0, cost: fault }]], fault)).toEqual([2n, 2n])
  })
})
