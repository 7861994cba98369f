/** The searches behind minimising: a scenario without some of its parts, with limits of its own, in no statistics. */
import { ScenarioError } from '#cluster/scenario-error.ts'
import type { VariantSearch } from '#findings/drop.ts'
import { withoutParts } from '#findings/without.ts'
import { type Exploration, runLevel } from './exploration.ts'
import { clusterOf, type ScenarioHost } from './scenario-cluster.ts'
import { searchingOptions, searchLimits, withoutWalks } from './search-limits.ts'

/** All searches of one exploration together may visit so many times the states of its largest level, or so many states. */
const STATES_FACTOR = 8
const STATES_MIN = 100_000

export function variantSearch(exploration: Exploration, host: ScenarioHost): VariantSearch {
  const options = searchingOptions({ ...exploration.options, stopAtFirst: false, onState: undefined, auditPercent: 0 })
  const largest = Math.max(0, ...exploration.levels.map(({ level }) => level.graph.visited.size))
  let statesLeft = Math.max(STATES_MIN, STATES_FACTOR * largest)
  const known = new Map<string, ReturnType<VariantSearch['level']>>()
  const clusters = new Map<string, ReturnType<typeof clusterOf>>()

  const search: VariantSearch['level'] = async (without, { rules }, faults) => {
    if (statesLeft <= 0 || options.signal?.aborted === true) return 'spent'
    const scenario = withoutParts(exploration.scenario, without)
    const parts = JSON.stringify(without)
    try {
      const cluster = clusters.get(parts) ?? clusterOf(scenario, host)
      clusters.set(parts, cluster)
      const given = { ...options, statesMax: Math.min(statesLeft, options.statesMax ?? statesLeft) }
      const limits = searchLimits(
        given,
        `minimise ${rules.granularity} faults ${faults}`,
        () => exploration.cases.length,
      )
      const searched = await runLevel(
        { ...exploration, scenario, options, cluster },
        rules,
        faults,
        withoutWalks(limits),
      )
      statesLeft -= searched.level.graph.visited.size
      return searched
    } catch (error) {
      // The API server refuses what the user does then, or a property cannot do without what is gone.
      if (error instanceof ScenarioError) return 'impossible'
      throw error
    }
  }
  return {
    level(without, like, faults) {
      const { profile, granularity } = like.rules
      const name = JSON.stringify([without, profile, granularity, faults])
      const done = known.get(name) ?? search(without, like, faults)
      known.set(name, done)
      return done
    },
  }
}
