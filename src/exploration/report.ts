/** Makes the report of an exploration: what was found, with its paths described, and what was searched. */
import { at } from '#checker/growable.ts'
import { countPaths } from '#checker/path-count.ts'
import { collisionProbability } from '#checker/visited-set.ts'
import type { Level } from '#cluster/level.ts'
import type { NondeterminismFound } from '#cluster/nondeterminism.ts'
import { hashString, lanes } from '#cluster/structural-hash.ts'
import { describeEntry, lassoPath, writersOf } from '#findings/finding-path.ts'
import { periodicCycles } from '#properties/comes-to-rest.ts'
import { growingFamily } from '#properties/growing-family.ts'
import { growingField } from '#properties/growing-field.ts'
import { type LevelOutcome, outcomesOf } from '#properties/outcomes.ts'
import type {
  AcceptedFinding,
  ExploreReport,
  ReportFinding,
  ReportLint,
  ReportOutcome,
  ReportStatistics,
  ReportWalks,
} from '#trace/report.ts'
import type { Exploration, LevelRecord } from './exploration.ts'
import { FAULTS_NOT_SEARCHED, isReducedBy, REDUCTIONS, SEARCHED_PROFILES } from './options.ts'

export async function createReport(exploration: Exploration): Promise<ExploreReport> {
  const { scenario, levels, findings, accepted, options } = exploration
  const statistics = statisticsOf(exploration)
  const exhaustive =
    levels.length > 0 && levels.every(({ level }) => level.graph.cuts.size === 0) && !isInterrupted(exploration)
  const last = lastLevel(exploration)
  const lints = await lintsOf(exploration)
  const vacuous = lints.some(({ id }) => id === 'never-rests')
  return {
    formatVersion: 1,
    scenario: scenario.name,
    verdict: findings.length > 0 ? 'violated' : exhaustive && !vacuous ? 'holds' : 'inconclusive',
    exhaustive,
    bounds: boundsOf(exploration),
    levels: levels.map((record) => ({
      profile: record.profile,
      granularity: record.granularity,
      faults: record.faults,
      statesDistinct: record.level.graph.visited.size,
      outcomes: outcomesOf(record.level).length,
      findings: record.keys.size,
      exhaustive: record.level.graph.cuts.size === 0,
      elapsedMs: Math.round(record.elapsedMs),
      ...reportWalks(record.level),
    })),
    statistics,
    outcomes: last === undefined ? [] : await reportOutcomes(last.level),
    findings,
    ...(options.baseline === undefined ? {} : { accepted, baselineUnmatched: unmatched(options.baseline, accepted) }),
    lints,
  }
}

function reportWalks({ walks }: Level): { readonly walks?: ReportWalks } {
  if (walks === undefined) return {}
  if (walks.when === 'beyond') return { walks }
  const { when, seed, runs, steps, stepsMax } = walks
  const { end, steps: long, cut } = walks.ended
  return { walks: { when, seed, runs, steps, ended: { end, steps: long, cut }, stepsMax } }
}

function unmatched(baseline: readonly string[], accepted: readonly AcceptedFinding[]): readonly string[] {
  return [...new Set(baseline)].filter((known) => !accepted.some(({ key }) => key === known))
}

function isInterrupted(exploration: Exploration): boolean {
  return exploration.options.signal?.aborted === true || (exploration.stopped && exploration.options.stopAtFirst)
}

/** Statistics are of the last level of the first profile searched. */
export function lastLevel(exploration: Exploration): LevelRecord | undefined {
  const profile = exploration.levels[0]?.profile
  return exploration.levels.filter((record) => record.profile === profile).at(-1)
}

function statisticsOf(exploration: Exploration): ReportStatistics {
  const last = lastLevel(exploration)
  const { executed, answered } = exploration.counted
  const states = last?.level.graph.visited.size ?? 0
  const elapsedMs = last?.elapsedMs ?? 0
  return {
    statesGenerated: 1 + (last?.level.graph.transitions ?? 0),
    statesDistinct: states,
    storesDistinct: last?.level.storesDistinct ?? 0,
    transitions: last?.level.graph.transitions ?? 0,
    reconcilesExecuted: executed,
    reconcilesAnswered: answered,
    depthMax: last?.level.graph.depthMax ?? 0,
    elapsedMs: Math.round(elapsedMs),
    statesPerSecond: Math.round((states * 1000) / Math.max(1, elapsedMs)),
    peakRssBytes: process.resourceUsage().maxRSS * 1024,
    collisionProbability: collisionProbability(states),
  }
}

function boundsOf(exploration: Exploration): ExploreReport['bounds'] {
  const { options, levels } = exploration
  const cuts = new Set(levels.flatMap(({ level }) => [...level.graph.cuts]))
  const profiles = [...new Set(levels.map(({ profile }) => profile))]
  const isByWrites = levels.some(({ granularity }) => granularity === 'write')
  return {
    faults: options.faults,
    stale: Math.min(options.stale, options.faults),
    crash: Math.min(options.crash, options.faults),
    apiError: Math.min(options.apiError, options.faults),
    ...(options.handover === 0 ? {} : { handover: Math.min(options.handover, options.faults) }),
    ...(options.slow === 0 ? {} : { slow: Math.min(options.slow, options.faults) }),
    relist: Math.min(options.relist, options.faults),
    ...(options.environment === 0 ? {} : { environment: options.environment }),
    lagMax: options.lagMax,
    timeMaxMs: options.timeMaxMs,
    profiles,
    granularities: [...new Set(levels.map(({ granularity }) => granularity))],
    queue: queueOf(exploration),
    ...(options.after.length === 0 ? {} : { actionsBefore: options.after.length }),
    strategy: options.strategy,
    reductions: REDUCTIONS.filter((name) => isReducedBy(options, name) && (name !== 'private-writes' || isByWrites)),
    ...(options.depthMax === undefined ? {} : { depthMax: options.depthMax }),
    ...(options.statesMax === undefined ? {} : { statesMax: options.statesMax }),
    ...(options.timeLimitMs === undefined ? {} : { timeLimitMs: options.timeLimitMs }),
    ...(options.memoryMaxMb === undefined ? {} : { memoryMaxMb: options.memoryMaxMb }),
    cuts: [...cuts],
    faultsNotSearched: FAULTS_NOT_SEARCHED,
    profilesNotSearched: SEARCHED_PROFILES.filter((profile) => !profiles.includes(profile)),
  }
}

async function reportOutcomes(level: Level): Promise<readonly ReportOutcome[]> {
  const outcomes = outcomesOf(level)
  const counts = countPaths(level.graph, new Set(outcomes.flatMap(({ rests }) => rests.map(({ state }) => state))))
  const reported: ReportOutcome[] = []
  for (const [index, outcome] of outcomes.entries()) {
    hashString(`${outcome.history}\n${outcome.text}`)
    reported.push({
      id: `outcome-${index + 1}`,
      fingerprint: hex(lanes.high) + hex(lanes.low),
      objects: (outcome.rests[0]?.objects ?? []).map(({ name }) => name),
      paths: pathsOf(outcome, counts),
      first: (await describeEntry(level, outcome.entry)).record,
    })
  }
  return reported
}

function hex(value: number): string {
  return (value >>> 0).toString(16).padStart(8, '0')
}

function pathsOf(outcome: LevelOutcome, counts: ReturnType<typeof countPaths>): ReportOutcome['paths'] {
  if (counts === undefined) return null
  let sum = 0n
  for (const { state } of outcome.rests) {
    const count = counts.get(state) ?? 0n
    if (count === 'infinite') return 'infinite'
    sum += count
  }
  return sum <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(sum) : String(sum)
}

/** What was asked for, or what all controllers have; `own` where they differ. */
function queueOf({ options, cluster }: Exploration): ExploreReport['bounds']['queue'] {
  if (options.queue !== 'own') return options.queue
  const queues = new Set(cluster.controllers.map(({ definition }) => definition.queue ?? 'fifo'))
  return queues.size > 1 ? 'own' : ([...queues][0] ?? 'fifo')
}

/** A level that was searched to its end and in which nothing ever is at rest, or stuck. */
function neverRests({ levels }: Exploration): boolean {
  return levels.some(({ level }) => level.graph.cuts.size === 0 && level.rests.length === 0 && level.stuck.length === 0)
}

async function lintsOf(exploration: Exploration): Promise<readonly ReportLint[]> {
  const lints: ReportLint[] = [...exploration.cluster.counters.lints].map(([id, message]) => ({ id, message }))
  for (const [index, message] of (exploration.cluster.host.notes ?? []).entries())
    lints.push({ id: `program:${index + 1}`, message })
  const first = exploration.levels[0]
  if (first !== undefined) {
    for (const cycle of await periodicCycles(first.level)) {
      const { path } = await lassoPath(first.level, {
        entry: at(first.level.graph.stateEntry, cycle.state),
        walk: cycle.walk,
      })
      const writers = writersOf({ ...path, steps: path.steps.slice(path.cycleStart ?? 0) })
      const waits = path.steps
        .slice(path.cycleStart ?? 0)
        .flatMap(({ result }) => (result?.afterMs === undefined ? [] : [result.afterMs]))
      lints.push({
        id: `periodic:${writers.join(',')}`,
        message: `${writers.join(' and ')} write${writers.length === 1 ? 's' : ''} again and again by a timer${waits.length > 0 ? ` (every ${waits.join(', ')} ms)` : ''}: the cluster never comes to rest, but slowly.`,
      })
    }
  }
  const cut = exploration.levels.find(({ level }) => level.graph.cuts.size > 0)
  const grows = cut === undefined ? undefined : growingField(cut.level)
  if (grows !== undefined) {
    lints.push({
      id: `grows:${grows.object}`,
      message: `${grows.object} took ${grows.values} different values in ${grows.path}: a field that grows for ever makes the state space infinite, and the search cannot end.`,
    })
  }
  const multiplies = cut === undefined ? undefined : growingFamily(cut.level)
  if (multiplies !== undefined) {
    const { objects, made } = multiplies
    lints.push({
      id: `multiplies:${objects}`,
      message: `${objects} was made ${made} times on one path: something makes it again and again, such as an owner whose cache is late while what it makes is deleted. No bound ends that, so the search may not end; --stale 0 --relist 0 leave it out, --depth-max and --states-max cut it.`,
    })
  }
  if (neverRests(exploration) && !lints.some(({ id }) => id.startsWith('periodic:'))) {
    lints.push({
      id: 'never-rests',
      message:
        'no run comes to rest, though nothing is written for ever: a reconcile asks to be run again every time (requeue: true, or a timer that reads the clock). Outcomes cannot be compared, so nothing is said to hold. Return nothing when there is nothing to do.',
    })
  }
  return lints.filter((lint, index) => lints.findIndex(({ id }) => id === lint.id) === index)
}

/** A search that ended because a reconcile is not deterministic. */
export async function nondeterminismFinding(
  exploration: Exploration,
  found: NondeterminismFound,
): Promise<ExploreReport> {
  const { scenario, levels } = exploration
  const { controller } = found
  const report = await createReport({
    ...exploration,
    levels: levels.filter(({ level }) => level.graph.cuts.size === 0),
    findings: [],
  })
  const finding: ReportFinding = {
    id: 'nondeterministic-1',
    oracle: 'nondeterministic',
    message: found.message,
    profiles: [exploration.options.profiles?.[0] ?? SEARCHED_PROFILES[0] ?? 'lagging'],
    faults: 0,
    steps: 0,
    minimisedFrom: 0,
    minimal: true,
    objects: [],
    controllers: [controller],
    path: { actions: [], steps: [] },
    replay: `kamera replay .kamera/${scenario.name}/nondeterministic-1.json`,
    key: `nondeterministic ${controller}`,
    level: { granularity: 'reconcile', profile: 'lagging', faults: 0 },
  }
  return { ...report, verdict: 'violated', exhaustive: false, findings: [finding, ...report.findings] }
}
