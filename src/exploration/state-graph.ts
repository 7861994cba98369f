/** Makes data of the graph that a search has recorded, for the inspectors. */
import { BUDGET_FIELDS, type BudgetVector, budgetField } from '#checker/budget.ts'
import { at } from '#checker/growable.ts'
import { fairClassOfLabel } from '#checker/recorded-graph.ts'
import { edgeCostOf, type SearchGraph } from '#checker/search.ts'
import { find } from '#checker/visited-set.ts'
import { ENVIRONMENT_FIELD } from '#cluster/action.ts'
import { processOfFault, requestOfClass } from '#cluster/fair-class.ts'
import type { Level } from '#cluster/level.ts'
import type { Cluster } from '#cluster/tables.ts'
import { follow } from '#findings/follow.ts'
import { plainModel } from '#findings/shortest-path.ts'
import { outcomesOf } from '#properties/outcomes.ts'
import type { StateGraph } from '#trace/state-graph.ts'
import type { Exploration, LevelRecord } from './exploration.ts'
import { lastLevel } from './report.ts'

/** Beyond this a graph is left out: it would take as much memory again as the search. */
const STATES_MAX = 4_000_000

/** The level whose states are worth looking at: the last one that met a finding, else the last. */
export function levelToShow(exploration: Exploration): LevelRecord | undefined {
  const { levels, cases, findings } = exploration
  const keys = new Set(findings.map(({ key }) => key))
  const met = new Set(cases.filter(({ key }) => keys.has(key)).map(({ level }) => level))
  return levels.findLast(({ level }) => met.has(level)) ?? lastLevel(exploration)
}

/** Undefined where there is none: walks record no whole graph. */
export async function stateGraphOf(
  { level, profile, granularity, faults }: LevelRecord,
  { cases, findings }: Pick<Exploration, 'cases' | 'findings'>,
): Promise<StateGraph | undefined> {
  const { graph, cluster } = level
  const states = graph.visited.size
  if (states > STATES_MAX || level.walks?.when === 'instead') return undefined
  const names = actionNames(cluster)
  const edges = edgesOf(graph, states, names.numberOf)
  const sighted = findings.flatMap(({ id, key }) => {
    const place = cases.find((each) => each.key === key && each.level === level)?.violation.place
    return place === undefined || place.type === 'nowhere' ? [] : [[id, statesTo(level, place.entry)] as const]
  })
  const followed: [string, readonly number[]][] = []
  for (const { id, path } of findings) {
    const along = await statesAlong(level, path.actions)
    if (along !== undefined) followed.push([id, along])
  }
  const depths = new Int32Array(states)
  for (let state = 0; state < states; state++) depths[state] = at(graph.entryDepth, at(graph.stateEntry, state))
  return {
    level: { profile, granularity, faults },
    states,
    actions: names.titles,
    depths,
    ...edges,
    rests: [...new Set(level.rests.map(({ state }) => state))],
    paths: Object.fromEntries([
      ...outcomesOf(level).map((outcome, index) => [`outcome-${index + 1}`, statesTo(level, outcome.entry)] as const),
      ...sighted,
      ...followed,
    ]),
    stepwise: followed.map(([id]) => id),
  }
}

interface ActionNames {
  readonly titles: string[]
  readonly numberOf: (label: number, cost: BudgetVector) => number
}

function actionNames(cluster: Cluster): ActionNames {
  const titles: string[] = []
  const byTitle = new Map<string, number>()
  const known = new Map<string, number>()
  return {
    titles,
    numberOf: (label, cost) => {
      const fairClass = fairClassOfLabel(label)
      const key = `${fairClass} ${cost}`
      let number = known.get(key)
      if (number === undefined) {
        const title = titleOf(cluster, fairClass, cost)
        number = byTitle.get(title) ?? titles.push(title) - 1
        byTitle.set(title, number)
        known.set(key, number)
      }
      return number
    },
  }
}

/** Field of budget vectors that a handover is paid from. */
const HANDOVER_FIELD = 5

/** Fields of a budget vector but the first, the total. */
const FAULTS = ['stale', 'crash', 'api-error', 'relist', 'handover', 'slow', 'environment']

function titleOf(cluster: Cluster, fairClass: number, cost: BudgetVector): string {
  const faults: string[] = []
  for (let field = 1; field < BUDGET_FIELDS; field++) {
    const spent = budgetField(cost, field)
    if (spent > 0) faults.push(`⚡${FAULTS[field - 1]}${spent > 1 ? ` ×${spent}` : ''}`)
  }
  const actor = actorOf(cluster, fairClass, cost)
  return [...(actor === '' ? [] : [actor]), ...faults].join(' ')
}

function actorOf(cluster: Cluster, fairClass: number, cost: BudgetVector): string {
  const request = requestOfClass(cluster, fairClass)
  switch (fairClass & 3) {
    case 1:
      return `${request?.label ?? 'a controller'} reconciles`
    case 2:
      return lateTitle(cluster.partLabel[fairClass >> 2] ?? '')
    case 3:
      return `timer of ${request?.label ?? 'a controller'}`
    default: {
      const process = processOfFault(cluster, fairClass)
      if (process === undefined)
        return budgetField(cost, ENVIRONMENT_FIELD) > 0 ? 'the environment acts' : 'the user acts'
      return `process ${process.name} ${budgetField(cost, HANDOVER_FIELD) > 0 ? 'is replaced' : 'starts anew'}`
    }
  }
}

/** Of an episode of lag, or of a reconcile in an instance that was replaced. */
function lateTitle(part: string): string {
  const episode = /^episode (\S+) (.+)$/.exec(part)
  return episode === null ? `${part}: of an instance that was replaced` : `${episode[1]} hears late of ${episode[2]}`
}

/** Each transition of a state once, whatever the number of budgets it was expanded with. */
function edgesOf(
  graph: SearchGraph,
  states: number,
  numberOf: ActionNames['numberOf'],
): Pick<StateGraph, 'offsets' | 'targets' | 'takenBy' | 'reachedBy'> {
  const expansions = graph.expansionEntry.length
  const stateOf = (expansion: number): number => at(graph.entryState, at(graph.expansionEntry, expansion))
  const most = new Int32Array(states + 1)
  for (let expansion = 0; expansion < expansions; expansion++) {
    const count = at(graph.expansionEdge, expansion + 1) - at(graph.expansionEdge, expansion)
    most[stateOf(expansion)] = (most[stateOf(expansion)] as number) + count
  }
  const begin = new Int32Array(states + 1)
  for (let state = 0; state < states; state++) begin[state + 1] = (begin[state] as number) + (most[state] as number)
  const targets = new Int32Array(begin[states] as number)
  const takenBy = new Int32Array(begin[states] as number)
  const end = begin.slice(0, states)
  const reachedBy = new Int32Array(states).fill(-1)
  for (let expansion = 0; expansion < expansions; expansion++) {
    const state = stateOf(expansion)
    for (let edge = at(graph.expansionEdge, expansion); edge < at(graph.expansionEdge, expansion + 1); edge++) {
      const target = at(graph.edgeTarget, edge)
      const action = numberOf(at(graph.edgeLabel, edge), edgeCostOf(graph, edge))
      if (target !== 0 && reachedBy[target] === -1) reachedBy[target] = action
      let place = begin[state] as number
      const last = end[state] as number
      while (place < last && (targets[place] !== target || takenBy[place] !== action)) place++
      if (place < last) continue
      targets[last] = target
      takenBy[last] = action
      end[state] = last + 1
    }
  }
  return { reachedBy, ...compacted(begin, end, targets, takenBy) }
}

/** Without the room of transitions that were met again. */
function compacted(
  begin: Int32Array,
  end: Int32Array,
  targets: Int32Array,
  takenBy: Int32Array,
): Pick<StateGraph, 'offsets' | 'targets' | 'takenBy'> {
  const offsets = new Int32Array(begin.length)
  let length = 0
  for (let state = 0; state < end.length; state++) {
    for (let edge = begin[state] as number; edge < (end[state] as number); edge++) {
      targets[length] = targets[edge] as number
      takenBy[length++] = takenBy[edge] as number
    }
    offsets[state + 1] = length
  }
  return { offsets, targets: targets.slice(0, length), takenBy: takenBy.slice(0, length) }
}

/** From the initial state on. */
/**
 * The states of a finding's path, one before each step and one at the end; undefined where the search has not met them
 * all (the path is of another level or of fewer user actions, or a reduction leaves states of it out).
 */
async function statesAlong(level: Level, actions: readonly string[]): Promise<readonly number[] | undefined> {
  if (actions.length === 0) return undefined
  const { prints, missing } = await follow(plainModel(level), at(level.graph.entryBudget, 0), actions)
  if (missing !== undefined) return undefined
  const states: number[] = []
  for (const print of prints) {
    const [high = 0, low = 0] = print.split(' ').map(Number)
    const state = find(level.graph.visited, high, low)
    if (state === -1) return undefined
    states.push(state)
  }
  return states
}

function statesTo({ graph }: Level, entry: number): readonly number[] {
  const states: number[] = []
  for (let place = entry; place !== -1; place = at(graph.entryParent, place)) states.push(at(graph.entryState, place))
  return states.reverse()
}
