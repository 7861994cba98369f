/** One exploration as its parts share it, and one level of it: searched, then judged by every oracle. */

import { type Level, type LevelOptions, searchLevel } from '#cluster/level.ts'
import type { NondeterminismFound } from '#cluster/nondeterminism.ts'
import type { Scenario } from '#cluster/scenario.ts'
import type { Cluster } from '#cluster/tables.ts'
import type { ProfileName, Rules } from '#cluster/world.ts'
import type { Case, Sighting } from '#findings/case.ts'
import { isLeftOut } from '#properties/exclusions.ts'
import { judgesOf, oraclesOf } from '#properties/oracles.ts'
import { watchProperties } from '#properties/user-properties.ts'
import type { Violation } from '#properties/violation.ts'
import type { AcceptedFinding, ReportFinding } from '#trace/report.ts'
import { createAudit } from './audit.ts'
import { withStep } from './failed-step.ts'
import { budgetOf, type ExploreOptions, isReducedBy } from './options.ts'
import type { SearchLimits } from './search-limits.ts'

export interface LevelRecord {
  readonly level: Level
  readonly profile: ProfileName
  readonly granularity: Level['rules']['granularity']
  readonly faults: number
  /** Of what it violates. */
  readonly keys: ReadonlySet<string>
  readonly elapsedMs: number
}

/** Everything of one exploration that its levels share. */
export interface Exploration {
  readonly scenario: Scenario
  readonly options: ExploreOptions
  readonly cluster: Cluster
  readonly levels: LevelRecord[]
  /** Violations by profile, granularity and key, each with the first level that showed it. */
  readonly found: Map<string, Sighting>
  /** What they come to, when all levels are searched. */
  cases: readonly Case[]
  /** What is reported of them. */
  findings: readonly ReportFinding[]
  /** Those that the baseline knows. */
  accepted: readonly AcceptedFinding[]
  nondeterminism: NondeterminismFound | undefined
  /** Runs of controller code at the end of the levels of the first profile. */
  counted: { readonly executed: number; readonly answered: number }
  stopped: boolean
}

export function rulesOf(options: ExploreOptions, profile: ProfileName, granularity: Rules['granularity']): Rules {
  const { queue, lagMax, timeMaxMs, shuffleLists, seed } = options
  const order = shuffleLists ? { listSeed: seed } : {}
  const reductions = {
    absorbNoOps: isReducedBy(options, 'no-op-absorption'),
    privateWrites: granularity === 'write' && isReducedBy(options, 'private-writes'),
  }
  return { granularity, profile, queue, lagMax, timeMaxMs, ...reductions, ...order }
}

/** Searches one level and lets every oracle judge it. */
export async function runLevel(
  exploration: Exploration,
  rules: Rules,
  faults: number,
  limits: SearchLimits,
): Promise<{ readonly level: Level; readonly violations: readonly Violation[] }> {
  const { cluster, scenario, options } = exploration
  const watch = watchProperties(cluster, scenario)
  const monitor = watch.monitor === undefined ? {} : { monitor: watch.monitor }
  const audit = options.auditPercent > 0 ? { audit: createAudit(options) } : {}
  const level = await searchLevel(cluster, rules, {
    budget: budgetOf(options, faults, rules.profile),
    order: options.strategy === 'depth-first' ? 'depth-first' : 'breadth-first',
    ...limits.search,
    ...walksOf(options, limits),
    model: { ...monitor, ...audit, judges: judgesOf(scenario) },
    visit: (world, state, entry) => {
      watch.visit(world, state, entry)
      options.onState?.(world, state)
      // Whether a baseline knows it is not known before its path is.
      return options.stopAtFirst && options.baseline === undefined && watch.anyBroken()
    },
    failed: withStep,
    restart: () => watch.reset(),
  })
  const violations: Violation[] = [...(await watch.violations(level))]
  for (const oracle of oraclesOf(scenario)) violations.push(...(await oracle.check(level)))
  return { level, violations: violations.filter((violation) => !isLeftOut(scenario, violation)) }
}

/** What is walked: seeded runs where they are the strategy, else a share after a limit. */
function walksOf(options: ExploreOptions, limits: SearchLimits): Pick<LevelOptions, 'walks'> {
  const { strategy, seed, runs, depthMax } = options
  if (strategy === 'random' || strategy === 'pct') {
    const longest = depthMax === undefined ? {} : { stepsMax: depthMax }
    return { walks: { when: 'instead', strategy, seed, runsMax: runs, ...longest, ...limits.runs } }
  }
  // Two searches are compared state by state: nothing may be met by chance.
  const share = options.verifyReductions ? undefined : limits.walksShare
  return share === undefined ? {} : { walks: { when: 'beyond', seed, share } }
}
