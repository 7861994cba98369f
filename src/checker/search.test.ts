import { describe, expect, test } from 'vitest'
import { packBudget } from './budget.ts'
import { at } from './growable.ts'
import { NEEDS_CODE } from './model.ts'
import { pathTo, type SearchOptions, search, statesDistinct } from './search.ts'
import { type Edge, graphModel } from './test-support.ts'

const stale = packBudget([1, 1])
const crash = packBudget([1, 0, 1])

function run(rows: readonly (readonly Edge[])[], options: Partial<SearchOptions> = {}) {
  return search(graphModel(rows), { budget: 0, order: 'breadth-first', ...options })
}

/** A binary tree of 15 states. */
const tree = Array.from({ length: 7 }, (_, state) => [{ to: 2 * state + 1 }, { to: 2 * state + 2 }])

describe('the search', () => {
  test.each(['breadth-first', 'depth-first'] as const)(
    'finds every state and counts every transition, %s',
    async (order) => {
      const graph = await run([[{ to: 1 }, { to: 2 }], [{ to: 3 }], [{ to: 3 }, { to: 0 }], []], { order })
      expect([statesDistinct(graph), graph.transitions, [...graph.cuts]]).toEqual([4, 5, []])
    },
  )

  test('gives shortest paths when it goes breadth-first', async () => {
    const graph = await run([[{ to: 1 }, { to: 3 }], [{ to: 2 }], [{ to: 3 }], []])
    const target = [...Array(statesDistinct(graph)).keys()].map((state) => at(graph.stateEntry, state))
    expect(target.map((entry) => pathTo(graph, entry).map(({ action }) => action))).toEqual([[], [0], [1], [0, 0]])
  })

  test('expands a state again for a budget that was not there before, and counts each transition once', async () => {
    // A fault leads to state 2 at once; without it the way is longer and can pay the fault of state 2.
    const rows = [[{ to: 2, cost: stale }, { to: 1 }], [{ to: 2 }], [{ to: 3, cost: stale }, { to: 4 }], [], []]
    const graph = await run(rows, { budget: packBudget([1, 1, 1]) })
    expect([statesDistinct(graph), graph.transitions]).toEqual([5, 5])
    expect(graph.expansionEntry.length).toBe(7)
  })

  test('does not take what the budget cannot pay', async () => {
    const rows = [
      [
        { to: 1, cost: stale },
        { to: 2, cost: crash },
      ],
      [{ to: 3, cost: stale }],
      [],
      [],
    ]
    const graph = await run(rows, { budget: packBudget([2, 1, 1]) })
    expect([statesDistinct(graph), graph.transitions]).toEqual([3, 2])
  })

  /** Its second action needs code, and so does listing the actions after that; then there are as many as `rows` says. */
  function needing(rows: (readonly Edge[])[], learn: () => void) {
    const model = graphModel(rows)
    const needs = ['take', 'enable']
    return {
      ...model,
      enable(...given: Parameters<typeof model.enable>) {
        if (needs[0] !== 'enable') return model.enable(...given)
        model.enable(Int32Array.of(rows.length), 1, 0)
        return NEEDS_CODE
      },
      take: (action: number) => (action === 1 && needs[0] === 'take' ? false : model.take(action)),
      async resolve() {
        needs.shift()
        learn()
      },
    }
  }

  test('lists the actions to the end when code had to run for one of them', async () => {
    const rows = [[{ to: 1 }, { to: 2 }, { to: 3 }], [], [], []]
    const graph = await search(
      needing(rows, () => {}),
      { budget: 0, order: 'breadth-first' },
    )
    expect([statesDistinct(graph), graph.transitions, [...graph.cuts]]).toEqual([4, 3, []])
  })

  test('is cut where code that ran for an action changed what there is to do', async () => {
    const rows: Edge[][] = [[{ to: 1 }, { to: 2 }], [], [], []]
    const model = needing(rows, () => rows[0]?.push({ to: 3 }))
    const graph = await search(model, { budget: 0, order: 'breadth-first' })
    expect([...graph.cuts]).toEqual(['actions that changed'])
  })

  test('says when a bound of the model or of the search cut it', async () => {
    expect([...(await run([[{ to: 1, cut: true }]])).cuts]).toEqual(['lag-max'])
    const shallow = await run(tree, { depthMax: 2 })
    expect([statesDistinct(shallow), ...shallow.cuts]).toEqual([7, 'depth-max 2'])
    expect((await run(tree, { depthMax: 3 })).cuts.size).toBe(0)
    expect([...(await run(tree, { statesMax: 5 })).cuts]).toEqual(['states-max 5'])
    expect((await run(tree, { statesMax: 16 })).cuts.size).toBe(0)
  })

  test('visits each state once, when it is first expanded', async () => {
    const visited: number[] = []
    await run([[{ to: 1 }, { to: 1, cost: stale }], [{ to: 0 }]], {
      budget: stale,
      visit: (state) => void visited.push(state) as never,
    })
    expect(visited).toEqual([0, 1])
  })

  test('stops when the visitor says so', async () => {
    const graph = await run(tree, { visit: (state) => state === 2 })
    expect(graph.expansionEntry.length).toBe(2)
  })
})
