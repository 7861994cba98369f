/**
 * How many paths lead to each state: sequences of actions from the initial state, within the budget. Exact, by
 * dynamic programming over the graph of (state, remaining budget); infinite where a cycle lies on the way.
 */
import { dominates, spend } from './budget.ts'
import { components } from './components.ts'
import { at } from './growable.ts'
import { expansionFor, expansionsByState } from './recorded-graph.ts'
import { edgeCostOf, type SearchGraph, statesDistinct } from './search.ts'

export type PathCount = bigint | 'infinite'

/** Beyond this many (state, budget) nodes paths are not counted. */
const PATH_COUNT_NODES_MAX = 300_000

/** Paths to each state in `wanted`; undefined when the graph is too large to count, or was walked. */
export function countPaths(graph: SearchGraph, wanted: ReadonlySet<number>): Map<number, PathCount> | undefined {
  const product = productGraph(graph)
  if (product === undefined) return undefined
  const { nodes, offsets, targets, states } = product
  const { of, count } = components(product)
  const size = new Int32Array(count)
  for (let node = 0; node < nodes; node++) (size[of[node] as number] as number)++
  const cyclic = new Uint8Array(count)
  for (let component = 0; component < count; component++) if ((size[component] as number) > 1) cyclic[component] = 1
  for (let node = 0; node < nodes; node++) {
    for (let edge = offsets[node] as number; edge < (offsets[node + 1] as number); edge++) {
      if (targets[edge] === node) cyclic[of[node] as number] = 1
    }
  }
  const order = Array.from({ length: nodes }, (_, node) => node).sort((a, b) => (of[b] as number) - (of[a] as number))
  const ways = new Array<bigint>(nodes).fill(0n)
  const infinite = new Uint8Array(nodes)
  ways[0] = 1n
  for (const node of order) {
    if (ways[node] === 0n && infinite[node] === 0) continue
    if (cyclic[of[node] as number] === 1) infinite[node] = 1
    for (let edge = offsets[node] as number; edge < (offsets[node + 1] as number); edge++) {
      const target = targets[edge] as number
      if (infinite[node] === 1) markInfinite(product, infinite, target)
      else if (target !== node) ways[target] = (ways[target] as bigint) + (ways[node] as bigint)
    }
  }
  const result = new Map<number, PathCount>()
  for (let node = 0; node < nodes; node++) {
    const state = states[node] as number
    if (!wanted.has(state)) continue
    const known = result.get(state) ?? 0n
    result.set(state, infinite[node] === 1 || known === 'infinite' ? 'infinite' : known + (ways[node] as bigint))
  }
  return result
}

function markInfinite(
  product: { readonly offsets: Int32Array; readonly targets: Int32Array },
  infinite: Uint8Array,
  start: number,
): void {
  const stack = [start]
  while (stack.length > 0) {
    const node = stack.pop() as number
    if (infinite[node] === 1) continue
    infinite[node] = 1
    for (let edge = product.offsets[node] as number; edge < (product.offsets[node + 1] as number); edge++) {
      stack.push(product.targets[edge] as number)
    }
  }
}

/** The recorded graph with the remaining budget in its nodes; node 0 is the initial one. Row by row, as edges are numbered in `graph`. */
export interface ProductGraph {
  readonly nodes: number
  readonly offsets: Int32Array
  readonly targets: Int32Array
  /** Number of each edge in the recorded graph. */
  readonly edges: Int32Array
  /** State of each node. */
  readonly states: readonly number[]
}

/** Undefined when there are more than `PATH_COUNT_NODES_MAX` nodes, or walks have left states expanded in part. */
export function productGraph(graph: SearchGraph): ProductGraph | undefined {
  // Each state is at least one node.
  if (graph.walked || statesDistinct(graph) > PATH_COUNT_NODES_MAX) return undefined
  const expansions = expansionsByState(graph)
  const numbers = new Map<number, number>()
  const states: number[] = []
  const budgets: number[] = []
  const offsets: number[] = []
  const targets: number[] = []
  const edges: number[] = []
  const nodeOf = (state: number, budget: number): number => {
    const key = state * 4294967296 + (budget >>> 0)
    let node = numbers.get(key)
    if (node === undefined) {
      node = states.length
      numbers.set(key, node)
      states.push(state)
      budgets.push(budget)
    }
    return node
  }
  nodeOf(0, at(graph.entryBudget, 0))
  for (let node = 0; node < states.length; node++) {
    if (states.length > PATH_COUNT_NODES_MAX) return undefined
    offsets.push(targets.length)
    const budget = budgets[node] as number
    const expansion = expansionFor(expansions.get(states[node] as number), budget)
    if (expansion < 0) continue
    for (let edge = at(graph.expansionEdge, expansion); edge < at(graph.expansionEdge, expansion + 1); edge++) {
      const cost = edgeCostOf(graph, edge)
      if (!dominates(budget, cost)) continue
      targets.push(nodeOf(at(graph.edgeTarget, edge), spend(budget, cost)))
      edges.push(edge)
    }
  }
  offsets.push(targets.length)
  return {
    nodes: states.length,
    offsets: Int32Array.from(offsets),
    targets: Int32Array.from(targets),
    edges: Int32Array.from(edges),
    states,
  }
}
