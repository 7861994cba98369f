/**
 * `--verify-reductions`: the level again without reductions; outcomes and verdicts must be the same, and the stores where
 * private writes, which leave out what lies between them, are not taken first.
 */
import { assert } from '#cluster/assert.ts'
import type { Level } from '#cluster/level.ts'
import { UNREDUCED } from '#cluster/world.ts'
import type { Violation } from '#properties/violation.ts'
import { type Exploration, runLevel } from './exploration.ts'
import { searchLimits } from './search-limits.ts'

export async function compareWithUnreduced(
  exploration: Exploration,
  reduced: Level,
  violations: readonly Violation[],
  faults: number,
): Promise<void> {
  const { absorbNoOps, privateWrites = false } = reduced.rules
  if (!(absorbNoOps || privateWrites) || reduced.graph.cuts.size > 0) return
  const limits = searchLimits(exploration.options, 'without reductions', () => exploration.found.size)
  const plain = await runLevel(exploration, { ...reduced.rules, ...UNREDUCED }, faults, limits)
  if (plain.level.graph.cuts.size > 0) return
  const outcomes = (level: Level): string =>
    [...new Set(level.rests.map(({ text, history }) => `${history} ${text}`))].sort().join('\n')
  const keys = (found: readonly Violation[]): string => [...new Set(found.map(({ key }) => key))].sort().join('\n')
  assert(
    privateWrites || plain.level.storesDistinct === reduced.storesDistinct,
    `reductions changed the reachable stores: ${plain.level.storesDistinct} without, ${reduced.storesDistinct} with them`,
  )
  assert(outcomes(plain.level) === outcomes(reduced), 'reductions changed the outcomes')
  assert(keys(plain.violations) === keys(violations), 'reductions changed the verdicts')
}
