/** The options of `explore`, completed and checked at the door. What is not built yet is refused, never ignored. */
import { BUDGET_MAX, packBudget } from '#checker/budget.ts'
import { ScenarioError } from '#cluster/scenario-error.ts'
import type { ProfileName, QueueMode, World } from '#cluster/world.ts'
import type { StateGraph } from '#trace/state-graph.ts'

export interface ExploreOptions {
  /** Total budget of faults. Default 1. */
  readonly faults: number
  /** Caps by kind. Default: the total. */
  readonly stale: number
  readonly crash: number
  readonly apiError: number
  readonly relist: number
  readonly handover: number
  readonly slow: number
  readonly environment: number
  /** Most undelivered events of one lag episode. Default 8. */
  readonly lagMax: number
  /** Virtual time that timers may pass. Default 24 h. */
  readonly timeMaxMs: number
  /** Undefined: the default profile, and the others for its findings. */
  readonly profiles: readonly string[] | undefined
  readonly queue: QueueMode
  readonly granularity: 'auto' | 'reconcile' | 'write' | 'call'
  readonly shuffleLists: boolean
  /** Threads; only 1 is built. */
  readonly workers: number
  /** `random` and `pct` walk instead of searching: `runs` seeded runs a level. */
  readonly strategy: 'breadth-first' | 'depth-first' | 'random' | 'pct'
  /** Runs of a level with the strategies `random` and `pct`. Default 1000. */
  readonly runs: number
  readonly reduction: 'all' | 'none' | readonly string[]
  readonly verifyReductions: boolean
  readonly depthMax: number | undefined
  readonly statesMax: number | undefined
  readonly memoryMaxMb: number | undefined
  /** For a level. */
  readonly timeLimitMs: number | undefined
  readonly seed: number
  /** Names of actions that are taken before the search begins (`--from`). Default none. */
  readonly after: readonly string[]
  /** Share of answered reconciles that are executed again, in percent. Default 1; 0 also leaves out the smoke run. */
  readonly auditPercent: number
  readonly stopAtFirst: boolean
  /** Keys of findings that are known and accepted: reported apart, no part of the verdict. Default: none. */
  readonly baseline: readonly string[] | undefined
  readonly signal: AbortSignal | undefined
  readonly onProgress: ((progress: Progress) => void) | undefined
  /** Called when an oracle first says something of a bug: neither shortened nor explained yet. */
  readonly onFound: ((sighting: SightingNotice) => void) | undefined
  /** Called with the states of the level that statistics are of, once its search is over. */
  readonly onGraph: ((graph: StateGraph) => void) | undefined
  /** Called for each distinct state of a level, in the order met, with the world holding it; a search that begins anew begins with state 0. */
  readonly onState: ((world: World, state: number) => void) | undefined
  /** Milliseconds since any moment. */
  readonly wallClock: () => number
}

/** What can be said of a violation while the search goes on. */
export interface SightingNotice {
  readonly oracle: string
  readonly property?: string
  readonly objects: readonly string[]
  readonly controllers: readonly string[]
}

export interface Progress {
  readonly level: string
  readonly statesDistinct: number
  readonly statesGenerated: number
  readonly statesOnQueue: number
  readonly depth: number
  readonly elapsedMs: number
  readonly statesPerSecond: number
  readonly findings: number
}

/** In the order in which they are searched. */
export const SEARCHED_PROFILES: readonly ProfileName[] = [
  'lagging',
  'linearizable',
  'read-your-writes',
  'consistency-store',
  'legacy-restart',
  'legacy-fifo',
]
/** Faults that are not built; none. */
export const FAULTS_NOT_SEARCHED: readonly string[] = []
/** In the order of their making; what each leaves out is argued in `cluster/reduction/`. */
export const REDUCTIONS = ['no-op-absorption', 'private-writes'] as const
export type Reduction = (typeof REDUCTIONS)[number]
const REDUCTIONS_NOT_BUILT = ['symmetry', 'partition', 'sleep-sets', 'persistent-sets']

const RUNS = 1000

export type GivenOptions = { readonly [Name in keyof ExploreOptions]?: ExploreOptions[Name] | undefined }

export function resolveExploreOptions(given: GivenOptions): ExploreOptions {
  refuseWhatIsNotBuilt(given)
  checkLimits(given)
  const faults = count('faults', given.faults ?? 1)
  const options: ExploreOptions = {
    faults,
    stale: count('stale', given.stale ?? faults),
    crash: count('crash', given.crash ?? faults),
    apiError: count('apiError', given.apiError ?? faults),
    relist: count('relist', given.relist ?? faults),
    handover: count('handover', given.handover ?? 0),
    slow: count('slow', given.slow ?? 0),
    environment: count('environment', given.environment ?? 0),
    lagMax: given.lagMax ?? 8,
    timeMaxMs: given.timeMaxMs ?? 24 * 3600 * 1000,
    profiles: given.profiles,
    queue: given.queue ?? 'own',
    granularity: given.granularity ?? 'auto',
    shuffleLists: given.shuffleLists ?? false,
    workers: 1,
    strategy: given.strategy ?? 'breadth-first',
    runs: given.runs ?? RUNS,
    reduction: given.reduction ?? 'all',
    verifyReductions: given.verifyReductions ?? false,
    depthMax: given.depthMax,
    statesMax: given.statesMax,
    memoryMaxMb: given.memoryMaxMb,
    timeLimitMs: given.timeLimitMs,
    seed: given.seed ?? 1,
    after: given.after ?? [],
    auditPercent: given.auditPercent ?? 1,
    stopAtFirst: given.stopAtFirst ?? false,
    baseline: given.baseline,
    signal: given.signal,
    onProgress: given.onProgress,
    onFound: given.onFound,
    onGraph: given.onGraph,
    onState: given.onState,
    wallClock: given.wallClock ?? (() => performance.now()),
  }
  return options
}

/** Limits count something; zero of them is a limit too. */
function checkLimits(given: GivenOptions): void {
  for (const name of LIMITS) {
    const value = given[name]
    if (value === undefined || value >= 0) continue
    throw new ScenarioError(`the limit ${name} is ${value}. It cannot be negative: leave it out, or give what may be.`)
  }
}

const LIMITS = ['lagMax', 'timeMaxMs', 'depthMax', 'statesMax', 'memoryMaxMb', 'timeLimitMs', 'runs'] as const

function count(name: string, value: number): number {
  if (!Number.isInteger(value) || value < 0 || value > BUDGET_MAX) {
    throw new ScenarioError(
      `the budget ${name} is ${value}. It is a whole number from 0 to ${BUDGET_MAX}: the search grows with every one.`,
    )
  }
  return value
}

function refuseWhatIsNotBuilt(given: GivenOptions): void {
  const refuse = (what: string, instead: string): never => {
    throw new ScenarioError(`${what} is not built yet: nothing would be searched. ${instead}`)
  }
  for (const profile of given.profiles ?? []) {
    if (!(SEARCHED_PROFILES as readonly string[]).includes(profile))
      throw new ScenarioError(`there is no profile ${profile}. Profiles: ${SEARCHED_PROFILES.join(', ')}.`)
  }
  if (given.granularity === 'call') refuse('granularity call', 'Use write.')
  if ((given.workers ?? 1) > 1) refuse('more than one worker', 'Leave --workers out.')
  for (const name of Array.isArray(given.reduction) ? given.reduction : []) {
    if (REDUCTIONS_NOT_BUILT.includes(name))
      refuse(`the reduction ${name}`, `Reductions today: ${REDUCTIONS.join(', ')}.`)
    if (!REDUCTIONS.some((known) => known === name))
      throw new ScenarioError(`there is no reduction ${name}. Reductions today: ${REDUCTIONS.join(', ')}.`)
  }
}

/** The budget vector of a level: at most `faults` in all, and the environment's own. */
export function budgetOf(options: ExploreOptions, faults: number, profile: ProfileName): number {
  const cap = (value: number): number => Math.min(value, faults)
  const stale = profile === 'linearizable' ? 0 : cap(options.stale)
  const relist = profile === 'linearizable' ? 0 : cap(options.relist)
  return packBudget([
    faults,
    stale,
    cap(options.crash),
    cap(options.apiError),
    relist,
    cap(options.handover),
    cap(options.slow),
    options.environment,
  ])
}

/** How many instances of a process there may be at a time. */
export function instancesOf({ faults, handover }: ExploreOptions): number {
  return 1 + Math.min(faults, handover)
}

export function isReducedBy({ reduction }: ExploreOptions, name: Reduction): boolean {
  return reduction === 'all' || (Array.isArray(reduction) && reduction.includes(name))
}
