/**
 * Fair cycles in the recorded graph. A component is a cycle that the system may follow for ever when it is weakly
 * fair: every class of actions that is enabled in all its states is taken in it. Faults, user actions and the
 * environment are never on a cycle (budgets are no part of a state's identity, so they could close false ones).
 * What is reported is a real lasso: a path to the cycle, and a shortest closed walk through what makes it fair.
 */
import { components } from './components.ts'
import { at } from './growable.ts'
import { UNFAIR } from './model.ts'
import { FLAGS_MASK, fairClassOfLabel, type StateEdges, stateEdges } from './recorded-graph.ts'
import type { SearchGraph } from './search.ts'

export interface FairCycle {
  /** Nearest state of the component to the initial one. */
  readonly state: number
  /** States of the closed walk, beginning and ending with `state`, with the label of each edge. */
  readonly walk: readonly { readonly target: number; readonly label: number }[]
}

export interface CycleQuery {
  /** Which edges exist. */
  readonly keep: (flags: number) => boolean
  /** Which states a cycle may go through; all of them when it is not given. */
  readonly within?: (state: number) => boolean
  /** Which edge makes a cycle a violation. */
  readonly marked: (flags: number) => boolean
  /** The fairness classes enabled in a state, reductions apart. */
  readonly enabledClasses: (state: number) => Promise<ReadonlySet<number>>
}

/** One fair cycle for each component that has a marked edge; components in order of their nearest state. */
export async function fairCycles(graph: SearchGraph, asked: CycleQuery): Promise<readonly FairCycle[]> {
  const query = { ...asked, enabledClasses: remembered(asked.enabledClasses) }
  const edges = stateEdges(graph, (label) => query.keep(label & FLAGS_MASK), query.within)
  const { of } = components(edges)
  const marked = new Map<number, number[]>()
  for (let node = 0; node < edges.nodes; node++) {
    for (let edge = edges.offsets[node] as number; edge < (edges.offsets[node + 1] as number); edge++) {
      if (of[edges.targets[edge] as number] !== of[node] || !query.marked((edges.labels[edge] as number) & FLAGS_MASK))
        continue
      const component = of[node] as number
      if (!marked.has(component)) marked.set(component, [])
    }
  }
  if (marked.size === 0) return []
  for (let node = 0; node < edges.nodes; node++) marked.get(of[node] as number)?.push(node)
  const cycles: FairCycle[] = []
  const recorded = stateEdges(graph, (label) => (label & FLAGS_MASK & UNFAIR) === 0)
  for (const members of marked.values()) {
    if (isStarved(recorded, edges, of, members)) continue
    const cycle = await fairCycleIn(graph, edges, of, members, query)
    if (cycle !== undefined) cycles.push(cycle)
  }
  const depth = (state: number): number => at(graph.entryDepth, at(graph.stateEntry, state))
  return cycles.sort((a, b) => depth(a.state) - depth(b.state) || a.state - b.state)
}

/**
 * Whether some class has a recorded edge in every state of a component and none inside it: then it is enabled all along
 * and never taken, and no cycle there is fair. Recorded edges are fewer than what is enabled (reductions leave some
 * out), so this finds only a part of what is not fair; but it asks for no state.
 */
function isStarved(recorded: StateEdges, edges: StateEdges, of: Int32Array, members: readonly number[]): boolean {
  const component = of[members[0] as number] as number
  let starving: Set<number> | undefined
  for (const node of members) {
    const enabled = new Set<number>()
    for (let edge = recorded.offsets[node] as number; edge < (recorded.offsets[node + 1] as number); edge++)
      enabled.add(fairClassOfLabel(recorded.labels[edge] as number))
    starving = starving === undefined ? enabled : new Set([...starving].filter((each) => enabled.has(each)))
    if (starving.size === 0) return false
  }
  if (starving === undefined) return false
  for (const node of members)
    eachEdge(edges, of, component, node, (_, label) => starving.delete(fairClassOfLabel(label)))
  return starving.size > 0
}

/** Classes are asked for again and again while a walk is made fair, and each answer may take a path to the state. */
function remembered(enabledClasses: CycleQuery['enabledClasses']): CycleQuery['enabledClasses'] {
  const known = new Map<number, ReadonlySet<number>>()
  return async (state) => {
    const classes = known.get(state) ?? (await enabledClasses(state))
    known.set(state, classes)
    return classes
  }
}

async function fairCycleIn(
  graph: SearchGraph,
  edges: StateEdges,
  of: Int32Array,
  members: readonly number[],
  query: CycleQuery,
): Promise<FairCycle | undefined> {
  const component = of[members[0] as number] as number
  const taken = new Set<number>()
  for (const node of members) {
    eachEdge(edges, of, component, node, (_, label) => taken.add(fairClassOfLabel(label)))
  }
  // Classes that are enabled and never taken in the component, with the states seen where each is enabled.
  let starving: Set<number> | undefined
  const released = new Map<number, number>()
  for (const node of members) {
    const enabled = await query.enabledClasses(node)
    if (starving === undefined) {
      starving = new Set([...enabled].filter((fairClass) => !taken.has(fairClass)))
    } else {
      for (const fairClass of starving) {
        if (enabled.has(fairClass)) continue
        starving.delete(fairClass)
        released.set(fairClass, node)
      }
    }
    if (starving.size === 0) break
  }
  if (starving === undefined || starving.size > 0) return undefined
  const depth = (state: number): number => at(graph.entryDepth, at(graph.stateEntry, state))
  const start = members.reduce((best, node) => (depth(node) < depth(best) ? node : best))
  // A class that is not enabled in the first member is released there.
  const witnessOf = (fairClass: number): number | undefined =>
    taken.has(fairClass) ? undefined : (released.get(fairClass) ?? members[0])
  const walk = await closedWalk({ edges, of, component }, start, query, witnessOf)
  return { state: start, walk }
}

function eachEdge(
  edges: StateEdges,
  of: Int32Array,
  component: number,
  node: number,
  visit: (target: number, label: number) => void,
): void {
  for (let edge = edges.offsets[node] as number; edge < (edges.offsets[node + 1] as number); edge++) {
    const target = edges.targets[edge] as number
    if (of[target] === component) visit(target, edges.labels[edge] as number)
  }
}

type Hop = { readonly target: number; readonly label: number }

interface Inside {
  readonly edges: StateEdges
  readonly of: Int32Array
  readonly component: number
}

/** A closed walk from `start` that takes a marked edge and is fair: each class enabled all along it is taken on it. */
async function closedWalk(
  inside: Inside,
  start: number,
  query: CycleQuery,
  witnessOf: (fairClass: number) => number | undefined,
): Promise<readonly Hop[]> {
  const walk: Hop[] = []
  const end = (): number => walk[walk.length - 1]?.target ?? start
  const go = (goal: (node: number, hop: Hop) => boolean): boolean => {
    const hops = shortest(inside, end(), goal)
    walk.push(...hops)
    return hops.length > 0
  }
  go((_, hop) => query.marked(hop.label & FLAGS_MASK))
  for (;;) {
    const closed = end() === start ? [...walk] : [...walk, ...shortest(inside, end(), (node) => node === start)]
    const unfair = await unfairClass(start, closed, query)
    if (unfair === undefined) return closed
    const witness = witnessOf(unfair)
    const moved = go(
      witness === undefined ? (_, hop) => fairClassOfLabel(hop.label) === unfair : (node) => node === witness,
    )
    if (!moved) return closed
  }
}

/** A class that is enabled in every state of a closed walk and never taken on it. */
async function unfairClass(start: number, walk: readonly Hop[], query: CycleQuery): Promise<number | undefined> {
  let always = new Set(await query.enabledClasses(start))
  for (const { target } of walk) {
    if (always.size === 0) return undefined
    const enabled = await query.enabledClasses(target)
    always = new Set([...always].filter((fairClass) => enabled.has(fairClass)))
  }
  for (const { label } of walk) always.delete(fairClassOfLabel(label))
  return always.values().next().value
}

/** The shortest way inside a component to a hop that meets `goal`; empty when there is none. */
function shortest(
  { edges, of, component }: Inside,
  start: number,
  goal: (node: number, hop: Hop) => boolean,
): readonly Hop[] {
  const from = new Map<number, { readonly node: number; readonly hop: Hop }>()
  const queue = [start]
  const seen = new Set(queue)
  for (let head = 0; head < queue.length; head++) {
    const node = queue[head] as number
    let found: Hop | undefined
    eachEdge(edges, of, component, node, (target, label) => {
      const hop = { target, label }
      if (found === undefined && goal(target, hop)) found = hop
      if (found !== undefined || seen.has(target)) return
      seen.add(target)
      from.set(target, { node, hop })
      queue.push(target)
    })
    if (found === undefined) continue
    const path: Hop[] = [found]
    for (let back = node; back !== start; ) {
      const step = from.get(back)
      if (step === undefined) break
      path.push(step.hop)
      back = step.node
    }
    return path.reverse()
  }
  return []
}
