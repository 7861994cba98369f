/**
 * `explore`: searches a scenario level by level (profiles, granularities, fault budgets), lets the oracles judge each
 * level, and reports. Next: `cluster/level.ts` for one level, `properties/oracles.ts` for what is judged.
 */

import { interferes } from '#cluster/footprints.ts'
import { NondeterminismFound } from '#cluster/nondeterminism.ts'
import type { Scenario } from '#cluster/scenario.ts'
import type { ProfileName, Rules } from '#cluster/world.ts'
import type { Violation } from '#properties/violation.ts'
import type { ExploreReport } from '#trace/report.ts'
import { type Exploration, rulesOf, runLevel } from './exploration/exploration.ts'
import {
  type ExploreOptions,
  type GivenOptions,
  instancesOf,
  resolveExploreOptions,
  type SightingNotice,
} from './exploration/options.ts'
import { profileOfPrograms } from './exploration/program-profile.ts'
import { createReport, nondeterminismFinding } from './exploration/report.ts'
import { clusterOf, createHost, type ScenarioHost } from './exploration/scenario-cluster.ts'
import { type RunsTold, searchLimits } from './exploration/search-limits.ts'
import { settleCases } from './exploration/settle-cases.ts'
import { smokeRun } from './exploration/smoke.ts'
import { levelToShow, stateGraphOf } from './exploration/state-graph.ts'
import { inTurn } from './exploration/turns.ts'
import { compareWithUnreduced } from './exploration/verify-reductions.ts'
import { casesOf } from './findings/case.ts'

export type { ExploreOptions, Progress } from './exploration/options.ts'

const realSetImmediate = setImmediate

/** Explores a scenario whose manifests are objects. Throws `ScenarioError` for what the user has to mend. */
export async function explore(scenario: Scenario, given: GivenOptions = {}): Promise<ExploreReport> {
  return (await exploreInDetail(scenario, given)).report
}

/** Which levels are searched under a profile, and what becomes of them while controller code can still run. */
export interface SearchPlan {
  readonly search: (exploration: Exploration, profile: ProfileName) => Promise<void>
  readonly after?: (exploration: Exploration, report: ExploreReport) => Promise<void>
}

/** The report, and what it was made from. */
export async function exploreInDetail(
  scenario: Scenario,
  given: GivenOptions,
  plan: SearchPlan = { search: searchProfile },
): Promise<{ readonly report: ExploreReport; readonly exploration: Exploration }> {
  const options = resolveExploreOptions(given)
  return inTurn(async () => {
    const host = await createHost(scenario)
    const search = exploreWith({ scenario, options, host }, plan)
    // What the watchdog ends takes the search with it.
    search.catch(() => {})
    try {
      return await (host.stuck === undefined ? search : Promise.race([search, host.stuck]))
    } finally {
      await host.close()
    }
  })
}

async function exploreWith(
  {
    scenario: whole,
    options,
    host,
  }: { readonly scenario: Scenario; readonly options: ExploreOptions; readonly host: ScenarioHost },
  plan: SearchPlan,
): Promise<{ readonly report: ExploreReport; readonly exploration: Exploration }> {
  // A turn later: the watchdog ends all that is on the stack of code that does not come back, and what is queued behind
  // it, which must not be whoever waits for it.
  await new Promise((resolve) => realSetImmediate(resolve))
  const scenario = options.after.length === 0 ? whole : { ...whole, after: options.after }
  const cluster = clusterOf(scenario, host)
  const exploration: Exploration = {
    scenario,
    options,
    cluster,
    levels: [],
    found: new Map(),
    cases: [],
    findings: [],
    accepted: [],
    nondeterminism: undefined,
    counted: { executed: 0, answered: 0 },
    stopped: false,
  }
  const profiles = (options.profiles ?? [profileOfPrograms(host)]) as readonly ProfileName[]
  try {
    if (options.auditPercent > 0) await smokeRun(whole, host, rulesOf(options, profiles[0] as ProfileName, 'reconcile'))
    for (const profile of profiles) {
      await plan.search(exploration, profile)
      if (profile === profiles[0]) exploration.counted = { ...cluster.counters }
    }
    await settleCases(exploration, profiles, host)
    const report = await createReport(exploration)
    await plan.after?.(exploration, report)
    await tellGraph(exploration)
    return { report, exploration }
  } catch (error) {
    if (!(error instanceof NondeterminismFound)) throw error
    exploration.nondeterminism = error
    return { report: await nondeterminismFinding(exploration, error), exploration }
  }
}

async function tellGraph(exploration: Exploration): Promise<void> {
  const last = exploration.options.onGraph === undefined ? undefined : levelToShow(exploration)
  const graph = last === undefined ? undefined : await stateGraphOf(last, exploration)
  if (graph !== undefined) exploration.options.onGraph?.(graph)
}

/** Level by level: whole reconciles with 0, 1, … faults, then write by write where reconciles touch the same objects. */
async function searchProfile(exploration: Exploration, profile: ProfileName): Promise<void> {
  const { options, cluster } = exploration
  const granularities: Rules['granularity'][] = options.granularity === 'write' ? ['write'] : ['reconcile']
  for (const granularity of granularities) {
    for (let faults = 0; faults <= options.faults; faults++) {
      if (exploration.stopped) return
      await searchAndJudge(exploration, profile, { granularity, faults })
    }
    if (
      granularity === 'reconcile' &&
      options.granularity === 'auto' &&
      interferes(cluster, { instances: instancesOf(options) })
    )
      granularities.push('write')
  }
}

function findingsSoFar({ found }: Exploration): number {
  return new Set([...found.values()].map(({ violation }) => violation.key)).size
}

/** Whether something was found that the baseline does not know. */
async function hasNews({ found, options }: Exploration): Promise<boolean> {
  if (options.baseline === undefined) return found.size > 0
  const known = new Set(options.baseline)
  return (await casesOf(found.values())).some(({ key }) => !known.has(key))
}

function noticeOf({ oracle, property, objects, controllers }: Violation): SightingNotice {
  return { oracle, ...(property === undefined ? {} : { property }), objects, controllers }
}

/** One level as it is asked for. */
interface LevelWanted {
  readonly granularity: Rules['granularity']
  readonly faults: number
  /** What seeded runs are told beside the options. */
  readonly runs?: RunsTold
}

/** Searches a level, keeps what was found and how it went. */
export async function searchAndJudge(
  exploration: Exploration,
  profile: ProfileName,
  { granularity, faults, runs }: LevelWanted,
): Promise<void> {
  const { options, levels } = exploration
  const named = searchLimits(options, `${profile} ${granularity} faults ${faults}`, () => findingsSoFar(exploration))
  const limits = runs === undefined ? named : { ...named, runs }
  const { level, violations } = await runLevel(exploration, rulesOf(options, profile, granularity), faults, limits)
  for (const violation of violations) {
    const key = `${profile} ${granularity} ${violation.key}`
    const isNew = ![...exploration.found.values()].some((known) => known.violation.key === violation.key)
    if (isNew) options.onFound?.(noticeOf(violation))
    if (!exploration.found.has(key)) exploration.found.set(key, { violation, level, faults })
  }
  const keys = new Set(violations.map((violation) => violation.key))
  levels.push({ level, profile, granularity, faults, keys, elapsedMs: limits.elapsedMs() })
  if (options.verifyReductions) await compareWithUnreduced(exploration, level, violations, faults)
  exploration.stopped ||= (options.stopAtFirst && (await hasNews(exploration))) || options.signal?.aborted === true
}
