/** The lines of a dump that have the states of a search: each with its transitions both ways, so that one shows its surroundings. */
import type { StateGraph } from '#trace/state-graph.ts'
import type { StoredGraph, StoredState } from './format.ts'

/** Cells of a heat map from left to right: more could not be told apart. */
const COLUMNS_MAX = 24

/** @param firstState number of its first `state` line among those of the dump */
export function storedGraph(graph: StateGraph, report: number, firstState: number): StoredGraph {
  const { level, states, actions, depths, takenBy, rests, paths, stepwise } = graph
  const depthMax = depths.reduce((most, depth) => Math.max(most, depth), 0)
  const depthStep = Math.max(1, Math.ceil((depthMax + 1) / COLUMNS_MAX))
  const taken = actions.map(() => 0)
  for (const action of takenBy) taken[action] = (taken[action] as number) + 1
  return {
    report,
    level,
    states,
    firstState,
    transitions: takenBy.length,
    depthStep,
    actions: actions.map((title, action) => ({ title, taken: taken[action] as number })),
    firstMet: firstMet(graph, Math.ceil((depthMax + 1) / depthStep), depthStep),
    rests: rests.length,
    paths,
    stepwise,
  }
}

/** States by the action that met them first and by their depth. */
function firstMet({ actions, depths, reachedBy }: StateGraph, columns: number, depthStep: number): number[][] {
  const rows = actions.map(() => Array.from({ length: columns }, () => 0))
  for (let state = 0; state < depths.length; state++) {
    const row = rows[reachedBy[state] as number]
    const column = Math.floor((depths[state] as number) / depthStep)
    if (row !== undefined) row[column] = (row[column] as number) + 1
  }
  return rows
}

/** One for each state, in their order. */
export function* storedStates(graph: StateGraph): Generator<StoredState, void> {
  const { states, depths, offsets, targets, takenBy } = graph
  const into = predecessors(graph)
  const rests = new Set(graph.rests)
  const pairs = (from: number, to: number, ends: Int32Array, actions: Int32Array): (readonly [number, number])[] => {
    const list: (readonly [number, number])[] = []
    for (let edge = from; edge < to; edge++) list.push([ends[edge] as number, actions[edge] as number])
    return list
  }
  for (let state = 0; state < states; state++) {
    yield {
      depth: depths[state] as number,
      out: pairs(offsets[state] as number, offsets[state + 1] as number, targets, takenBy),
      in: pairs(into.offsets[state] as number, into.offsets[state + 1] as number, into.sources, into.takenBy),
      ...(rests.has(state) ? { rest: true as const } : {}),
    }
  }
}

function predecessors({ states, offsets, targets, takenBy }: StateGraph): {
  readonly offsets: Int32Array
  readonly sources: Int32Array
  readonly takenBy: Int32Array
} {
  const into = new Int32Array(states + 1)
  for (const target of targets) into[target + 1] = (into[target + 1] as number) + 1
  for (let state = 0; state < states; state++) into[state + 1] = (into[state + 1] as number) + (into[state] as number)
  const fill = into.slice()
  const sources = new Int32Array(targets.length)
  const actions = new Int32Array(targets.length)
  for (let state = 0; state < states; state++) {
    for (let edge = offsets[state] as number; edge < (offsets[state + 1] as number); edge++) {
      const target = targets[edge] as number
      const place = fill[target] as number
      fill[target] = place + 1
      sources[place] = state
      actions[place] = takenBy[edge] as number
    }
  }
  return { offsets: into, sources, takenBy: actions }
}
