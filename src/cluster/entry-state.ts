/**
 * The state of an entry, computed along its path. What a finished search is asked (which classes are enabled all along
 * a cycle, whether an object left over is wanted) goes from one entry to the next, whose paths share their beginnings:
 * states on the way are kept, so that a deep search is not walked from its beginning for each.
 */
import { at } from '#checker/growable.ts'
import type { SearchGraph } from '#checker/search.ts'
import { classesIn, enableNow, type Level, takeNow } from './level.ts'

/** One state in so many on a path is kept. */
const EVERY = 8

/** States kept for a graph; then the one kept first goes. */
const KEPT_MAX = 4096

const kept = new WeakMap<SearchGraph, Map<number, Int32Array>>()

/** The encoded state of an entry. Not to be written to. */
export async function stateOf(level: Level, entry: number): Promise<Int32Array> {
  const { model, graph } = level
  const known = keptOf(graph)
  const path: number[] = []
  let from = entry
  while (!known.has(from) && at(graph.entryParent, from) !== -1) {
    path.push(from)
    from = at(graph.entryParent, from)
  }
  let state = known.get(from) ?? Int32Array.from(await model.initial())
  for (const next of path.reverse()) {
    const budget = at(graph.entryBudget, at(graph.entryParent, next))
    await enableNow(model, state, state.length, budget)
    state = await takeNow(model, state, budget, at(graph.entryAction, next))
    if (next === entry || at(graph.entryDepth, next) % EVERY === 0) keep(known, next, state)
  }
  return state
}

function keptOf(graph: SearchGraph): Map<number, Int32Array> {
  let states = kept.get(graph)
  if (states === undefined) {
    states = new Map()
    kept.set(graph, states)
  }
  return states
}

function keep(states: Map<number, Int32Array>, entry: number, state: Int32Array): void {
  states.set(entry, state)
  if (states.size <= KEPT_MAX) return
  const first = states.keys().next().value
  if (first !== undefined) states.delete(first)
}

/** The fairness classes enabled in a state, whatever the reductions leave out. */
export async function enabledClasses(level: Level, state: number): Promise<ReadonlySet<number>> {
  return classesIn(level.model, await stateOf(level, at(level.graph.stateEntry, state)))
}
