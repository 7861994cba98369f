/**
 * Walks on the recorded graph of a search: one action after another instead of all. What a walk meets that is new
 * becomes part of the graph, with its path, so every oracle judges it as it judges what the search met, and a finding
 * on a walk is minimised and replayed like any other.
 *
 * A walk stands on an entry, whose path from the initial state is its own: two paths to one state may spell names
 * differently, so one is never continued with the actions of the other. Entries are added only for a walk that meets
 * something new.
 */
import { type BudgetVector, spend } from '../budget.ts'
import { at, push } from '../growable.ts'
import { type Model, NEEDS_CODE } from '../model.ts'
import { addEntry, type SearchGraph, type SearchOptions } from '../search.ts'
import { entriesOn } from '../state-queue.ts'
import { find, findOrAdd, type VisitedSet, visitedSet } from '../visited-set.ts'
import type { Chooser, Crossroads } from './walk-strategy.ts'

export interface Walker {
  readonly model: Model
  readonly options: Pick<SearchOptions, 'budget' | 'visit' | 'expanded' | 'depthMax' | 'flagged'>
  readonly graph: SearchGraph
  /** By state: whether it was visited, and whether all its edges are recorded. */
  readonly visited: Set<number>
  readonly whole: (state: number) => boolean
  /** Edges added by walks, so that none is added twice. */
  readonly edges: VisitedSet
  /** Entries by parent and action. */
  readonly children: Map<number, number>
}

/** Where a walk begins: an entry of the graph and its encoded state. */
export interface WalkStart {
  readonly entry: number
  readonly state: Int32Array
}

export interface WalkRecord {
  readonly steps: number
  /** `end`: no action was left, or none that the chooser takes. `cut`: a bound of the model, or the longest path. */
  readonly ended: 'end' | 'steps' | 'cut' | 'stopped'
  /** Steps to states that were known when the walk came. */
  readonly known: number
  /** Actions taken, each an index among those enabled with the budget left. */
  readonly actions: readonly number[]
  /** The states met, by number: the start, then one a step. */
  readonly states: readonly number[]
  /** The last state on the walk that nobody had met. */
  readonly newest: WalkStart | undefined
}

/** More actions than this a state does not have. */
const ACTIONS_MAX = 65_536

/** Takes the graph as the search left it; `finishWalks` must be called at the end. */
export function createWalker(model: Model, options: Walker['options'], graph: SearchGraph): Walker {
  // The end mark of the last expansion comes again with `finishWalks`.
  if (graph.expansionEdge.length > graph.expansionEntry.length) graph.expansionEdge.length--
  graph.walked = true
  const children = new Map<number, number>()
  for (let entry = 1; entry < graph.entryParent.length; entry++)
    children.set(at(graph.entryParent, entry) * ACTIONS_MAX + at(graph.entryAction, entry), entry)
  const whole = new Uint8Array(graph.visited.size)
  for (let i = 0; i < graph.expansionEntry.length; i++) whole[at(graph.entryState, at(graph.expansionEntry, i))] = 1
  const waiting = new Set(entriesOn(graph.queue))
  const visited = new Set<number>()
  for (let state = 0; state < graph.visited.size; state++)
    if (!waiting.has(at(graph.stateEntry, state))) visited.add(state)
  return {
    model,
    options,
    graph,
    visited,
    whole: (state) => whole[state] === 1,
    edges: visitedSet(),
    children,
  }
}

export function finishWalks({ graph }: Walker): void {
  push(graph.expansionEdge, graph.edgeTarget.length)
}

/** A step that has no entry yet. */
interface Pending {
  readonly state: number
  readonly budget: BudgetVector
  readonly action: number
}

/** Walks until nothing is enabled, the chooser ends it, or `stepsMax`. */
export async function walk(walker: Walker, start: WalkStart, chooser: Chooser, stepsMax: number): Promise<WalkRecord> {
  const { model, graph, options } = walker
  const pending: Pending[] = []
  let { entry } = start
  let encoded = start.state
  let budget = at(graph.entryBudget, entry)
  let state = at(graph.entryState, entry)
  let depth = at(graph.entryDepth, entry)
  let known = 0
  const actions: number[] = []
  const states: number[] = [state]
  let newest: WalkStart | undefined
  const ended = (how: WalkRecord['ended']): WalkRecord => ({
    steps: actions.length,
    ended: how,
    known,
    actions,
    states,
    newest,
  })

  const settle = (): void => {
    for (const link of pending) entry = childOf(walker, entry, link)
    pending.length = 0
  }

  for (let step = 0; ; step++) {
    const count = await enabledIn(model, encoded, budget)
    if (!walker.visited.has(state)) {
      settle()
      walker.visited.add(state)
      options.expanded?.(entry)
      if (await options.visit?.(state, entry, count)) return ended('stopped')
    }
    if (count === 0) return ended('end')
    if (step >= stepsMax) return ended('steps')
    if (options.depthMax !== undefined && depth >= options.depthMax) return ended('cut')
    const action = await chooser(crossroads(walker, { state: encoded, budget, count, step }))
    if (action === undefined) return ended('end')
    await takeIn(model, encoded, budget, action)
    const { next } = model
    if (next.flagged) {
      settle()
      options.flagged?.(entry, action)
    }
    if (next.cut) {
      graph.cuts.add('lag-max')
      return ended('cut')
    }
    const cost = model.cost(action)
    const seen = graph.visited.size
    const target = findOrAdd(graph.visited, next.high, next.low)
    if (target < seen) known++
    const left = cost === 0 ? budget : spend(budget, cost)
    pending.push({ state: target, budget: left, action })
    encoded = next.state.slice(0, next.length)
    const label = next.flags | (next.fairClass << 4)
    if (target === seen) {
      settle()
      newest = { entry, state: encoded }
    }
    addEdge(walker, state, target, { label, cost })
    state = target
    budget = left
    depth++
    actions.push(action)
    states.push(target)
  }
}

function crossroads(
  walker: Walker,
  place: { readonly state: Int32Array; readonly budget: BudgetVector; readonly count: number; readonly step: number },
): Crossroads {
  const { model, graph } = walker
  return {
    count: place.count,
    step: place.step,
    cost: (action) => model.cost(action),
    agent: (action) => model.agent(action),
    async isNew(action) {
      await takeIn(model, place.state, place.budget, action)
      return !model.next.cut && find(graph.visited, model.next.high, model.next.low) < 0
    },
  }
}

async function enabledIn(model: Model, state: Int32Array, budget: BudgetVector): Promise<number> {
  let count = model.enable(state, state.length, budget)
  while (count === NEEDS_CODE) {
    await model.resolve()
    count = model.enable(state, state.length, budget)
  }
  return count
}

async function takeIn(model: Model, state: Int32Array, budget: BudgetVector, action: number): Promise<void> {
  while (!model.take(action)) {
    await model.resolve()
    await enabledIn(model, state, budget)
  }
}

function childOf({ graph, children }: Walker, parent: number, { state, budget, action }: Pending): number {
  const key = parent * ACTIONS_MAX + action
  const known = children.get(key)
  if (known !== undefined) return known
  const entry = addEntry(graph, state, { budget, parent, action, depth: at(graph.entryDepth, parent) + 1 })
  children.set(key, entry)
  return entry
}

/** Records an edge once; those of states that the search expanded are there. */
function addEdge(
  { graph, edges, whole, options }: Walker,
  source: number,
  target: number,
  { label, cost }: { readonly label: number; readonly cost: BudgetVector },
): void {
  if (whole(source)) return
  const known = edges.size
  if (findOrAdd(edges, Math.imul(source, 0x9e3779b1) ^ label, Math.imul(target, 0x85ebca6b) ^ source) < known) return
  graph.transitions++
  push(graph.expansionEntry, at(graph.stateEntry, source))
  push(graph.expansionEdge, graph.edgeTarget.length)
  push(graph.edgeTarget, target)
  push(graph.edgeLabel, label)
  if (options.budget !== 0) push(graph.edgeCost, cost)
}
