/** The states that an explorer hands out: those at rest, and those where the depth ended the search. */
import type { KubernetesObject } from '#api/object.ts'
import { at } from '#checker/growable.ts'
import { countPaths } from '#checker/path-count.ts'
import { pathStart } from '#cluster/describe.ts'
import { nameOf } from '#cluster/describe-calls.ts'
import { stateOf } from '#cluster/entry-state.ts'
import type { Level } from '#cluster/level.ts'
import type { Cluster, Slot } from '#cluster/tables.ts'
import { versionOf } from '#cluster/versions.ts'
import { withRevision } from '#cluster/with-revision.ts'
import { type LevelOutcome, outcomesOf } from '#properties/outcomes.ts'
import { type PathFinder, type Paths, pathFinder } from './paths.ts'

/** A state of the cluster, or several that differ only in what outcomes forget (uids, times, resourceVersions). */
export interface ExploredState {
  /** What is stored, by kind, namespace and name; without the namespaces that are there only to hold it. Frozen. */
  readonly objects: readonly KubernetesObject[]
  /** All paths that lead here, shortest first, made as they are asked for; endlessly many on cycles. */
  readonly paths: Paths
  /** Their number, exact: a bigint beyond 2^53, Infinity on cycles; undefined when the graph is too large to count in. */
  readonly pathCount: number | bigint | undefined
  /** Which views were stuck on the way (`withKindBounds`), a sentence each; empty where none was. */
  readonly views: readonly string[]
}

export interface ExploredStates {
  readonly convergedStates: readonly ExploredState[]
  readonly abortedStates: readonly ExploredState[]
}

/** Places of a level, as states of the search; `entry` is how the search got there. */
interface Place {
  readonly states: readonly number[]
  readonly entry: number
}

export async function exploredStates(level: Level, views: readonly string[]): Promise<ExploredStates> {
  const converged = outcomesOf(level).map(({ rests, entry }: LevelOutcome) => ({
    states: rests.map(({ state }) => state),
    entry,
  }))
  const aborted = abortedPlaces(level)
  const counts = countPaths(level.graph, new Set([...converged, ...aborted].flatMap(({ states }) => states)))
  const finder = pathFinder(level, await pathStart(level.model))
  const describe = async (places: readonly Place[]): Promise<readonly ExploredState[]> => {
    const states: ExploredState[] = []
    for (const place of places) states.push({ ...(await exploredState(level, place, counts, finder)), views })
    return states
  }
  return { convergedStates: await describe(converged), abortedStates: await describe(aborted) }
}

async function exploredState(
  level: Level,
  { states, entry }: Place,
  counts: ReturnType<typeof countPaths>,
  finder: PathFinder,
): Promise<Omit<ExploredState, 'views'>> {
  return {
    objects: storedObjects(level.cluster, await stateOf(level, entry)),
    paths: finder.to(new Set(states), entry),
    pathCount: pathCount(states, counts),
  }
}

function pathCount(states: readonly number[], counts: ReturnType<typeof countPaths>): number | bigint | undefined {
  if (counts === undefined) return undefined
  let sum = 0n
  for (const state of states) {
    const count = counts.get(state) ?? 0n
    if (count === 'infinite') return Number.POSITIVE_INFINITY
    sum += count
  }
  return sum <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(sum) : sum
}

/** States as deep as the search may go that have steps left to take. */
function abortedPlaces(level: Level): readonly Place[] {
  const { graph, options } = level
  const { depthMax } = options
  if (depthMax === undefined || !graph.cuts.has(`depth-max ${depthMax}`)) return []
  const ended = new Set([...level.rests, ...level.stuck].map(({ entry }) => at(graph.entryState, entry)))
  const places = new Map<number, Place>()
  for (let entry = 0; entry < graph.entryDepth.length; entry++) {
    const state = at(graph.entryState, entry)
    if (at(graph.entryDepth, entry) < depthMax || ended.has(state) || places.has(state)) continue
    places.set(state, { states: [state], entry })
  }
  return [...places.values()]
}

/** `Kind namespace/name` of what is stored in a state, as `storedObjects` has it. */
export function storedNames(cluster: Cluster, state: Int32Array): readonly string[] {
  return storedSlots(cluster, state).map(nameOf)
}

function storedObjects(cluster: Cluster, state: Int32Array): readonly KubernetesObject[] {
  return storedSlots(cluster, state).map(({ part }) =>
    withRevision(versionOf(cluster.versions, state[part] as number).body, state[part + 1] as number),
  )
}

function storedSlots(cluster: Cluster, state: Int32Array): readonly Slot[] {
  const given = new Set((cluster.scenario.objects ?? []).filter(isNamespace).map(({ metadata }) => metadata.name))
  const untouched = new Set(cluster.initial.map(({ slot, version }) => `${slot.id} ${version}`))
  const isImplied = (slot: Slot): boolean =>
    slot.kind.resource.key === '/namespaces' && !given.has(slot.name) && untouched.has(`${slot.id} ${state[slot.part]}`)
  const stored = cluster.slots.filter((slot) => (state[slot.part] ?? 0) !== 0 && !isImplied(slot))
  return stored.sort((left, right) => (nameOf(left) < nameOf(right) ? -1 : 1))
}

function isNamespace(object: unknown): object is KubernetesObject {
  return (object as KubernetesObject).kind === 'Namespace'
}
