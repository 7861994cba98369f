/**
 * Where a scenario comes to rest when its controllers start with the final spec alone (`final-spec.ts`): all processes
 * list, nothing fails, nothing is late, in every order. The search is one beside the level that asks, with tables of its
 * own, so that what it learns changes nothing there.
 */

import type { SearchOptions } from '#checker/search.ts'
import { createCluster } from './cluster.ts'
import { type RestState, searchLevel } from './level.ts'
import type { Cluster } from './tables.ts'
import { type Rules, UNREDUCED } from './world.ts'

export interface FreshStart {
  /** Each is at rest, and the first of its outcome. */
  readonly rests: readonly RestState[]
  /** Why there may be more; empty when there are none. */
  readonly cuts: ReadonlySet<string>
}

export type FreshStartLimits = Pick<SearchOptions, 'stop' | 'progress' | 'statesMax'>

interface FreshStarts {
  readonly cluster: Cluster
  readonly known: Map<string, FreshStart>
}

/** By the cluster that asks: its trie of effects serves all rules. */
const freshStarts = new WeakMap<Cluster, FreshStarts>()

/**
 * The outcomes of a start from the final spec, under the rules of a level. A search that met a limit is not kept.
 * @throws ScenarioError when the API server refuses an action of the script, with no controller at work
 */
export async function freshStart(asking: Cluster, rules: Rules, limits: FreshStartLimits = {}): Promise<FreshStart> {
  const { cluster, known } = freshStartsOf(asking)
  // What reductions leave out has no outcome of its own.
  const name = JSON.stringify({ ...rules, ...UNREDUCED })
  const before = known.get(name)
  if (before !== undefined) return before
  const { rests, graph } = await searchLevel(cluster, rules, {
    budget: 0,
    order: 'breadth-first',
    ...limits,
    model: { start: 'final-spec' },
  })
  const first = new Map<string, RestState>()
  for (const rest of rests) if (!first.has(rest.text)) first.set(rest.text, rest)
  const found = { rests: [...first.values()], cuts: graph.cuts }
  if (graph.cuts.size === 0) known.set(name, found)
  return found
}

function freshStartsOf(asking: Cluster): FreshStarts {
  const known = freshStarts.get(asking)
  if (known !== undefined) return known
  const { scenario, host, controllers, processes } = asking
  const cluster = createCluster(scenario, {
    host,
    controllers: controllers.map(({ definition }) => definition),
    liveProcesses: processes.filter(({ alwaysLive }) => alwaysLive).map(({ name }) => name),
    currentProcesses: processes.filter(({ listsConsistently }) => listsConsistently).map(({ name }) => name),
  })
  const made = { cluster, known: new Map() }
  freshStarts.set(asking, made)
  return made
}
