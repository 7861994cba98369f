/** The recorded edges of a search as rows by state, filtered; for liveness and for counting paths. */
import { type BudgetVector, dominates } from './budget.ts'
import { at } from './growable.ts'
import type { SearchGraph } from './search.ts'

export interface StateEdges {
  readonly nodes: number
  readonly offsets: Int32Array
  readonly targets: Int32Array
  /** flags | fairClass << 4. */
  readonly labels: Int32Array
}

export const FLAGS_MASK = 15

export function fairClassOfLabel(label: number): number {
  return label >>> 4
}

/** Edges by source state whose label passes `keep`, between states `within`; those of several expansions of a state together. */
export function stateEdges(
  graph: SearchGraph,
  keep: (label: number) => boolean,
  within: (state: number) => boolean = () => true,
): StateEdges {
  const isKept = (state: number, edge: number): boolean =>
    keep(at(graph.edgeLabel, edge)) && within(state) && within(at(graph.edgeTarget, edge))
  const nodes = graph.visited.size
  const degree = new Int32Array(nodes + 1)
  const expansions = graph.expansionEntry.length
  const edgesEnd = (expansion: number): number => at(graph.expansionEdge, expansion + 1)
  for (let expansion = 0; expansion < expansions; expansion++) {
    const state = at(graph.entryState, at(graph.expansionEntry, expansion))
    for (let edge = at(graph.expansionEdge, expansion); edge < edgesEnd(expansion); edge++) {
      if (isKept(state, edge)) (degree[state] as number)++
    }
  }
  const offsets = new Int32Array(nodes + 1)
  for (let node = 0; node < nodes; node++) offsets[node + 1] = (offsets[node] as number) + (degree[node] as number)
  const targets = new Int32Array(offsets[nodes] as number)
  const labels = new Int32Array(offsets[nodes] as number)
  const fill = offsets.slice()
  for (let expansion = 0; expansion < expansions; expansion++) {
    const state = at(graph.entryState, at(graph.expansionEntry, expansion))
    for (let edge = at(graph.expansionEdge, expansion); edge < edgesEnd(expansion); edge++) {
      if (!isKept(state, edge)) continue
      const place = fill[state] as number
      targets[place] = at(graph.edgeTarget, edge)
      labels[place] = at(graph.edgeLabel, edge)
      fill[state] = place + 1
    }
  }
  return { nodes, offsets, targets, labels }
}

/** The expansions of each state, by the budget they were made with. */
export function expansionsByState(
  graph: SearchGraph,
): Map<number, { readonly expansion: number; readonly budget: BudgetVector }[]> {
  const byState = new Map<number, { expansion: number; budget: BudgetVector }[]>()
  for (let expansion = 0; expansion < graph.expansionEntry.length; expansion++) {
    const entry = at(graph.expansionEntry, expansion)
    const state = at(graph.entryState, entry)
    const made = { expansion, budget: at(graph.entryBudget, entry) }
    const list = byState.get(state)
    if (list === undefined) byState.set(state, [made])
    else list.push(made)
  }
  return byState
}

/** The expansion that shows what can be done in a state with `budget`: the very one, or one that had more. */
export function expansionFor(
  made: readonly { readonly expansion: number; readonly budget: BudgetVector }[] | undefined,
  budget: BudgetVector,
): number {
  const exact = made?.find((candidate) => candidate.budget === budget)
  return (exact ?? made?.find((candidate) => dominates(candidate.budget, budget)))?.expansion ?? -1
}
