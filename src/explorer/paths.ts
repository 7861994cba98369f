/**
 * All paths to some states of a level, shortest first, one at a time: walks through the recorded graph, each described
 * as it is asked for. There may be endlessly many.
 */
import type { BudgetVector } from '#checker/budget.ts'
import { at } from '#checker/growable.ts'
import { type ProductGraph, productGraph } from '#checker/path-count.ts'
import { edgeCostOf, pathTo, type SearchGraph } from '#checker/search.ts'
import { type Awaiting, finish, finishAtOnce } from '#cluster/awaiting.ts'
import { type ClusterModel, createClusterModel } from '#cluster/cluster-model.ts'
import { type Choose, type DescribedPath, followPath, type PathStart } from '#cluster/describe.ts'
import { enabling, type Level } from '#cluster/level.ts'
import { createHost } from '#exploration/scenario-cluster.ts'
import type { PathRecord } from '#trace/path.ts'

/**
 * Paths, shortest first; each iteration begins again. With `for await` a path may run controller code once more, where
 * names were generated in another order than in the search; a plain `for` throws then.
 */
export interface Paths extends Iterable<PathRecord>, AsyncIterable<PathRecord> {}

/** Paths through one level, to any states of it. */
export interface PathFinder {
  to(states: ReadonlySet<number>, entry: number): Paths
}

/** `entry` of a finder's paths is where the search itself got first: the only path shown when the graph is too large. */
export function pathFinder(level: Level, start: PathStart): PathFinder {
  let product: ProductGraph | undefined | 'too large'
  let prints: FingerprintsByState | undefined
  const choices = function* (states: ReadonlySet<number>, entry: number): Generator<Choose> {
    product ??= productGraph(level.graph) ?? 'too large'
    if (product === 'too large') {
      const path = pathTo(level.graph, entry)
      yield (step) => path[step]?.action
      return
    }
    prints ??= fingerprintsByState(level.graph)
    for (const walk of walksTo(product, states)) yield followWalk(level.graph, product, prints, walk)
  }
  const follow = (choose: Choose): Awaiting<DescribedPath> => {
    const monitor = level.monitor === undefined ? {} : { monitor: level.monitor }
    const model = createClusterModel(level.cluster, level.rules, monitor)
    return followPath(model, at(level.graph.entryBudget, 0), choose, { audit: false, start })
  }
  return {
    to: (states, entry) => ({
      *[Symbol.iterator]() {
        for (const choose of choices(states, entry)) {
          const described = finishAtOnce(follow(choose))
          if (described === undefined)
            throw new Error(
              'controller code has to run again for this path: iterate with for await (const path of state.paths).',
            )
          yield described.value.record
        }
      },
      async *[Symbol.asyncIterator]() {
        // An open host gives the code that may have to run its virtual clock.
        const host = await createHost(level.cluster.scenario)
        try {
          for (const choose of choices(states, entry)) yield (await finish(follow(choose))).record
        } finally {
          await host.close()
        }
      },
    }),
  }
}

/** Walks from node 0 to a node of one of the states: positions of edges in the rows of `product`. */
function* walksTo(product: ProductGraph, states: ReadonlySet<number>): Generator<readonly number[]> {
  // Of layer k are the nodes from which a walk of exactly k edges leads to the end.
  const layers: Uint8Array[] = [Uint8Array.from(product.states, (state) => (states.has(state) ? 1 : 0))]
  for (let length = 0; (layers[length] as Uint8Array).includes(1); length++) {
    if ((layers[length] as Uint8Array)[0] === 1) yield* walksOfLength(product, layers, length)
    layers.push(layerBefore(product, layers[length] as Uint8Array))
  }
}

function layerBefore({ nodes, offsets, targets }: ProductGraph, layer: Uint8Array): Uint8Array {
  const before = new Uint8Array(nodes)
  for (let node = 0; node < nodes; node++) {
    const end = offsets[node + 1] as number
    for (let edge = offsets[node] as number; edge < end && before[node] === 0; edge++)
      before[node] = layer[targets[edge] as number] as number
  }
  return before
}

/** Depth first, only where the layers say that the end can be reached in what is left: no walk is given up. */
function* walksOfLength(
  { offsets, targets }: ProductGraph,
  layers: readonly Uint8Array[],
  length: number,
): Generator<readonly number[]> {
  const nodes = [0]
  const cursors = [offsets[0] as number]
  const walk: number[] = []
  const back = (): void => {
    nodes.pop()
    cursors.pop()
    walk.pop()
  }
  while (nodes.length > 0) {
    const depth = nodes.length - 1
    if (depth === length) {
      yield [...walk]
      back()
      continue
    }
    const layer = layers[length - depth - 1] as Uint8Array
    const end = offsets[(nodes[depth] as number) + 1] as number
    let edge = cursors[depth] as number
    while (edge < end && layer[targets[edge] as number] === 0) edge++
    if (edge === end) {
      back()
      continue
    }
    cursors[depth] = edge + 1
    const target = targets[edge] as number
    walk.push(edge)
    nodes.push(target)
    cursors.push(offsets[target] as number)
  }
}

interface FingerprintsByState {
  readonly high: Int32Array
  readonly low: Int32Array
}

function fingerprintsByState({ visited }: SearchGraph): FingerprintsByState {
  const high = new Int32Array(visited.size)
  const low = new Int32Array(visited.size)
  for (let place = 0; place <= visited.mask; place++) {
    const state = (visited.number[place] as number) - 1
    if (state < 0) continue
    high[state] = visited.high[place] as number
    low[state] = visited.low[place] as number
  }
  return { high, low }
}

const FLAGS = 15

/**
 * Takes the action whose successor is the one recorded. Not by its index: on another path to the same state, other
 * names may have been generated, and actions come in another order.
 */
function followWalk(
  graph: SearchGraph,
  product: ProductGraph,
  prints: FingerprintsByState,
  walk: readonly number[],
): Choose {
  return (step, model) => {
    const position = walk[step]
    if (position === undefined) return undefined
    const node = step === 0 ? 0 : (product.targets[walk[step - 1] as number] as number)
    const looks = (place: number): Wanted => {
      const edge = product.edges[place] as number
      const target = at(graph.edgeTarget, edge)
      const [high, low] = [prints.high[target] as number, prints.low[target] as number]
      return { high, low, flags: at(graph.edgeLabel, edge) & FLAGS, cost: edgeCostOf(graph, edge) }
    }
    const wanted = looks(position)
    let twins = 0
    for (let place = product.offsets[node] as number; place < position; place++)
      if (isSame(looks(place), wanted)) twins++
    const spent = walk.slice(0, step).reduce((sum, place) => sum + edgeCostOf(graph, product.edges[place] as number), 0)
    return actionLike(model, { ...wanted, twins, budget: (at(graph.entryBudget, 0) - spent) | 0 })
  }
}

/** What a transition looks like from outside. */
interface Wanted {
  readonly high: number
  readonly low: number
  readonly flags: number
  readonly cost: number
}

function isSame(left: Wanted, right: Wanted): boolean {
  return left.high === right.high && left.low === right.low && left.flags === right.flags && left.cost === right.cost
}

/** The action of the state just enabled, with `budget` left, that looks like `wanted` after `twins` others that do too. */
function* actionLike(
  model: ClusterModel,
  wanted: Wanted & { readonly twins: number; readonly budget: BudgetVector },
): Awaiting<number> {
  const { world, enabled, next } = model
  const state = world.state.slice(0, world.length)
  let before = 0
  for (let action = 0; action < enabled.count; action++) {
    while (!model.take(action)) {
      yield model.resolve()
      yield* enabling(model, state, state.length, wanted.budget)
    }
    const found = { high: next.high, low: next.low, flags: next.flags & FLAGS, cost: model.cost(action) }
    if (!next.cut && isSame(found, wanted) && before++ === wanted.twins) return action
  }
  throw new Error('a step that the search has recorded cannot be taken again: please report this, with the scenario.')
}
