/** Makes the report of an exploration: what was found, with its paths described, and what was searched. */
import { at } from '#checker/growable.ts'
import { countPaths } from '#checker/path-count.ts'
import { pathTo } from '#checker/search.ts'
import { collisionProbability } from '#checker/visited-set.ts'
import { type Choose, describePath } from '#cluster/describe.ts'
import type { NondeterminismFound } from '#cluster/execute.ts'
import type { Level } from '#cluster/level.ts'
import { hashString, lanes } from '#cluster/structural-hash.ts'
import { periodicCycles } from '#properties/comes-to-rest.ts'
import { growingField } from '#properties/growing-field.ts'
import { type LevelOutcome, outcomesOf } from '#properties/outcomes.ts'
import type { Violation } from '#properties/violation.ts'
import type { PathRecord } from '#trace/path.ts'
import type { ExploreReport, ReportFinding, ReportLint, ReportOutcome, ReportStatistics } from '#trace/report.ts'
import type { Exploration, FoundViolation, LevelRecord } from './exploration.ts'
import { absorbsNoOps, FAULTS_NOT_SEARCHED, PROFILES_NOT_SEARCHED, SEARCHED_PROFILES } from './explore-options.ts'
import { describeNames, type Goal, goalOf, indexOfName, plainModel, shortestPath } from './minimise.ts'

export async function createReport(exploration: Exploration): Promise<ExploreReport> {
  const { scenario, levels, found } = exploration
  const statistics = statisticsOf(exploration)
  const findings: ReportFinding[] = []
  const numbers = new Map<string, number>()
  for (const entry of found.values()) findings.push(await findingOf(entry, numbers))
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
      findings: record.violations,
      exhaustive: record.level.graph.cuts.size === 0,
      elapsedMs: Math.round(record.elapsedMs),
    })),
    statistics,
    outcomes: last === undefined ? [] : await reportOutcomes(last.level),
    findings,
    lints,
  }
}

function isInterrupted(exploration: Exploration): boolean {
  return exploration.options.signal?.aborted === true || (exploration.stopped && exploration.options.stopAtFirst)
}

/** Statistics are of the last level of the first profile searched. */
function lastLevel(exploration: Exploration): LevelRecord | undefined {
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
  return {
    faults: options.faults,
    stale: Math.min(options.stale, options.faults),
    crash: Math.min(options.crash, options.faults),
    lagMax: options.lagMax,
    timeMaxMs: options.timeMaxMs,
    profiles,
    granularities: [...new Set(levels.map(({ granularity }) => granularity))],
    queue: options.queue,
    strategy: options.strategy,
    reductions: absorbsNoOps(options) ? ['no-op-absorption'] : [],
    ...(options.depthMax === undefined ? {} : { depthMax: options.depthMax }),
    ...(options.statesMax === undefined ? {} : { statesMax: options.statesMax }),
    ...(options.timeLimitMs === undefined ? {} : { timeLimitMs: options.timeLimitMs }),
    ...(options.memoryMaxMb === undefined ? {} : { memoryMaxMb: options.memoryMaxMb }),
    cuts: [...cuts],
    faultsNotSearched: FAULTS_NOT_SEARCHED,
    profilesNotSearched: [
      ...SEARCHED_PROFILES.filter((profile) => !profiles.includes(profile)),
      ...PROFILES_NOT_SEARCHED,
    ],
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

/** The path to an entry, described; `more` is an action taken after it. */
function describeEntry(level: Level, entry: number, more?: number): ReturnType<typeof describePath> {
  const path = pathTo(level.graph, entry)
  const choose: Choose = (step) => path[step]?.action ?? (step === path.length ? more : undefined)
  return describePath(level.model, at(level.graph.entryBudget, 0), choose, { audit: true })
}

async function findingOf(entry: FoundViolation, numbers: Map<string, number>): Promise<ReportFinding> {
  const { violation, level } = entry
  const number = (numbers.get(violation.oracle) ?? 0) + 1
  numbers.set(violation.oracle, number)
  const { path, minimisedFrom } = await pathOf(level, violation)
  const { fork } = violation
  const left = fork === undefined ? undefined : await minimisedTo(level, violation, fork.leftEntry)
  const id = `${violation.oracle}-${number}`
  const faults = path.steps.reduce((sum, step) => sum + step.faults.length, 0)
  const controllers = violation.controllers.length > 0 ? violation.controllers : writersOf(path)
  return {
    id,
    oracle: violation.oracle,
    ...(violation.property === undefined ? {} : { property: violation.property }),
    message: violation.message(path),
    profiles: entry.profiles,
    faults,
    steps: path.steps.length,
    minimisedFrom,
    objects: violation.objects,
    controllers,
    path,
    replay: `kamera replay .kamera/${level.cluster.scenario.name}/${id}.json`,
    ...(violation.explanation === undefined ? {} : { explanation: violation.explanation }),
    ...(fork === undefined || left === undefined
      ? {}
      : {
          fork: {
            commonSteps: commonSteps(left.path, path),
            left: left.path,
            right: path,
            differences: fork.differences,
          },
        }),
    key: violation.key,
    level: { granularity: level.rules.granularity, profile: level.rules.profile, faults: entry.faults },
  }
}

interface Minimised {
  readonly path: PathRecord
  readonly minimisedFrom: number
}

async function pathOf(level: Level, violation: Violation): Promise<Minimised> {
  const { place } = violation
  if (place.type === 'nowhere') return { path: { actions: [], steps: [] }, minimisedFrom: 0 }
  if (place.type === 'path') return minimisedTo(level, violation, place.entry, place.action)
  return lassoPath(level, place.entry, place.walk)
}

/** The shortest path on which the violation is there, among the actions of the one that was found. */
async function minimisedTo(level: Level, violation: Violation, entry: number, more?: number): Promise<Minimised> {
  const { record } = await describeEntry(level, entry, more)
  const last = more === undefined ? undefined : record.actions.at(-1)
  const outcome = level.rests.find(({ state }) => state === at(level.graph.entryState, entry))
  const goal = goalOf(level, violation, outcome?.text, last)
  if (goal === undefined) return { path: record, minimisedFrom: record.steps.length }
  const prefix = last === undefined ? record.actions : record.actions.slice(0, -1)
  const names = await shortestPath(level, prefix, goal)
  if (names.length === prefix.length) return { path: record, minimisedFrom: record.steps.length }
  const path = await describeNames(level, last === undefined ? names : [...names, last])
  return { path, minimisedFrom: record.steps.length }
}

/** The path to a cycle, then once round it: each hop by the action whose successor is the state that was recorded. */
async function lassoPath(
  level: Level,
  entry: number,
  walk: readonly { readonly target: number; readonly label: number }[],
): Promise<Minimised> {
  const { graph } = level
  const found = (await describeEntry(level, entry)).record
  const start = at(graph.entryState, entry)
  const prints = printsOf(level, new Set([start, ...walk.map(({ target }) => target)]))
  const isStart: Goal = (model) => {
    model.fingerprint(model.world.state, model.world.length)
    return `${model.next.high} ${model.next.low}` === prints.get(start)
  }
  const names = await shortestPath(level, found.actions, isStart)
  const choose: Choose = async (step, model) => {
    if (step < names.length) return indexOfName(model, names[step])
    const hop = walk[step - names.length]
    if (hop === undefined) return undefined
    const wanted = prints.get(hop.target)
    const { world, enabled } = model
    const state = world.state.slice(0, world.length)
    for (let action = 0; action < enabled.count; action++) {
      while (!model.take(action)) {
        await model.resolve()
        model.enable(state, state.length, 0)
      }
      const { next } = model
      if (`${next.high} ${next.low}` === wanted && (next.flags | (next.fairClass << 4)) === hop.label) return action
    }
    return undefined
  }
  const { record } = await describePath(plainModel(level), at(graph.entryBudget, 0), choose, { audit: true })
  const cycleStart = names.length
  const steps = record.steps.map((step, index) => (index === cycleStart ? { ...step, cycleStart: true } : step))
  return { path: { ...record, steps, cycleStart }, minimisedFrom: found.steps.length + walk.length }
}

/** Fingerprints of some states, from the visited set. */
function printsOf(level: Level, states: ReadonlySet<number>): ReadonlyMap<number, string> {
  const { visited } = level.graph
  const prints = new Map<number, string>()
  for (let place = 0; place <= visited.mask; place++) {
    const number = (visited.number[place] as number) - 1
    if (number >= 0 && states.has(number)) prints.set(number, `${visited.high[place]} ${visited.low[place]}`)
  }
  return prints
}

function commonSteps(left: PathRecord, right: PathRecord): number {
  let common = 0
  while (common < left.actions.length && left.actions[common] === right.actions[common]) common++
  return common
}

function writersOf(path: PathRecord): readonly string[] {
  const writers = path.steps.filter(
    (step) => step.controller !== undefined && step.writes.some(({ outcome }) => outcome === 'committed'),
  )
  return [...new Set(writers.map((step) => step.controller as string))].sort()
}

/** A level that was searched to its end and in which nothing ever is at rest, or stuck. */
function neverRests({ levels }: Exploration): boolean {
  return levels.some(({ level }) => level.graph.cuts.size === 0 && level.rests.length === 0 && level.stuck.length === 0)
}

async function lintsOf(exploration: Exploration): Promise<readonly ReportLint[]> {
  const lints: ReportLint[] = [...exploration.cluster.counters.lints].map(([id, message]) => ({ id, message }))
  const first = exploration.levels[0]
  if (first !== undefined) {
    for (const cycle of await periodicCycles(first.level)) {
      const { path } = await lassoPath(first.level, at(first.level.graph.stateEntry, cycle.state), cycle.walk)
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
  const controller = found.request.controller.definition.name
  const { scenario, levels } = exploration
  const report = await createReport({
    ...exploration,
    levels: levels.filter(({ level }) => level.graph.cuts.size === 0),
    found: new Map(),
  })
  const finding: ReportFinding = {
    id: 'nondeterministic-1',
    oracle: 'nondeterministic',
    message: found.message,
    profiles: [exploration.options.profiles?.[0] ?? SEARCHED_PROFILES[0] ?? 'lagging'],
    faults: 0,
    steps: 0,
    minimisedFrom: 0,
    objects: [],
    controllers: [controller],
    path: { actions: [], steps: [] },
    replay: `kamera replay .kamera/${scenario.name}/nondeterministic-1.json`,
    key: `nondeterministic ${controller}`,
    level: { granularity: 'reconcile', profile: 'lagging', faults: 0 },
  }
  return { ...report, verdict: 'violated', exhaustive: false, findings: [finding, ...report.findings] }
}
