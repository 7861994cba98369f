/**
 * The one search loop. Expands every reachable (state, undominated budget vector) once, in the order of the
 * strategy, and records the graph: parents for paths, edges for liveness and for counting paths.
 * Next: `graph.ts` for what is done with the edges, `cluster/cluster.ts` for the model.
 */
import { type BudgetVector, dominates, spend } from './budget.ts'
import { at, type GrowableInt32, growable, push } from './growable.ts'
import { type Model, NEEDS_CODE } from './model.ts'
import { enqueue, type StateQueue, stateQueue, type Taken, takeFirst, takeLast } from './state-queue.ts'
import { findOrAdd, type VisitedSet, visitedSet } from './visited-set.ts'

/** One level of a search: all that is reachable with one budget. */
export interface SearchOptions {
  readonly budget: BudgetVector
  readonly order: 'breadth-first' | 'depth-first'
  /** Longest path, in transitions. */
  readonly depthMax?: number
  readonly statesMax?: number
  /** Asked now and then: a reason to stop, or undefined. */
  readonly stop?: () => string | undefined
  /** Called for each distinct state when it is first expanded, with the model positioned at it. True: stop. */
  readonly visit?: (state: number, entry: number, actions: number) => boolean | Promise<boolean>
  /** Called for each transition that the model has flagged, with the entry and the action that it was taken by. */
  readonly flagged?: (entry: number, action: number) => void
  /** Called for each entry that is expanded, again for each budget of a state, with the model positioned at it. */
  readonly expanded?: (entry: number) => void
  /** What to throw where code of the model failed while this entry was expanded. Default: the error. */
  readonly failed?: (error: unknown, graph: SearchGraph, entry: number) => Promise<unknown>
  /** Called every 64 expansions; may return a promise, to let others run meanwhile. */
  readonly progress?: (graph: SearchGraph) => Promise<void> | undefined
}

/** What a search has recorded. An entry is a (state, budget vector) with its parent link. */
export interface SearchGraph {
  readonly visited: VisitedSet
  readonly entryState: GrowableInt32
  readonly entryBudget: GrowableInt32
  readonly entryParent: GrowableInt32
  /** Index of the action among those enabled in the parent entry's state with the parent's budget. */
  readonly entryAction: GrowableInt32
  readonly entryDepth: GrowableInt32
  /** Edges lie together for each expansion: `expansionEntry[i]` has edges `expansionEdge[i]` to the next one's. */
  readonly expansionEntry: GrowableInt32
  readonly expansionEdge: GrowableInt32
  readonly edgeTarget: GrowableInt32
  /** flags | fairClass << 4. */
  readonly edgeLabel: GrowableInt32
  /** Empty when there is no budget to spend. */
  readonly edgeCost: GrowableInt32
  /** First entry of each state; later ones (other budget vectors) are in `otherEntries`. */
  readonly stateEntry: GrowableInt32
  readonly otherEntries: Map<number, number[]>
  transitions: number
  depthMax: number
  /** Why the search is not exhaustive; empty when it is. */
  readonly cuts: Set<string>
  readonly queue: StateQueue
  /** Walks have added edges of states that were not expanded as a whole: paths cannot be counted. */
  walked: boolean
}

export function statesDistinct(graph: SearchGraph): number {
  return graph.visited.size
}

/** What the action of an edge cost. */
export function edgeCostOf(graph: SearchGraph, edge: number): BudgetVector {
  return graph.edgeCost.length === 0 ? 0 : at(graph.edgeCost, edge)
}

function createGraph(): SearchGraph {
  return {
    visited: visitedSet(),
    entryState: growable(),
    entryBudget: growable(),
    entryParent: growable(),
    entryAction: growable(),
    entryDepth: growable(),
    expansionEntry: growable(),
    expansionEdge: growable(),
    edgeTarget: growable(),
    edgeLabel: growable(),
    edgeCost: growable(),
    stateEntry: growable(),
    otherEntries: new Map(),
    transitions: 0,
    depthMax: 0,
    cuts: new Set(),
    queue: stateQueue(),
    walked: false,
  }
}

/** A graph of the initial state alone, which waits on the queue. */
export async function startGraph(model: Model, budget: BudgetVector): Promise<SearchGraph> {
  const graph = createGraph()
  const initial = await model.initial()
  model.fingerprint(initial, initial.length)
  const first = findOrAdd(graph.visited, model.next.high, model.next.low)
  addEntry(graph, first, { budget, parent: -1, action: -1, depth: 0 })
  enqueue(graph.queue, 0, initial, initial.length)
  return graph
}

/** Searches until nothing is left or a limit is met; `cuts` of the result says which. */
export async function search(model: Model, options: SearchOptions): Promise<SearchGraph> {
  const graph = await startGraph(model, options.budget)
  const taken: Taken = { entry: 0, state: new Int32Array(64), length: 0 }
  const take = options.order === 'depth-first' ? takeLast : takeFirst
  let expansions = 0
  while (graph.queue.count > 0) {
    if ((++expansions & 63) === 0) {
      const pause = options.progress?.(graph)
      if (pause !== undefined) await pause
      const reason = options.stop?.()
      if (reason !== undefined) {
        graph.cuts.add(reason)
        break
      }
    }
    // What is not expanded stays on the queue: walks begin there.
    take(graph.queue, taken)
    try {
      if (await expand(model, options, graph, taken)) break
    } catch (error) {
      throw options.failed === undefined ? error : await options.failed(error, graph, taken.entry)
    }
    if (options.statesMax !== undefined && graph.visited.size >= options.statesMax && graph.queue.count > 0) {
      graph.cuts.add(`states-max ${options.statesMax}`)
      break
    }
  }
  push(graph.expansionEdge, graph.edgeTarget.length)
  return graph
}

/** The number of actions of the state, having run what code that needs. */
async function enabledIn(model: Model, { state, length }: Taken, budget: BudgetVector): Promise<number> {
  for (;;) {
    const count = model.enable(state, length, budget)
    if (count !== NEEDS_CODE) return count
    await model.resolve()
  }
}

/** Expands one entry. True when the visitor asked to stop. */
async function expand(model: Model, options: SearchOptions, graph: SearchGraph, taken: Taken): Promise<boolean> {
  const entry = taken.entry
  const state = at(graph.entryState, entry)
  const budget = at(graph.entryBudget, entry)
  const depth = at(graph.entryDepth, entry)
  const others = graph.otherEntries.get(state)
  const firstEntry = at(graph.stateEntry, state)

  const count = await enabledIn(model, taken, budget)
  options.expanded?.(entry)
  if (entry === firstEntry && options.visit !== undefined) {
    const stop = options.visit(state, entry, count)
    if (stop === true || (stop !== false && (await stop))) return true
  }
  if (options.depthMax !== undefined && depth >= options.depthMax) {
    if (count > 0) graph.cuts.add(`depth-max ${options.depthMax}`)
    return false
  }
  push(graph.expansionEntry, entry)
  push(graph.expansionEdge, graph.edgeTarget.length)
  const next = model.next
  for (let action = 0; action < count; action++) {
    while (!model.take(action)) {
      await model.resolve()
      if ((await enabledIn(model, taken, budget)) === count) continue
      // What the code taught has changed what there is to do. Then the search starts anew; one that does not is cut.
      graph.cuts.add('actions that changed')
      return false
    }
    if (next.flagged) options.flagged?.(entry, action)
    if (next.cut) {
      graph.cuts.add('lag-max')
      continue
    }
    const cost = model.cost(action)
    const needs = model.needs?.(action) ?? cost
    if (others === undefined || !paidBefore(graph, firstEntry, others, entry, needs)) graph.transitions++
    const known = graph.visited.size
    const target = findOrAdd(graph.visited, next.high, next.low)
    const left = cost === 0 ? budget : spend(budget, cost)
    push(graph.edgeTarget, target)
    push(graph.edgeLabel, next.flags | (next.fairClass << 4))
    if (options.budget !== 0) push(graph.edgeCost, cost)
    if (target === known || !isKnown(graph, target, left)) {
      const added = addEntry(graph, target, { budget: left, parent: entry, action, depth: depth + 1 })
      enqueue(graph.queue, added, next.state, next.length)
    }
  }
  return false
}

/** How an entry is reached, and what is left there. */
export interface EntryLink {
  readonly budget: BudgetVector
  readonly parent: number
  readonly action: number
  readonly depth: number
}

export function addEntry(graph: SearchGraph, state: number, { budget, parent, action, depth }: EntryLink): number {
  const entry = push(graph.entryState, state)
  push(graph.entryBudget, budget)
  push(graph.entryParent, parent)
  push(graph.entryAction, action)
  push(graph.entryDepth, depth)
  if (depth > graph.depthMax) graph.depthMax = depth
  if (state === graph.stateEntry.length) push(graph.stateEntry, entry)
  else {
    const others = graph.otherEntries.get(state)
    if (others === undefined) graph.otherEntries.set(state, [entry])
    else others.push(entry)
  }
  return entry
}

/** Whether some entry of `state` has a budget that dominates `left`. */
function isKnown(graph: SearchGraph, state: number, left: BudgetVector): boolean {
  if (dominates(at(graph.entryBudget, at(graph.stateEntry, state)), left)) return true
  const others = graph.otherEntries.get(state)
  if (others !== undefined) for (const other of others) if (dominates(at(graph.entryBudget, other), left)) return true
  return false
}

/** Whether an entry of this state that was made before `entry` had as much left as `cost`: then the transition was counted there. */
function paidBefore(
  graph: SearchGraph,
  first: number,
  others: readonly number[],
  entry: number,
  cost: BudgetVector,
): boolean {
  if (first < entry && dominates(at(graph.entryBudget, first), cost)) return true
  for (const other of others) if (other < entry && dominates(at(graph.entryBudget, other), cost)) return true
  return false
}

/** The actions from the initial state to an entry, each with the budget of the entry it was taken in. */
export function pathTo(
  graph: SearchGraph,
  entry: number,
): { readonly action: number; readonly budget: BudgetVector }[] {
  const path = []
  for (let at_ = entry; at(graph.entryParent, at_) !== -1; at_ = at(graph.entryParent, at_)) {
    path.push({ action: at(graph.entryAction, at_), budget: at(graph.entryBudget, at(graph.entryParent, at_)) })
  }
  return path.reverse()
}
