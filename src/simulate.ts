/**
 * `simulate`: seeded runs of a scenario, one action after another, each to rest or to its longest; faults come by
 * chance, within the budget. All that the runs met is judged together, so two runs that rest differently are a
 * finding as in a search. Nothing is ever said to hold.
 */
import { runOfEntry } from '#checker/walks/seeded-runs.ts'
import type { Level } from '#cluster/level.ts'
import type { Scenario } from '#cluster/scenario.ts'
import { ScenarioError } from '#cluster/scenario-error.ts'
import type { ProfileName, Rules } from '#cluster/world.ts'
import type { Violation } from '#properties/violation.ts'
import { createTally, faultsOfPlan, guideBy } from '#sieve/guide.ts'
import { parseSievePlan } from '#sieve/parse-plan.ts'
import type { SievePlan } from '#sieve/plan.ts'
import type { SimulateReport, SimulationRecord } from '#trace/report.ts'
import type { SimulatedTraceHeader, TraceEvent } from '#trace/trace-event.ts'
import type { Exploration } from './exploration/exploration.ts'
import type { GivenOptions, Progress } from './exploration/options.ts'
import type { RunsTold } from './exploration/search-limits.ts'
import { traceRun } from './exploration/simulate-trace.ts'
import { exploreInDetail, type SearchPlan, searchAndJudge } from './explore.ts'

export interface SimulateOptions extends Omit<GivenOptions, 'strategy' | 'profiles' | 'verifyReductions'> {
  /** Default `random`. */
  readonly strategy?: 'random' | 'pct' | undefined
  /** Default: the default profile of `explore`. */
  readonly profile?: string | undefined
  /** Gets one run as a trace: the one that met the first finding, or else the first one. */
  readonly onTrace?: ((header: SimulatedTraceHeader, events: readonly TraceEvent[]) => void) | undefined
  /** A test plan of Sieve, which guides the runs; its faults are the default budget. `file` is its name in messages. */
  readonly sievePlan?: { readonly text: string; readonly file: string } | undefined
}

/** Runs a scenario whose manifests are objects. Throws `ScenarioError` for what the user has to mend. */
export async function simulate(scenario: Scenario, given: SimulateOptions = {}): Promise<SimulateReport> {
  const {
    profile = 'lagging',
    strategy = 'random',
    granularity = 'write',
    reduction = 'none',
    sievePlan,
    onTrace,
    ...rest
  } = given
  if (reduction !== 'none') throw new ScenarioError('simulate has no reductions: each run is one order of all steps.')
  const wanted: Rules['granularity'] = granularity === 'reconcile' ? 'reconcile' : 'write'
  const planned = sievePlan === undefined ? undefined : parseSievePlan(sievePlan.text, sievePlan.file)
  const tally = createTally()
  const guide = planned === undefined ? {} : { guide: guideBy(planned, tally) }
  let runs = 0
  const tell = (progress: Progress): void => given.onProgress?.({ ...progress, level: `${strategy} run ${runs + 1}` })
  // Tracing makes a run again, which counts as one.
  let carriedOut = { ...tally }
  const plan: SearchPlan = {
    search: (exploration: Exploration, name: ProfileName) =>
      runLevels(exploration, name, wanted, {
        ...guide,
        onRun: (done) => {
          runs = done.runs
        },
      }),
    after: async (exploration) => {
      carriedOut = { ...tally }
      if (onTrace === undefined) return
      const [first = [seedMin(exploration)]] = seedsOf(exploration).values()
      const { header, events } = await traceRun(exploration, first[0] as number, guide)
      onTrace(header, events)
    },
  }
  const faults = planned === undefined ? {} : budgetFor(planned)
  const options: GivenOptions = { ...faults, ...rest, granularity: wanted, reduction, strategy, profiles: [profile] }
  const { report, exploration } = await exploreInDetail(scenario, { ...options, onProgress: tell }, plan)
  const seeds = seedsOf(exploration)
  return {
    ...report,
    simulation: {
      ...simulationOf(exploration, strategy),
      ...(planned === undefined ? {} : { plan: { actions: planned.actions.length, ...carriedOut } }),
    },
    findings: report.findings.map((finding) => {
      const found = seeds.get(finding.key)
      return found === undefined ? finding : { ...finding, seeds: found }
    }),
  }
}

/** One level with the whole budget. With `stopAtFirst` in rounds, each ten times the last. */
async function runLevels(
  exploration: Exploration,
  profile: ProfileName,
  granularity: Rules['granularity'],
  told: RunsTold,
): Promise<void> {
  const { options, levels } = exploration
  for (let runsMax = options.stopAtFirst ? 10 : options.runs; ; runsMax *= 10) {
    levels.length = 0
    const runs = { ...told, runsMax: Math.min(runsMax, options.runs) }
    await searchAndJudge(exploration, profile, { granularity, faults: options.faults, runs })
    if (exploration.stopped || runsMax >= options.runs) return
  }
}

/** What a plan can pay all its faults with. */
function budgetFor(plan: SievePlan): Pick<GivenOptions, 'faults' | 'stale' | 'crash'> {
  const { stale, crash } = faultsOfPlan(plan)
  return { faults: stale + crash, stale, crash }
}

/** By key of a finding: the seed of the run that met it, and of the one that it differs from. */
function seedsOf({ cases }: Exploration): ReadonlyMap<string, readonly number[]> {
  const seeds = new Map<string, readonly number[]>()
  for (const { key, violation, level } of cases) {
    const found = [...new Set(entriesOf(violation).flatMap((entry) => seedOf(level, entry) ?? []))]
    if (found.length > 0) seeds.set(key, found)
  }
  return seeds
}

function seedMin({ levels, options }: Exploration): number {
  const walks = levels.at(-1)?.level.walks
  return walks?.when === 'instead' ? walks.seed : options.seed
}

function entriesOf({ place, fork }: Violation): readonly number[] {
  if (place.type === 'nowhere') return []
  return fork === undefined ? [place.entry] : [place.entry, fork.leftEntry]
}

function seedOf({ walks }: Level, entry: number): number | undefined {
  if (walks?.when !== 'instead') return undefined
  const run = runOfEntry(walks, entry)
  return run === undefined ? undefined : walks.seed + run
}

function simulationOf({ levels }: Exploration, strategy: 'random' | 'pct'): SimulationRecord {
  const last = levels.at(-1)
  const walks = last?.level.walks
  if (last === undefined || walks?.when !== 'instead') {
    return { strategy, seed: 0, runs: 0, steps: 0, runsPerSecond: 0, ended: { end: 0, steps: 0, cut: 0 }, stepsMax: 0 }
  }
  const { seed, runs, steps, stepsMax, ended } = walks
  return {
    strategy,
    seed,
    runs,
    steps,
    runsPerSecond: Math.round((runs * 1000) / Math.max(1, last.elapsedMs)),
    ended: { end: ended.end, steps: ended.steps, cut: ended.cut },
    stepsMax,
  }
}
