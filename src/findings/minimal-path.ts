/**
 * The shortest path on which a violation is there, among the actions of the one that was found. Each candidate is
 * judged as a replay would judge it, so a shortened path never stands for something else than was found.
 */
import { at } from '#checker/growable.ts'
import type { ClusterModel } from '#cluster/cluster-model.ts'
import { clusterReader } from '#cluster/cluster-reader.ts'
import type { Level } from '#cluster/level.ts'
import { outcomeObjects } from '#cluster/outcome-form.ts'
import { HOLDERS } from '#cluster/tables.ts'
import { nextAction, stuckAction } from '#cluster/user-actions.ts'
import type { Violation } from '#properties/violation.ts'
import type { PathRecord } from '#trace/path.ts'
import { describeEntry, lassoPath } from './finding-path.ts'
import { follow } from './follow.ts'
import { gatherSteps } from './gather.ts'
import { judgePath } from './judge-path.ts'
import { quietFrom, restFrom } from './rest.ts'
import { describeNames, type Goal, indexOfName, plainModel, shortestPath } from './shortest-path.ts'

export interface MinimalPath {
  readonly path: PathRecord
  /** Steps of the path that was found. */
  readonly minimisedFrom: number
}

export async function minimalPath(level: Level, violation: Violation): Promise<MinimalPath> {
  const { place } = violation
  if (place.type === 'nowhere') return { path: { actions: [], steps: [] }, minimisedFrom: 0 }
  if (place.type === 'lasso') return lassoPath(level, place)
  return minimalPathTo(level, violation, place.entry, place.action)
}

/** As `minimalPath`, for the run to some entry: that of the violation, or the one that it is compared with. */
export async function minimalPathTo(
  level: Level,
  violation: Violation,
  entry: number,
  more?: number,
): Promise<MinimalPath> {
  const { record } = await describeEntry(level, entry, { more, audit: true })
  const last = more === undefined ? [] : record.actions.slice(-1)
  const prefix = more === undefined ? record.actions : record.actions.slice(0, -1)
  const minimisedFrom = record.steps.length
  const goal = goalOf(level, violation, entry, last[0])
  if (goal === undefined) return { path: record, minimisedFrom }
  const shortest = await shortestPath(level, prefix, goal)
  const names = [...(await gatherSteps(level, shortest, goal)), ...last]
  const path = names.join() === record.actions.join() ? record : await describeNames(level, names)
  return { path: await withRest(level, violation, path), minimisedFrom }
}

/** What makes a state that of the violation, judged where a path ends (before its last action, when that is given). */
function goalOf(level: Level, violation: Violation, entry: number, last: string | undefined): Goal | undefined {
  const { cluster } = level
  const judged = judge(level, violation, last)
  if (last !== undefined) return async (model, _, names) => indexOfName(model, last) !== undefined && judged(names())
  if (violation.oracle === 'always') {
    const property = cluster.scenario.properties?.find(
      ({ type, name }) => type === 'always' && name === violation.property,
    )
    return property === undefined
      ? undefined
      : ({ world }) => Promise.resolve(!property.holds(clusterReader(cluster, world.state)))
  }
  const rest = level.rests.find(({ state }) => state === at(level.graph.entryState, entry))
  if (rest !== undefined) {
    return async (model, state, names) => {
      if (!mayRest(model) || (await restFrom(model, state)) === undefined) return false
      const objects = outcomeObjects(cluster, model.world.state, cluster.scenario.ignoreInOutcomes ?? [])
      if (JSON.stringify(objects) !== rest.text) return false
      return violation.fork !== undefined || judged(names())
    }
  }
  if (violation.oracle !== 'comes-to-rest') return undefined
  return async (model, state) => {
    if (model.world.state[HOLDERS] !== 0 || (await quietFrom(model, state)) === undefined) return false
    return violation.key.startsWith(`comes-to-rest waits ${stuckAction(model.world)?.prepared.title}`)
  }
}

/** A cheap look before the real one: nothing undelivered or in flight, no user action left, nothing that writes. */
function mayRest({ world, enabled }: ClusterModel): boolean {
  if (world.state[HOLDERS] !== 0 || nextAction(world) !== undefined) return false
  return enabled.actions
    .slice(0, enabled.count)
    .every(({ cost, run }) => cost !== 0 || (run?.changes.length ?? 0) === 0)
}

/** Whether a replay would say that the violation is there at the end of these actions. */
function judge(
  level: Level,
  violation: Violation,
  last: string | undefined,
): (names: readonly string[]) => Promise<boolean> {
  const model = plainModel(level)
  const budget = at(level.graph.entryBudget, 0)
  return async (names) => {
    const actions = last === undefined ? names : [...names, last]
    const followed = await follow(model, budget, actions)
    if (followed.missing !== undefined) return false
    const { oracle, property, key, objects } = violation
    const named = property === undefined ? {} : { property }
    const message = violation.message(followed.record)
    const finding = { oracle, ...named, key, message, objects, path: followed.record }
    return (await judgePath(model, finding, followed, undefined)).again
  }
}

/** Names the requests that would still run and change nothing, where the path ends before they do. */
async function withRest(level: Level, violation: Violation, path: PathRecord): Promise<PathRecord> {
  if (violation.place.type !== 'path' || violation.place.action !== undefined) return path
  if (violation.oracle === 'always') return path
  const model = plainModel(level)
  const { state } = await follow(model, at(level.graph.entryBudget, 0), path.actions)
  const rest = await quietFrom(model, state)
  return rest === undefined || rest.requests.length === 0 ? path : { ...path, idle: rest.requests }
}
