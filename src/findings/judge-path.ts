/** Whether a finding is there again at the end of its path. */

import type { ClusterModel } from '#cluster/cluster-model.ts'
import { clusterReader } from '#cluster/cluster-reader.ts'
import { enableNow, type Level } from '#cluster/level.ts'
import { outcomeObjects } from '#cluster/outcome-form.ts'
import { restartWrites } from '#cluster/restart-writes.ts'
import { MONITOR } from '#cluster/tables.ts'
import { nextAction, stuckAction } from '#cluster/user-actions.ts'
import type { ReportFinding } from '#trace/report.ts'
import type { Followed } from './follow.ts'

export interface PathVerdict {
  readonly again: boolean
  /** Why it is not there again. */
  readonly why: string
}

const yes: PathVerdict = { again: true, why: '' }

export async function judgePath(
  model: ClusterModel,
  finding: ReportFinding,
  right: Followed,
  left: Followed | undefined,
): Promise<PathVerdict> {
  if (finding.path.cycleStart !== undefined) return judgeLasso(finding, right)
  switch (finding.oracle) {
    case 'same-outcome':
      return judgeOutcomes(model, right, left)
    case 'rest-is-stable':
      return judgeRest(model, right)
    case 'comes-to-rest':
      return judgeStuck(model, right)
    case 'always':
      return judgeAlways(model, finding, right)
    case 'eventually':
      return judgeEventually(model, finding, right)
    case 'no-error-loop': {
      const last = right.record.steps.at(-1)?.result
      return last?.type === 'error' && finding.message.includes(last.message ?? '')
        ? yes
        : { again: false, why: 'the reconcile does not break any more' }
    }
    default:
      return right.record.actions.length === finding.path.actions.length
        ? yes
        : { again: false, why: 'the path ends early' }
  }
}

function judgeLasso(finding: ReportFinding, { prints, record }: Followed): PathVerdict {
  const start = finding.path.cycleStart ?? 0
  if (prints[start] !== prints.at(-1)) return { again: false, why: 'the steps do not lead round a cycle any more' }
  const cycle = record.steps.slice(start)
  const writes = cycle.some((step) => step.writes.some(({ outcome }) => outcome === 'committed'))
  const fails = cycle.some(({ result }) => result?.type === 'error')
  if (finding.oracle === 'comes-to-rest')
    return writes ? yes : { again: false, why: 'the cycle does not write any more' }
  if (finding.oracle === 'no-error-loop') return fails ? yes : { again: false, why: 'the cycle does not fail any more' }
  return yes
}

async function isQuiet(model: ClusterModel, state: Int32Array): Promise<boolean> {
  await enableNow(model, state, state.length, 0)
  return model.enabled.quiet
}

async function judgeOutcomes(model: ClusterModel, right: Followed, left: Followed | undefined): Promise<PathVerdict> {
  if (left === undefined || left.missing !== undefined)
    return { again: false, why: 'the run that it is compared with cannot be followed any more' }
  for (const run of [left, right]) {
    if (!(await isQuiet(model, run.state)) || nextAction(model.world) !== undefined)
      return { again: false, why: 'one of the runs does not end at rest any more' }
  }
  const { cluster } = model.world
  const form = (run: Followed): string =>
    JSON.stringify(outcomeObjects(cluster, padded(model, run.state), cluster.scenario.ignoreInOutcomes ?? []))
  return form(left) === form(right) ? { again: false, why: 'both runs rest in the same state now' } : yes
}

/** Encoded states are short of their trailing zeros. */
function padded(model: ClusterModel, state: Int32Array): Int32Array {
  const full = new Int32Array(model.world.state.length)
  full.set(state)
  return full
}

async function judgeRest(model: ClusterModel, { state }: Followed): Promise<PathVerdict> {
  if (!(await isQuiet(model, state))) return { again: false, why: 'the path does not end at rest any more' }
  const level = { cluster: model.world.cluster, model } as unknown as Level
  return (await restartWrites(level, state)).length > 0
    ? yes
    : { again: false, why: 'a restart would write nothing now' }
}

async function judgeStuck(model: ClusterModel, { state }: Followed): Promise<PathVerdict> {
  if (!(await isQuiet(model, state))) return { again: false, why: 'the cluster is not quiet here any more' }
  return stuckAction(model.world) === undefined ? { again: false, why: 'the user waits for nothing any more' } : yes
}

function judgeAlways(model: ClusterModel, finding: ReportFinding, { state }: Followed): PathVerdict {
  const { cluster } = model.world
  const property = cluster.scenario.properties?.find(({ type, name }) => type === 'always' && name === finding.property)
  if (property === undefined)
    return { again: false, why: `the scenario has no property "${finding.property}" any more` }
  return property.holds(clusterReader(cluster, padded(model, state)))
    ? { again: false, why: `"${finding.property}" is true here now` }
    : yes
}

/** At rest, and not true in any state of the path. */
async function judgeEventually(model: ClusterModel, finding: ReportFinding, { state }: Followed): Promise<PathVerdict> {
  const { cluster } = model.world
  const property = cluster.scenario.properties?.find(
    ({ type, name }) => type === 'eventually' && name === finding.property,
  )
  if (property === undefined)
    return { again: false, why: `the scenario has no property "${finding.property}" any more` }
  if (!(await isQuiet(model, state))) return { again: false, why: 'the path does not end at rest any more' }
  const seen = (state[MONITOR] ?? 0) !== 0
  return seen || property.holds(clusterReader(cluster, padded(model, state)))
    ? { again: false, why: `"${finding.property}" becomes true now` }
    : yes
}
