import { describe, expect, test } from 'vitest'
import { at } from './growable.ts'
import { type FairCycle, fairCycles } from './liveness.ts'
import { UNFAIR, WROTE } from './model.ts'
import { search } from './search.ts'
import { type Edge, graphModel } from './test-support.ts'

/** Fair cycles with a writing edge; the classes enabled in a state are those of its edges that are not unfair. */
async function writingCycles(rows: readonly (readonly Edge[])[]): Promise<readonly FairCycle[]> {
  const graph = await search(graphModel(rows), { budget: 0, order: 'breadth-first' })
  const rowOf = new Map<number, number>()
  for (let state = 0; state < graph.visited.size; state++) {
    // The model's fingerprint of a state is its row.
    const place = graph.visited.number.indexOf(state + 1)
    rowOf.set(state, at({ values: graph.visited.low, length: 0 }, place))
  }
  const cycles = await fairCycles(graph, {
    keep: (flags) => (flags & UNFAIR) === 0,
    marked: (flags) => (flags & WROTE) !== 0,
    enabledClasses: async (state) => {
      const edges = rows[rowOf.get(state) as number] ?? []
      return new Set(edges.filter(({ flags = 0 }) => (flags & UNFAIR) === 0).map(({ fairClass = 1 }) => fairClass))
    },
  })
  return cycles.map(({ state, walk }) => ({
    state: rowOf.get(state) as number,
    walk: walk.map(({ target, label }) => ({ target: rowOf.get(target) as number, label })),
  }))
}

const wrote = (to: number, fairClass = 1): Edge => ({ to, fairClass, flags: WROTE })
const quietly = (to: number, fairClass = 1): Edge => ({ to, fairClass })

describe('fair cycles', () => {
  test('a cycle that writes is found, as a closed walk from its nearest state', async () => {
    const [cycle, ...others] = await writingCycles([[quietly(1)], [wrote(2)], [quietly(1)]])
    expect(others).toEqual([])
    expect(cycle?.state).toBe(1)
    expect(cycle?.walk.map(({ target }) => target)).toEqual([2, 1])
  })

  test('a state with an edge to itself is a cycle', async () => {
    const [cycle] = await writingCycles([[wrote(0)]])
    expect(cycle?.walk.map(({ target }) => target)).toEqual([0])
  })

  test('a cycle that does not write is none', async () => {
    expect(await writingCycles([[wrote(1)], [quietly(2)], [quietly(1)]])).toEqual([])
  })

  test('a cycle on which a class is always enabled and never taken is not fair', async () => {
    expect(await writingCycles([[wrote(1), quietly(2, 2)], [wrote(0), quietly(2, 2)], []])).toEqual([])
  })

  test('a cycle on which a class is enabled only now and then is fair without it', async () => {
    const cycles = await writingCycles([[wrote(1), quietly(2, 2)], [wrote(0)], []])
    expect(cycles.map(({ state }) => state)).toEqual([0])
  })

  test('a cycle through a fault or a user action is none', async () => {
    expect(await writingCycles([[wrote(1)], [{ to: 0, flags: UNFAIR }]])).toEqual([])
  })

  test('the walk takes every class that is enabled all along it', async () => {
    // Both classes are enabled in all states; the shortest writing cycle takes only the first.
    const [cycle] = await writingCycles([
      [wrote(1), quietly(2, 2)],
      [quietly(0), quietly(2, 2)],
      [quietly(0), quietly(1, 2)],
    ])
    const classes = new Set(cycle?.walk.map(({ label }) => label >>> 4))
    expect([...classes].sort()).toEqual([1, 2])
    expect(cycle?.walk.at(-1)?.target).toBe(cycle?.state)
  })

  test('the walk visits a state in which a class that it never takes is not enabled', async () => {
    // Class 2 leads out of the cycle and is not enabled in state 3, which the shortest writing cycle does not meet.
    const [cycle] = await writingCycles([
      [wrote(1), quietly(4, 2)],
      [quietly(0), quietly(2), quietly(4, 2)],
      [quietly(3), quietly(4, 2)],
      [quietly(0)],
      [],
    ])
    expect(cycle?.walk.map(({ target }) => target)).toContain(3)
    expect(cycle?.walk.at(-1)?.target).toBe(cycle?.state)
  })

  test('every walk is one of real edges', async () => {
    const rows = [
      [wrote(1), quietly(2, 2)],
      [quietly(3), quietly(2, 2)],
      [quietly(0), wrote(3, 2)],
      [quietly(0), quietly(1, 2), quietly(4, 3)],
      [wrote(4)],
    ]
    const cycles = await writingCycles(rows)
    expect(cycles.length).toBeGreaterThan(0)
    for (const { state, walk } of cycles) {
      let from = state
      for (const { target, label } of walk) {
        const isReal = rows[from]?.some(
          ({ to, flags = 0, fairClass = 1 }) => to === target && (flags | (fairClass << 4)) === label,
        )
        expect(isReal).toBe(true)
        from = target
      }
      expect(from).toBe(state)
    }
  })
})
