/** The searches behind profile labels: levels of other profiles, with limits of their own, in no statistics. */
import { createClusterModel } from '#cluster/cluster-model.ts'
import { interferes } from '#cluster/footprints.ts'
import { type ProfileName, type Rules, UNREDUCED } from '#cluster/world.ts'
import type { ProfileSearch } from '#findings/profile-labels.ts'
import { type Exploration, rulesOf, runLevel } from './exploration.ts'
import { budgetOf, instancesOf } from './options.ts'
import { searchingOptions, searchLimits } from './search-limits.ts'

/**
 * A search for a label ends after four times the states of the largest level that was searched anyway, but not before
 * so many: a profile may have more states than the default one, but should not cost more than the search itself.
 */
const STATES_MIN = 20_000
const STATES_FACTOR = 4

export function profileSearch(exploration: Exploration): ProfileSearch {
  const { cluster, levels } = exploration
  const options = searchingOptions({ ...exploration.options, stopAtFirst: false, onState: undefined })
  const beside = { ...exploration, options }
  const largest = Math.max(0, ...levels.map(({ level }) => level.graph.visited.size))
  const statesMax = Math.max(STATES_MIN, STATES_FACTOR * largest)
  return {
    model: (profile, { cluster: of, rules, monitor }) =>
      createClusterModel(
        of,
        { ...rules, profile: profile as ProfileName, ...UNREDUCED },
        monitor === undefined ? {} : { monitor },
      ),
    budget: (profile, faults) => budgetOf(options, faults, profile as ProfileName),
    async *levels(name, faults) {
      const profile = name as ProfileName
      const granularities: Rules['granularity'][] = options.granularity === 'write' ? ['write'] : ['reconcile']
      for (const granularity of granularities) {
        const given = { ...options, statesMax: Math.min(statesMax, options.statesMax ?? statesMax) }
        const limits = searchLimits(
          given,
          `label ${profile} ${granularity} faults ${faults}`,
          () => exploration.cases.length,
        )
        yield await runLevel(beside, rulesOf(options, profile, granularity), faults, limits)
        if (options.signal?.aborted === true) return
        if (
          granularity === 'reconcile' &&
          options.granularity === 'auto' &&
          interferes(cluster, { instances: instancesOf(options) })
        )
          granularities.push('write')
      }
    },
  }
}
