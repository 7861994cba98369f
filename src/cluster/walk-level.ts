/** Walks over a level: after the limit of its search, or instead of one. What they meet is judged with the rest. */
import { type BudgetVector, budgetField } from '#checker/budget.ts'
import type { SearchGraph, SearchOptions } from '#checker/search.ts'
import { type WalksRecord, walkBeyond } from '#checker/walks/beyond-limit.ts'
import { pct } from '#checker/walks/pct.ts'
import { type RunsRecord, rootOf, seededRuns } from '#checker/walks/seeded-runs.ts'
import { uniform } from '#checker/walks/uniform.ts'
import type { WalkStrategy } from '#checker/walks/walk-strategy.ts'
import { createWalker, finishWalks, type WalkRecord } from '#checker/walks/walker.ts'
import { ENVIRONMENT_FIELD } from './action.ts'
import type { ClusterModel } from './cluster-model.ts'
import { INTERRUPTED } from './interruption.ts'

export type WalksWanted = WalksBeyond | WalksInstead

/** When the search has met a limit (not a bound of depth, nor Ctrl-C). */
export interface WalksBeyond {
  readonly when: 'beyond'
  readonly seed: number
  /** How much may be walked, given what cut the search. */
  readonly share: (cuts: ReadonlySet<string>) => { readonly stepsMax: number; readonly stop: () => boolean }
}

/** Seeded runs from the initial state, and no search. */
export interface WalksInstead {
  readonly when: 'instead'
  readonly strategy: 'random' | 'pct'
  readonly seed: number
  readonly runsMax: number
  /** Longest run in steps. */
  readonly stepsMax?: number
  /** Guides the runs instead of the strategy. */
  readonly guide?: (model: ClusterModel, strategy: WalkStrategy) => WalkStrategy
  /** Called after each run. */
  readonly onRun?: (runs: RunsRecord, run: WalkRecord) => void
}

export type LevelWalks =
  | ({ readonly when: 'beyond' } & WalksRecord)
  | ({ readonly when: 'instead'; readonly seed: number } & RunsRecord)

/** As many ordering constraints as most bugs need: two changes of priorities. */
const PCT_DEPTH = 3

const STRATEGIES: Readonly<Record<WalksInstead['strategy'], WalkStrategy>> = { random: uniform, pct: pct(PCT_DEPTH) }

interface Walked {
  readonly model: ClusterModel
  readonly options: SearchOptions
  readonly graph: SearchGraph
}

export async function walkLevel(walked: Walked, wanted: WalksWanted): Promise<LevelWalks | undefined> {
  const { model, options, graph } = walked
  if (wanted.when === 'beyond' && (graph.queue.count === 0 || graph.cuts.has(INTERRUPTED))) return undefined
  const walker = createWalker(model, options, graph)
  const record = wanted.when === 'beyond' ? await beyond(walked, walker, wanted) : await instead(walked, walker, wanted)
  finishWalks(walker)
  return record
}

async function beyond(
  { options, graph }: Walked,
  walker: ReturnType<typeof createWalker>,
  { seed, share }: WalksBeyond,
): Promise<LevelWalks> {
  const { stepsMax, stop } = share(graph.cuts)
  const record = await walkBeyond(walker, {
    seed,
    stepsMax,
    stop,
    costlyMax: costlyMaxOf(options.budget),
    progress: () => options.progress?.(graph),
  })
  return { when: 'beyond', ...record }
}

async function instead(
  { model, options, graph }: Walked,
  walker: ReturnType<typeof createWalker>,
  wanted: WalksInstead,
): Promise<LevelWalks> {
  const { seed, runsMax, stepsMax, guide } = wanted
  const strategy = STRATEGIES[wanted.strategy]
  const record = await seededRuns(walker, await rootOf(walker), {
    seed,
    runsMax,
    ...(stepsMax === undefined ? {} : { stepsMax }),
    strategy: guide === undefined ? strategy : guide(model, strategy),
    costlyMax: guide === undefined ? costlyMaxOf(options.budget) : 0,
    ...(options.stop === undefined ? {} : { stop: options.stop }),
    progress: (runs, run) => {
      wanted.onRun?.(runs, run)
      return options.progress?.(graph)
    },
  })
  graph.cuts.add(record.stopped ?? `runs ${record.runs}`)
  return { when: 'instead', seed, ...record }
}

/** Faults of all kinds together, and the environment's events, which they do not count. */
function costlyMaxOf(budget: BudgetVector): number {
  return budgetField(budget, 0) + budgetField(budget, ENVIRONMENT_FIELD)
}
