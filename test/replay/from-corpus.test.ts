/**
 * `explore --from` on the corpus, against another way to the same: one plain search of the whole scenario, without
 * reductions, in whose graph the state after each step of a run is looked up, and what is at rest beyond it.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { budgetField } from '#checker/budget.ts'
import { at } from '#checker/growable.ts'
import { edgeCostOf } from '#checker/search.ts'
import { find } from '#checker/visited-set.ts'
import { loadScenario } from '#cli/load-scenario.ts'
import { enableNow, type Level, searchLevel, takeNow } from '#cluster/level.ts'
import type { Scenario } from '#cluster/scenario.ts'
import { rulesOf } from '#exploration/exploration.ts'
import { budgetOf, resolveExploreOptions } from '#exploration/options.ts'
import { clusterOf, createHost, type ScenarioHost } from '#exploration/scenario-cluster.ts'
import { indexOfName, plainModel } from '#findings/shortest-path.ts'
import { outcomesOf } from '#properties/outcomes.ts'
import { simulate } from '#simulate.ts'
import type { SimulatedTraceHeader } from '#trace/trace-event.ts'

const corpus = fileURLToPath(new URL('../../examples/corpus', import.meta.url))
const files = readdirSync(corpus, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .flatMap(({ name }) =>
    readdirSync(join(corpus, name))
      .filter((file) => /^(?:faulty|fixed|scenario)\.ts$/.test(file))
      .map((file) => `${name}/${file}`),
  )

const load = (file: string) => loadScenario(join(corpus, file), { set: {}, workingDirectory: corpus })

/** Of the plain search; what has more is done with fewer faults. */
const STATES_MAX = 4000

type Granularity = 'write' | 'reconcile'

async function actionsOf(file: string, granularity: Granularity, faults: number): Promise<readonly string[]> {
  let header: SimulatedTraceHeader | undefined
  const onTrace = (given: SimulatedTraceHeader) => {
    header = given
  }
  await simulate(await load(file), { runs: 1, seed: 5, faults, granularity, depthMax: 20, auditPercent: 0, onTrace })
  return header?.actions ?? []
}

/** All that can happen with so many faults; `after` these actions, with the reductions that `explore` has. */
async function levelOf(
  { scenario, host, granularity }: Place,
  faults: number,
  { after }: { readonly after?: readonly string[] } = {},
): Promise<Level> {
  const options = resolveExploreOptions({ faults })
  const rules = rulesOf(options, 'lagging', granularity)
  const whole = after === undefined
  return searchLevel(
    clusterOf(whole ? scenario : { ...scenario, after }, host),
    whole ? { ...rules, absorbNoOps: false } : rules,
    {
      budget: budgetOf(options, faults, 'lagging'),
      order: 'breadth-first',
      ...(whole ? { statesMax: STATES_MAX } : {}),
    },
  )
}

interface Place {
  readonly scenario: Scenario
  readonly host: ScenarioHost
  readonly granularity: Granularity
}

/** The states after each step of a path. */
async function statesOn(level: Level, actions: readonly string[]): Promise<readonly number[]> {
  const model = plainModel(level)
  let state: Int32Array = await model.initial()
  const numbers: number[] = [find(level.graph.visited, model.next.high, model.next.low)]
  for (const name of actions) {
    await enableNow(model, state, state.length, at(level.graph.entryBudget, 0))
    const index = indexOfName(model, name)
    if (index === undefined) throw new Error(`${name} cannot be taken`)
    state = await takeNow(model, state, at(level.graph.entryBudget, 0), index)
    numbers.push(find(level.graph.visited, model.next.high, model.next.low))
  }
  return numbers
}

/** What is at rest beyond a state, with at most so many more faults. */
function outcomesBeyond(level: Level, from: number, faults: number): readonly string[] {
  const { graph } = level
  const beyond = new Map<number, Map<number, number>>()
  for (let expansion = 0; expansion < graph.expansionEntry.length; expansion++) {
    const state = at(graph.entryState, at(graph.expansionEntry, expansion))
    const targets = beyond.get(state) ?? new Map<number, number>()
    beyond.set(state, targets)
    for (let edge = at(graph.expansionEdge, expansion); edge < at(graph.expansionEdge, expansion + 1); edge++) {
      const target = at(graph.edgeTarget, edge)
      const cost = budgetField(edgeCostOf(graph, edge), 0)
      targets.set(target, Math.min(cost, targets.get(target) ?? cost))
    }
  }
  const spent = new Map([[from, 0]])
  for (let changed = true; changed; ) {
    changed = false
    for (const [state, before] of spent)
      for (const [target, cost] of beyond.get(state) ?? []) {
        const now = before + cost
        if (now > faults || now >= (spent.get(target) ?? Number.POSITIVE_INFINITY)) continue
        spent.set(target, now)
        changed = true
      }
  }
  return outcomesOf(level)
    .filter(({ rests }) => rests.some(({ state }) => spent.has(state)))
    .map(({ history, text }) => `${history}\n${text}`)
    .sort()
}

const outcomeTexts = (level: Level) =>
  outcomesOf(level)
    .map(({ history, text }) => `${history}\n${text}`)
    .sort()

/** Of how many faults there are, who has them: the run, or the search that begins in it. */
const CASES = [
  { granularity: 'write', most: 1, by: 'run' },
  { granularity: 'reconcile', most: 1, by: 'search' },
] as const

let several = 0

describe('explore --from, of each scenario of the corpus', () => {
  it.each(files)(
    'reaches what the whole search reaches from there: %s',
    async (file) => {
      const scenario = await load(file)
      const host = await createHost(scenario)
      for (const { granularity, most, by } of CASES) {
        const place = { scenario, host, granularity }
        let faults: number = most
        let whole = await levelOf(place, faults)
        while (whole.graph.cuts.size > 0 && faults > 0) whole = await levelOf(place, --faults)
        expect(whole.graph.cuts, `${granularity}, without faults`).toEqual(new Set())
        const actions = await actionsOf(file, granularity, by === 'run' ? faults : 0)
        const states = await statesOn(whole, actions)
        const { length } = actions
        for (const step of new Set([1, Math.floor(length / 3), Math.floor((2 * length) / 3), length])) {
          const left = by === 'run' ? 0 : faults
          const from = outcomeTexts(await levelOf(place, left, { after: actions.slice(0, step) }))
          const expected = outcomesBeyond(whole, states[step] as number, left)
          expect(from, `${granularity}, ${faults} faults by the ${by}, step ${step} of ${length}`).toEqual(expected)
          if (expected.length > 1) several++
        }
      }
      await host.close()
    },
    120_000,
  )

  it('is compared where there is more than one outcome, too', () => expect(several).toBeGreaterThan(5))
})
