/**
 * What a search does after its limit: walks on the same visited set, from the initial state and from the frontier,
 * in turn by random, novelty-biased and prioritised choices. They reach depths that a breadth-first search does not, and they say how much of the
 * state space the search has probably seen: the share of the steps of fresh random walks that lead to known states.
 *
 * That share is an estimate, and no more. Against the truth at 25, 50, 75 and 90 % explored, breadth-first searches
 * read about 40, 60, 75 and 85 %: states near the root are met more often than their share. It says nothing of what
 * lies where walks rarely go, so it is never 100 %, and nothing holds by it.
 */
import { copyAt, placesOf, type Taken } from '../state-queue.ts'
import { withCostlyChoices } from './costly-choices.ts'
import { novelty } from './novelty.ts'
import { pct } from './pct.ts'
import { type Random, seededRandom } from './random.ts'
import { expectedSteps, rootOf } from './seeded-runs.ts'
import { uniform } from './uniform.ts'
import type { WalkStrategy } from './walk-strategy.ts'
import { type Walker, type WalkStart, walk } from './walker.ts'

export interface BeyondOptions {
  readonly seed: number
  readonly costlyMax: number
  /** Most steps of all walks together. */
  readonly stepsMax: number
  /** Asked after each walk: whether the time is up. */
  readonly stop?: () => boolean
  readonly progress?: () => Promise<void> | undefined
}

/** What walks say of a search that did not end. */
export interface WalksRecord {
  readonly walks: number
  readonly steps: number
  /** States that no search and no earlier walk had met. */
  readonly statesNew: number
  /** Share of the steps of fresh uniform walks that met states which the search had met, at most 0.99. */
  readonly explored: number
  /** Share of the steps in the second half of the walks that met a new state: what more time would find. */
  readonly newStateRate: number
}

interface Row {
  readonly strategy: WalkStrategy
  readonly from: 'root' | 'frontier'
  /** Counts for the estimate. */
  readonly fresh?: true
}

const PCT_DEPTH = 3
const ROTA: readonly Row[] = [
  { strategy: withCostlyChoices(uniform), from: 'root', fresh: true },
  { strategy: novelty, from: 'frontier' },
  { strategy: withCostlyChoices(pct(PCT_DEPTH)), from: 'root' },
  { strategy: novelty, from: 'root' },
  { strategy: withCostlyChoices(uniform), from: 'frontier' },
]

const RECENT_MAX = 256

/** An estimate is never all. */
const EXPLORED_MAX = 0.99

export async function walkBeyond(walker: Walker, options: BeyondOptions): Promise<WalksRecord> {
  const { graph } = walker
  const searched = graph.visited.size
  const root = await rootOf(walker)
  const stepsExpected = await expectedSteps(walker, root)
  const stepsMax = 2 * stepsExpected
  const random = seededRandom(options.seed)
  const places = placesOf(graph.queue)
  /** Where walks met new states last: the frontier moves on. */
  const recent: WalkStart[] = []
  const tally = { walks: 0, steps: 0, fresh: 0, freshKnown: 0 }
  /** After each walk: steps and states so far. */
  const curve: { readonly steps: number; readonly states: number }[] = [{ steps: 0, states: graph.visited.size }]
  while (tally.steps < options.stepsMax && options.stop?.() !== true) {
    const row = ROTA[tally.walks % ROTA.length] as Row
    const start = row.from === 'root' ? root : frontierStart(walker, { places, recent }, random)
    const plan = { random, stepsExpected, costlyMax: options.costlyMax }
    const one = await walk(walker, start, row.strategy(plan), stepsMax)
    if (one.newest !== undefined)
      recent[recent.length < RECENT_MAX ? recent.length : random.below(RECENT_MAX)] = one.newest
    tally.walks++
    tally.steps += Math.max(1, one.steps)
    if (row.fresh === true) {
      const met = one.states.slice(1)
      tally.fresh += met.length
      tally.freshKnown += met.filter((state) => state < searched).length
    }
    curve.push({ steps: tally.steps, states: graph.visited.size })
    if (one.ended === 'stopped') break
    const pause = options.progress?.()
    if (pause !== undefined) await pause
  }
  return {
    walks: tally.walks,
    steps: tally.steps,
    statesNew: graph.visited.size - searched,
    explored: Math.min(EXPLORED_MAX, tally.fresh === 0 ? 0 : tally.freshKnown / tally.fresh),
    newStateRate: rateOfSecondHalf(curve),
  }
}

function frontierStart(
  walker: Walker,
  { places, recent }: { readonly places: Float64Array; readonly recent: readonly WalkStart[] },
  random: Random,
): WalkStart {
  const met = random.below(2) === 0 ? recent[random.below(recent.length)] : undefined
  if (met !== undefined) return met
  const taken: Taken = { entry: 0, state: new Int32Array(64), length: 0 }
  copyAt(walker.graph.queue, places[random.below(places.length)] as number, taken)
  return { entry: taken.entry, state: taken.state.slice(0, taken.length) }
}

function rateOfSecondHalf(curve: readonly { readonly steps: number; readonly states: number }[]): number {
  const last = curve.at(-1)
  if (last === undefined || last.steps === 0) return 0
  const middle = curve.find(({ steps }) => steps * 2 >= last.steps && steps < last.steps) ?? curve[0]
  if (middle === undefined) return 0
  return (last.states - middle.states) / (last.steps - middle.steps)
}
