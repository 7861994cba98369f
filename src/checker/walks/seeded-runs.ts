/**
 * Runs from the initial state, each with a seed of its own: run i of seed s is run 0 of seed s + i, whatever other
 * runs came before. So any run can be had again alone.
 */
import { at } from '../growable.ts'
import { withCostlyChoices } from './costly-choices.ts'
import { seededRandom } from './random.ts'
import { uniform } from './uniform.ts'
import type { Chooser, WalkStrategy } from './walk-strategy.ts'
import { type Walker, type WalkRecord, type WalkStart, walk } from './walker.ts'

export interface RunsOptions {
  readonly seed: number
  readonly runsMax: number
  /** Longest run in steps. Default: ten times a run without faults, at least 200. */
  readonly stepsMax?: number
  readonly costlyMax: number
  readonly strategy: WalkStrategy
  /** Asked after each run: a reason to stop, or undefined. */
  readonly stop?: () => string | undefined
  /** Called after each run; may return a promise, to let others go on meanwhile. */
  readonly progress?: (runs: RunsRecord, run: WalkRecord) => Promise<void> | undefined
}

export interface RunsRecord {
  runs: number
  steps: number
  /** Runs by how they ended. */
  readonly ended: Record<WalkRecord['ended'], number>
  /** Number of graph entries before the first run, and after each: whose entry is whose. */
  readonly entriesBefore: number
  readonly entriesAfter: number[]
  /** A run without faults takes so many steps to its end. */
  readonly stepsExpected: number
  readonly stepsMax: number
  stopped: string | undefined
}

const PILOT_STEPS_MAX = 1000
const STEPS_EXPECTED_MIN = 2
const STEPS_MIN = 200

/** Runs until `runsMax`, or a reason to stop. */
export async function seededRuns(walker: Walker, root: WalkStart, options: RunsOptions): Promise<RunsRecord> {
  const stepsExpected = await expectedSteps(walker, root)
  const record: RunsRecord = {
    runs: 0,
    steps: 0,
    ended: { end: 0, steps: 0, cut: 0, stopped: 0 },
    entriesBefore: walker.graph.entryState.length,
    entriesAfter: [],
    stepsExpected,
    stepsMax: options.stepsMax ?? Math.max(STEPS_MIN, 10 * stepsExpected),
    stopped: undefined,
  }
  while (record.runs < options.runsMax) {
    record.stopped = options.stop?.()
    if (record.stopped !== undefined) break
    const one = await seededRun(walker, root, options, { ...record, seed: options.seed + record.runs })
    record.runs++
    record.steps += one.steps
    record.ended[one.ended]++
    record.entriesAfter.push(walker.graph.entryState.length)
    if (one.ended === 'stopped') break
    const pause = options.progress?.(record, one)
    if (pause !== undefined) await pause
  }
  return record
}

/** One run from the root with its seed. */
export function seededRun(
  walker: Walker,
  root: WalkStart,
  options: Pick<RunsOptions, 'costlyMax' | 'strategy'>,
  run: { readonly seed: number; readonly stepsExpected: number; readonly stepsMax: number },
): Promise<WalkRecord> {
  const { strategy, costlyMax } = options
  const plan = { random: seededRandom(run.seed), stepsExpected: run.stepsExpected, costlyMax }
  const chooser: Chooser = withCostlyChoices(strategy)(plan)
  return walk(walker, root, chooser, run.stepsMax)
}

/** Steps of one run without faults: the scale on which strategies place what they do. The same in every search. */
export async function expectedSteps(walker: Walker, root: WalkStart): Promise<number> {
  const plan = { random: seededRandom(0), stepsExpected: PILOT_STEPS_MAX, costlyMax: 0 }
  const { steps } = await walk(walker, root, uniform(plan), PILOT_STEPS_MAX)
  return Math.max(STEPS_EXPECTED_MIN, steps)
}

/** The run that added an entry; undefined: none did, or only the one without faults that all are measured by. */
export function runOfEntry(
  { entriesBefore, entriesAfter }: Pick<RunsRecord, 'entriesBefore' | 'entriesAfter'>,
  entry: number,
): number | undefined {
  if (entry < entriesBefore) return undefined
  let low = 0
  let high = entriesAfter.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((entriesAfter[middle] as number) > entry) high = middle
    else low = middle + 1
  }
  return low < entriesAfter.length ? low : undefined
}

/** The initial state as a start. */
export async function rootOf(walker: Walker): Promise<WalkStart> {
  const state = Int32Array.from(await walker.model.initial())
  return { entry: at(walker.graph.stateEntry, 0), state }
}
