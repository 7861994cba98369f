/** One run of a simulation as a trace: the run of a seed is made again, then told step by step. */
import { createClusterModel } from '#cluster/cluster-model.ts'
import { tracePath } from '#cluster/trace-path.ts'
import { type SimulatedTraceHeader, TRACE_FORMAT_VERSION, type TraceEvent } from '#trace/trace-event.ts'
import { type Exploration, runLevel } from './exploration.ts'
import { type RunsTold, searchLimits } from './search-limits.ts'

/** @param seed of the run */
export async function traceRun(
  exploration: Exploration,
  seed: number,
  told: RunsTold,
): Promise<{ readonly header: SimulatedTraceHeader; readonly events: readonly TraceEvent[] }> {
  const { scenario, cluster, levels } = exploration
  // The run is short, and was interrupted once already if at all.
  const options = { ...exploration.options, signal: undefined, onProgress: undefined, timeLimitMs: undefined }
  const last = levels.at(-1)
  if (last === undefined) throw new Error('a run is traced after a level was run')
  const { rules, options: searched } = last.level
  let actions: readonly number[] = []
  const runs: RunsTold = {
    ...told,
    seed,
    runsMax: 1,
    onRun: (_, run) => {
      actions = run.actions
    },
  }
  const limits = { ...searchLimits(options, 'trace', () => 0), runs }
  await runLevel(
    { ...exploration, options: { ...options, stopAtFirst: false, onState: undefined } },
    rules,
    last.faults,
    limits,
  )
  const model = createClusterModel(cluster, rules)
  const { events, actions: names } = await tracePath(model, searched.budget, (step) => actions[step])
  const { strategy } = options
  const { granularity, profile } = rules
  const header: SimulatedTraceHeader = {
    type: 'trace',
    formatVersion: TRACE_FORMAT_VERSION,
    source: 'simulator',
    scenario: scenario.name,
    profile,
    granularity,
    strategy,
    seed,
    options: optionsOf(options, last.faults),
    actions: names,
  }
  return { header, events }
}

/** What decides which actions there are; `faults` is the level's. */
function optionsOf(options: Exploration['options'], faults: number): Readonly<Record<string, unknown>> {
  const { stale, crash, apiError, relist, handover, slow, environment } = options
  const { lagMax, timeMaxMs, queue, shuffleLists, seed } = options
  const budgets = { faults, stale, crash, apiError, relist, handover, slow, environment }
  return { ...budgets, lagMax, timeMaxMs, queue, shuffleLists, seed }
}
