/** `--verify-reductions`: the level again without reductions; stores, outcomes and verdicts must be the same. */
import { assert } from '#cluster/assert.ts'
import type { Level } from '#cluster/level.ts'
import type { Violation } from '#properties/violation.ts'
import { type Exploration, runLevel } from './exploration.ts'
import { searchLimits } from './search-limits.ts'

export async function compareWithUnreduced(
  exploration: Exploration,
  reduced: Level,
  violations: readonly Violation[],
  faults: number,
): Promise<void> {
  if (!reduced.rules.absorbNoOps || reduced.graph.cuts.size > 0) return
  const limits = searchLimits(exploration.options, 'without reductions', () => exploration.found.size)
  const plain = await runLevel(exploration, { ...reduced.rules, absorbNoOps: false }, faults, limits)
  if (plain.level.graph.cuts.size > 0) return
  const outcomes = (level: Level): string =>
    [...new Set(level.rests.map(({ text, history }) => `${history} ${text}`))].sort().join('\n')
  const keys = (found: readonly Violation[]): string => [...new Set(found.map(({ key }) => key))].sort().join('\n')
  assert(
    plain.level.storesDistinct === reduced.storesDistinct,
    `reductions changed the reachable stores: ${plain.level.storesDistinct} without, ${reduced.storesDistinct} with them`,
  )
  assert(outcomes(plain.level) === outcomes(reduced), 'reductions changed the outcomes')
  assert(keys(plain.violations) === keys(violations), 'reductions changed the verdicts')
}
