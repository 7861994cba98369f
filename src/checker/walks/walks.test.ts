import { describe, expect, test } from 'vitest'
import { packBudget } from '../budget.ts'
import { at } from '../growable.ts'
import { pathTo, search } from '../search.ts'
import { graphModel } from '../test-support.ts'
import { walkBeyond } from './beyond-limit.ts'
import { novelty } from './novelty.ts'
import { pct } from './pct.ts'
import { rootOf, runOfEntry, seededRun, seededRuns } from './seeded-runs.ts'
import { freshWalker, threads, walkerAfter } from './test-support.ts'
import { uniform } from './uniform.ts'
import { finishWalks } from './walker.ts'

const plain = { costlyMax: 0, strategy: uniform }
const scale = { stepsExpected: 16, stepsMax: 100 }

describe('seeded runs', () => {
  test.each([
    ['uniform', uniform],
    ['pct', pct(3)],
  ] as const)('of one seed are the same, whatever runs came before: %s', async (_, strategy) => {
    const rows = threads(3, 4)
    const walker = await freshWalker(rows)
    const root = await rootOf(walker)
    const options = { costlyMax: 0, strategy }
    const first = []
    for (let seed = 0; seed < 20; seed++)
      first.push((await seededRun(walker, root, options, { ...scale, seed })).actions)
    const other = await freshWalker(rows)
    for (let seed = 19; seed >= 0; seed--)
      expect((await seededRun(other, await rootOf(other), options, { ...scale, seed })).actions).toEqual(first[seed])
    expect(new Set(first.map(String)).size).toBeGreaterThan(3)
  })

  test('find every state of a small graph, once, with the transitions that a search counts', async () => {
    const rows = threads(2, 3)
    const walker = await freshWalker(rows)
    const seen: number[] = []
    const visiting = { ...walker, options: { ...walker.options, visit: (state: number) => seen.push(state) < 0 } }
    const runs = await seededRuns(visiting, await rootOf(walker), { ...plain, seed: 1, runsMax: 300 })
    finishWalks(walker)
    expect([walker.graph.visited.size, seen.length, new Set(seen).size]).toEqual([16, 16, 16])
    const whole = await search(graphModel(rows), { budget: 0, order: 'breadth-first' })
    expect(walker.graph.transitions).toBe(whole.transitions)
    expect(runs).toMatchObject({ runs: 300, steps: 300 * 6, ended: { end: 300 } })
  })

  test('leave a path to every entry that leads to its state within its budget', async () => {
    const stale = packBudget([1, 1])
    const rows = threads(2, 3).map((row, state) => [...row, { to: (state + 5) % 16, cost: stale }])
    const walker = await freshWalker(rows, { budget: packBudget([2, 2]) })
    const runs = await seededRuns(walker, await rootOf(walker), { ...plain, costlyMax: 2, seed: 7, runsMax: 100 })
    const { graph, model } = walker
    for (let entry = 0; entry < graph.entryState.length; entry++) {
      let state = Int32Array.of(0)
      for (const { action, budget } of pathTo(graph, entry)) {
        model.enable(state, 1, budget)
        model.take(action)
        state = model.next.state.slice(0, 1)
      }
      expect(state[0]).toBe(lowOf(graph, at(graph.entryState, entry)))
    }
    const last = graph.entryState.length - 1
    expect(runOfEntry(runs, 0)).toBeUndefined()
    expect(runOfEntry(runs, runs.entriesBefore)).toBe(
      runs.entriesAfter.findIndex((after) => after > runs.entriesBefore),
    )
    expect(at(graph.entryDepth, last)).toBe(pathTo(graph, last).length)
    expect(runOfEntry(runs, graph.entryState.length)).toBeUndefined()
  })

  test('take a fault in about half the runs with a budget of one, at any step', async () => {
    const crash = packBudget([1, 0, 1])
    const rows = threads(1, 20).map((row, state) => (state < 20 ? [...row, { to: state, cost: crash }] : row))
    const walker = await freshWalker(rows, { budget: crash })
    const root = await rootOf(walker)
    const steps: number[] = []
    for (let seed = 0; seed < 400; seed++) {
      const { actions } = await seededRun(
        walker,
        root,
        { ...plain, costlyMax: 1 },
        { seed, stepsExpected: 20, stepsMax: 99 },
      )
      const fault = actions.indexOf(1)
      if (fault >= 0) steps.push(fault)
    }
    expect(steps.length).toBeGreaterThan(160)
    expect(steps.length).toBeLessThan(240)
    expect(steps.filter((step) => step < 10).length / steps.length).toBeCloseTo(0.5, 1)
  })
})

describe('PCT', () => {
  /** All of one thread between two steps of the other: two ordering constraints. */
  const length = 8
  const isHit = (actions: readonly number[], agents: readonly number[]): boolean => {
    const order = actions.map((_, index) => agents[index])
    return order.join('').startsWith('0000'.concat('1'.repeat(length)))
  }

  async function hits(strategy: typeof uniform, runs: number): Promise<number> {
    const rows = threads(2, length)
    const walker = await freshWalker(rows)
    const root = await rootOf(walker)
    let count = 0
    for (let seed = 0; seed < runs; seed++) {
      const run = await seededRun(walker, root, { costlyMax: 0, strategy }, { seed, stepsExpected: 16, stepsMax: 16 })
      const agents = run.actions.map(
        (action, step) => rows[lowOf(walker.graph, run.states[step] as number)]?.[action]?.agent ?? -1,
      )
      if (isHit(run.actions, agents)) count++
    }
    return count
  }

  test('finds a bug of depth 2 at least as often as its bound says, which a uniform walk does not', async () => {
    const runs = 4000
    const bound = 1 / (2 * 16)
    expect(await hits(pct(2), runs)).toBeGreaterThan(0.85 * bound * runs)
    expect(await hits(uniform, runs)).toBeLessThan(0.1 * bound * runs)
  })

  test('goes on uniformly after twice the expected steps, so that nobody is shut out for ever', async () => {
    // Agent 0 spins in state 0; only agent 1 leads out.
    const walker = await freshWalker([
      [
        { to: 0, agent: 0 },
        { to: 1, agent: 1 },
      ],
      [],
    ])
    const root = await rootOf(walker)
    for (let seed = 0; seed < 50; seed++) {
      const run = await seededRun(
        walker,
        root,
        { costlyMax: 0, strategy: pct(1) },
        { seed, stepsExpected: 5, stepsMax: 100 },
      )
      expect(run.ended).toBe('end')
    }
  })
})

describe('walks beyond the limit of a search', () => {
  test.each(['breadth-first', 'depth-first'] as const)(
    'estimate what was explored, %s: rising with the truth and within 25 points of it',
    async (order) => {
      for (const [agents, length] of [
        [4, 5],
        [6, 3],
        [3, 12],
      ] as const) {
        const rows = threads(agents, length)
        let before = 0
        for (const truth of [0.25, 0.5, 0.75, 0.9]) {
          const walker = await walkerAfter(rows, { order, statesMax: Math.round(rows.length * truth) })
          const { explored } = await walkBeyond(walker, { seed: 1, costlyMax: 0, stepsMax: 4000 })
          expect(Math.abs(explored - truth)).toBeLessThan(0.25)
          expect(explored).toBeGreaterThan(before)
          before = explored
        }
      }
    },
  )

  test('never say that everything was explored', async () => {
    const rows = [...threads(2, 3).slice(0, 14), [], []]
    const walker = await walkerAfter(rows, { statesMax: 15 })
    const record = await walkBeyond(walker, { seed: 1, costlyMax: 0, stepsMax: 500 })
    expect(record.explored).toBeLessThanOrEqual(0.99)
    expect(record.newStateRate).toBe(0)
  })

  test('reach depths where the search was not, and give what they find a path', async () => {
    // Twenty lines of 300 states each: a breadth-first search has seen a little of all.
    const full = Array.from({ length: 1 + 20 * 300 }, (_, state) => {
      if (state === 0) return Array.from({ length: 20 }, (__, line) => ({ to: 1 + line * 300 }))
      return state % 300 === 0 ? [] : [{ to: state + 1 }]
    })
    const walker = await walkerAfter(full, { statesMax: 100 })
    const deepest = walker.graph.depthMax
    const record = await walkBeyond(walker, { seed: 1, costlyMax: 0, stepsMax: 3000 })
    expect(walker.graph.depthMax).toBeGreaterThan(deepest + 100)
    expect(walker.graph.visited.size).toBe(100 + record.statesNew)
    expect(walker.graph.transitions).toBeGreaterThanOrEqual(walker.graph.visited.size - 1)
  })

  test('novelty takes the way that nobody has gone', async () => {
    const walker = await freshWalker(threads(2, 3))
    const root = await rootOf(walker)
    const runs = { seed: 1, runsMax: 4, costlyMax: 0 }
    await seededRuns(walker, root, { ...runs, strategy: novelty })
    expect(walker.graph.visited.size).toBe(16)
  })
})

/** The state's own number: its fingerprint. */
function lowOf(
  graph: { readonly visited: { readonly low: Int32Array; readonly number: Int32Array } },
  state: number,
): number {
  return graph.visited.low[graph.visited.number.indexOf(state + 1)] as number
}
