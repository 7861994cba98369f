/** Whether a finding is there again at the end of its path. */

import type { ClusterModel } from '#cluster/cluster-model.ts'
import { clusterReader } from '#cluster/cluster-reader.ts'
import { freshStart } from '#cluster/fresh-start.ts'
import { leftoversIn } from '#cluster/leftovers.ts'
import type { Level } from '#cluster/level.ts'
import { outcomeObjects } from '#cluster/outcome-form.ts'
import { restartWrites } from '#cluster/restart-writes.ts'
import { MONITOR } from '#cluster/tables.ts'
import type { TransitionJudge } from '#cluster/transition-judge.ts'
import { stuckAction } from '#cluster/user-actions.ts'
import { isWanted } from '#cluster/wanted.ts'
import { differencesFromFresh, HISTORY_ORACLE } from '#properties/history-independent.ts'
import { DEAD_OWNER_ORACLE } from '#properties/no-create-for-dead-owner.ts'
import { isSuspect, objectOf } from '#properties/no-leak.ts'
import { judgeOf } from '#properties/oracles.ts'
import { isOpen, promisesOf } from '#properties/promises.ts'
import type { ReportFinding } from '#trace/report.ts'
import type { Followed } from './follow.ts'
import { isFlagged, isSameKind } from './judge-transition.ts'
import { quietFrom, restFrom } from './rest.ts'

export interface PathVerdict {
  readonly again: boolean
  /** Why it is not there again. */
  readonly why: string
}

const yes: PathVerdict = { again: true, why: '' }

/** What of a finding it takes to judge it. */
export type JudgedFinding = Pick<ReportFinding, 'oracle' | 'property' | 'key' | 'message' | 'objects' | 'path'>

export async function judgePath(
  model: ClusterModel,
  finding: JudgedFinding,
  right: Followed,
  left: Followed | undefined,
): Promise<PathVerdict> {
  if (finding.path.cycleStart !== undefined) return judgeLasso(model, finding, right)
  switch (finding.oracle) {
    case 'same-outcome':
      return judgeOutcomes(model, right, left)
    case HISTORY_ORACLE:
      return judgeHistory(model, right)
    case 'rest-is-stable':
      return judgeRest(model, right)
    case 'no-leak':
      return judgeLeak(model, finding, right)
    case DEAD_OWNER_ORACLE:
      return judgeDeadOwner(model, finding, right)
    case 'comes-to-rest':
      return judgeStuck(model, right)
    case 'always':
      return judgeAlways(model, finding, right)
    case 'eventually':
    case 'leadsTo':
      return judgePromise(model, finding, right)
    case 'no-error-loop': {
      const last = right.record.steps.at(-1)?.result
      return last?.type === 'error' && finding.message.includes(last.message ?? '')
        ? yes
        : { again: false, why: 'the reconcile does not break any more' }
    }
    default: {
      const judge = judgeOf(finding.oracle)
      if (judge !== undefined) return judgeTransition(model, judge, finding, right)
      return right.record.actions.length === finding.path.actions.length
        ? yes
        : { again: false, why: 'the path ends early' }
    }
  }
}

async function judgeTransition(
  model: ClusterModel,
  judge: TransitionJudge,
  finding: JudgedFinding,
  followed: Followed,
): Promise<PathVerdict> {
  return (await isFlagged(model, judge, finding, followed))
    ? yes
    : { again: false, why: 'nothing is wrong with the last step any more' }
}

function judgeLasso(model: ClusterModel, finding: JudgedFinding, followed: Followed): PathVerdict {
  const { prints, record, state } = followed
  const start = finding.path.cycleStart ?? 0
  if (prints[start] !== prints.at(-1)) return { again: false, why: 'the steps do not lead round a cycle any more' }
  const cycle = record.steps.slice(start)
  const writes = cycle.some((step) => step.writes.some(({ outcome }) => outcome === 'committed'))
  const fails = cycle.some(({ result }) => result?.type === 'error')
  if (finding.oracle === 'comes-to-rest')
    return writes ? yes : { again: false, why: 'the cycle does not write any more' }
  if (finding.oracle === 'no-error-loop') return fails ? yes : { again: false, why: 'the cycle does not fail any more' }
  return isPromiseOpen(model, finding, state) === false
    ? { again: false, why: `"${finding.property}" becomes true now` }
    : yes
}

async function judgeOutcomes(model: ClusterModel, right: Followed, left: Followed | undefined): Promise<PathVerdict> {
  if (left === undefined || left.missing !== undefined)
    return { again: false, why: 'the run that it is compared with cannot be followed any more' }
  for (const run of [left, right]) {
    if ((await restFrom(model, run.state)) === undefined)
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

/** The path may end where nothing is left to do but what changes no object. */
async function judgeHistory(model: ClusterModel, { state }: Followed): Promise<PathVerdict> {
  if ((await restFrom(model, state)) === undefined)
    return { again: false, why: 'the path does not end at rest any more' }
  const { cluster, rules } = model.world
  const objects = outcomeObjects(cluster, padded(model, state), cluster.scenario.ignoreInOutcomes ?? [])
  const differences = differencesFromFresh(cluster.scenario, await freshStart(cluster, rules), objects)
  return differences.length > 0
    ? yes
    : { again: false, why: 'a start from the final spec alone reaches the same state now' }
}

async function judgeRest(model: ClusterModel, { state }: Followed): Promise<PathVerdict> {
  const rest = await restFrom(model, state)
  if (rest === undefined) return { again: false, why: 'the path does not end at rest any more' }
  const level = { cluster: model.world.cluster, model } as unknown as Level
  return (await restartWrites(level, rest.state)).length > 0
    ? yes
    : { again: false, why: 'a restart would write nothing now' }
}

async function judgeLeak(model: ClusterModel, { objects }: JudgedFinding, { state }: Followed): Promise<PathVerdict> {
  const rest = await restFrom(model, state)
  if (rest === undefined) return { again: false, why: 'the path does not end at rest any more' }
  const { cluster } = model.world
  const suspects = leftoversIn(cluster, padded(model, rest.state)).filter(
    (leftover) => isSameKind(objectOf(leftover), objects) && isSuspect(cluster, leftover),
  )
  for (const leftover of suspects) if (!(await isWanted({ cluster, model }, rest.state, leftover))) return yes
  return { again: false, why: `${objects.join(' and ')} is not left any more` }
}

/** Created by what the reconcile knew, or left at rest. */
async function judgeDeadOwner(model: ClusterModel, finding: JudgedFinding, right: Followed): Promise<PathVerdict> {
  const judge = judgeOf(finding.oracle)
  if (judge !== undefined && (await isFlagged(model, judge, finding, right))) return yes
  const rest = await restFrom(model, right.state)
  const left = rest === undefined ? [] : leftoversIn(model.world.cluster, padded(model, rest.state))
  const isThere = left.some(
    (leftover) => leftover.type === 'object' && leftover.maker.late && isSameKind(objectOf(leftover), finding.objects),
  )
  return isThere ? yes : { again: false, why: 'nothing is created for a dead owner any more' }
}

async function judgeStuck(model: ClusterModel, { state }: Followed): Promise<PathVerdict> {
  const rest = await quietFrom(model, state)
  if (rest === undefined) return { again: false, why: 'the cluster is not quiet here any more' }
  return stuckAction(model.world) === undefined ? { again: false, why: 'the user waits for nothing any more' } : yes
}

function judgeAlways(model: ClusterModel, finding: JudgedFinding, { state }: Followed): PathVerdict {
  const { cluster } = model.world
  const property = cluster.scenario.properties?.find(({ type, name }) => type === 'always' && name === finding.property)
  if (property === undefined)
    return { again: false, why: `the scenario has no property "${finding.property}" any more` }
  return property.holds(clusterReader(cluster, padded(model, state)))
    ? { again: false, why: `"${finding.property}" is true here now` }
    : yes
}

/** At rest, with a promise open: the model has the monitor that remembers. */
async function judgePromise(model: ClusterModel, finding: JudgedFinding, { state }: Followed): Promise<PathVerdict> {
  const isBroken = isPromiseOpen(model, finding, state)
  if (isBroken === undefined)
    return { again: false, why: `the scenario has no property "${finding.property}" any more` }
  if ((await restFrom(model, state)) === undefined)
    return { again: false, why: 'the path does not end at rest any more' }
  return isBroken ? yes : { again: false, why: `"${finding.property}" becomes true now` }
}

/** Whether a promise of the user is open in a state; undefined: there is no such property. */
function isPromiseOpen(
  { world }: ClusterModel,
  { oracle, property }: JudgedFinding,
  state: Int32Array,
): boolean | undefined {
  const promises = promisesOf(world.cluster.scenario.properties)
  const index = promises.findIndex(({ type, name }) => type === oracle && name === property)
  const promise = promises[index]
  return promise === undefined ? undefined : isOpen(promise, index, state[MONITOR] ?? 0)
}
