/** The graph that inspectors get is the one that was searched. */
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { loadScenario } from '#cli/load-scenario.ts'
import type { GivenOptions } from '#exploration/options.ts'
import { explore } from '#explore.ts'
import type { StateGraph } from '#trace/state-graph.ts'

async function explored(set: Readonly<Record<string, unknown>>, options: GivenOptions) {
  const scenario = await loadScenario(join(import.meta.dirname, '../../examples/independent/scenario.ts'), { set })
  let graph: StateGraph | undefined
  const report = await explore(scenario, {
    ...options,
    onGraph: (made) => {
      graph = made
    },
  })
  if (graph === undefined) throw new Error('there is no graph')
  return { report, graph }
}

/** Steps from the initial state to each state over the edges of the graph. */
function distances({ states, offsets, targets }: StateGraph): Int32Array {
  const found = new Int32Array(states).fill(-1)
  found[0] = 0
  const queue = [0]
  for (const state of queue) {
    for (const target of targets.subarray(offsets[state], offsets[state + 1])) {
      if (found[target] !== -1) continue
      found[target] = (found[state] as number) + 1
      queue.push(target)
    }
  }
  return found
}

it('has every state and every transition of a space that can be counted by hand', async () => {
  const { report, graph } = await explored({ n: 4, w: 1 }, { faults: 0, granularity: 'reconcile', reduction: 'none' })
  expect([graph.states, graph.targets.length, graph.rests.length]).toEqual([81, 216, 1])
  expect(graph.actions.toSorted()).toEqual(['c0', 'c1', 'c2', 'c3'].map((name) => `${name} default/${name} reconciles`))
  expect(distances(graph)).toEqual(graph.depths)
  const path = graph.paths[report.outcomes[0]?.id ?? ''] ?? []
  expect(path).toHaveLength((report.outcomes[0]?.first.steps.length ?? 0) + 1)
  expect([path[0], path.at(-1)]).toEqual([0, graph.rests[0]])
})

it('has each transition once, whatever the budgets it was met with, and names its faults', async () => {
  const { report, graph } = await explored({ n: 2, w: 2 }, { faults: 2, granularity: 'reconcile' })
  expect(graph.states).toBe(report.statistics.statesDistinct)
  const met = new Set<string>()
  for (let state = 0; state < graph.states; state++) {
    for (let edge = graph.offsets[state] as number; edge < (graph.offsets[state + 1] as number); edge++)
      met.add(`${state} ${graph.targets[edge]} ${graph.takenBy[edge]}`)
  }
  expect(met.size).toBe(graph.targets.length)
  expect(distances(graph)).not.toContain(-1)
  expect(graph.actions.filter((title) => title.includes('⚡')).toSorted()).toMatchInlineSnapshot(`
    [
      "c0 default/c0 reconciles ⚡api-error",
      "c0 default/c0 reconciles ⚡api-error ⚡relist",
      "c0 default/c0 reconciles ⚡crash",
      "c0 default/c0 reconciles ⚡relist",
      "c0 default/c0 reconciles ⚡stale",
      "c0 default/c0 reconciles ⚡stale ⚡api-error",
      "c1 default/c1 reconciles ⚡api-error",
      "c1 default/c1 reconciles ⚡api-error ⚡relist",
      "c1 default/c1 reconciles ⚡crash",
      "c1 default/c1 reconciles ⚡relist",
      "c1 default/c1 reconciles ⚡stale",
      "c1 default/c1 reconciles ⚡stale ⚡api-error",
      "process controllers starts anew ⚡crash",
    ]
  `)
})

it('says which process a fault befalls', async () => {
  const { graph } = await explored(
    { n: 1, w: 1 },
    { faults: 2, crash: 1, handover: 1, stale: 0, apiError: 0, relist: 0 },
  )
  expect(graph.actions.filter((title) => title.includes('⚡')).toSorted()).toMatchInlineSnapshot(`
    [
      "process controllers is replaced ⚡handover",
      "process controllers starts anew ⚡crash",
    ]
  `)
})
