/**
 * Makes a path shorter: a breadth-first search without reductions, over the actions that the path has, for the nearest
 * state in which the violation is there. What is found is a real path, so nothing has to be argued.
 */
import { dominates, spend } from '#checker/budget.ts'
import { at } from '#checker/growable.ts'
import { actionName } from '#cluster/action.ts'
import { type ClusterModel, createClusterModel } from '#cluster/cluster-model.ts'
import { type Choose, describePath } from '#cluster/describe.ts'
import { isInterrupted } from '#cluster/interruption.ts'
import { enableNow, type Level, takeNow } from '#cluster/level.ts'
import { UNREDUCED } from '#cluster/world.ts'
import type { PathRecord } from '#trace/path.ts'

/** Whether the path that ends in this state is one: the model has just enabled the state, `names` led there. */
export type Goal = (model: ClusterModel, state: Int32Array, names: () => readonly string[]) => Promise<boolean>

/** More states than this, and the path stays as it was found. */
const STATES_MAX = 20_000

const NODES_BETWEEN_TURNS = 16

/** A model of the level without reductions: what paths are described and replayed with. */
export function plainModel(level: Level): ClusterModel {
  const monitor = level.monitor === undefined ? {} : { monitor: level.monitor }
  return createClusterModel(level.cluster, { ...level.rules, ...UNREDUCED }, monitor)
}

function nameIn(model: ClusterModel, action: number): string {
  const taken = model.enabled.actions[action]
  const { kinds } = model.world.cluster
  return taken === undefined ? '' : actionName(taken, (kind) => kinds[kind]?.resource.kind ?? '')
}

export function indexOfName(model: ClusterModel, name: string | undefined): number | undefined {
  if (name === undefined) return undefined
  for (let action = 0; action < model.enabled.count; action++) if (nameIn(model, action) === name) return action
  return undefined
}

interface Node {
  readonly state: Int32Array
  readonly budget: number
  readonly parent: Node | undefined
  readonly name: string
  readonly depth: number
}

/** The shortest sequence among the actions of `names` that reaches `goal`; `names` itself when nothing shorter is found. */
export async function shortestPath(level: Level, names: readonly string[], goal: Goal): Promise<readonly string[]> {
  const model = plainModel(level)
  const allowed = new Set(names)
  const initial: Int32Array = await model.initial()
  const queue: Node[] = [
    { state: initial, budget: at(level.graph.entryBudget, 0), parent: undefined, name: '', depth: 0 },
  ]
  const seen = new Map<string, number[]>()
  for (let head = 0; head < queue.length && queue.length < STATES_MAX; head++) {
    if (head % NODES_BETWEEN_TURNS === 0 && (await isInterrupted(level))) break
    const node = queue[head] as Node
    await enableNow(model, node.state, node.state.length, node.budget)
    if (await goal(model, node.state, () => namesTo(node))) return node.depth <= names.length ? namesTo(node) : names
    if (node.depth >= names.length) continue
    const count = await enableNow(model, node.state, node.state.length, node.budget)
    const choices = Array.from({ length: count }, (_, action) => ({
      action,
      name: nameIn(model, action),
      cost: model.cost(action),
    }))
    for (const { action, name, cost } of choices) {
      if (!allowed.has(name)) continue
      await enableNow(model, node.state, node.state.length, node.budget)
      const state = await takeNow(model, node.state, node.budget, action)
      const left = cost === 0 ? node.budget : spend(node.budget, cost)
      const key = `${model.next.high} ${model.next.low}`
      const known = seen.get(key) ?? []
      if (known.some((other) => dominates(other, left))) continue
      seen.set(key, [...known, left])
      queue.push({ state, budget: left, parent: node, name, depth: node.depth + 1 })
    }
  }
  return names
}

/** Where actions lead by their names, and what of the budget is left there; undefined where one cannot be taken. */
export async function stateAfter(
  model: ClusterModel,
  budget: number,
  names: readonly string[],
): Promise<{ readonly state: Int32Array; readonly budget: number } | undefined> {
  let state: Int32Array = await model.initial()
  let left = budget
  for (const name of names) {
    await enableNow(model, state, state.length, left)
    const action = indexOfName(model, name)
    if (action === undefined) return undefined
    const cost = model.cost(action)
    state = await takeNow(model, state, left, action)
    left = cost === 0 ? left : spend(left, cost)
  }
  return { state, budget: left }
}

function namesTo(node: Node): readonly string[] {
  const path: string[] = []
  for (let back: Node | undefined = node; back?.parent !== undefined; back = back.parent) path.push(back.name)
  return path.reverse()
}

/** Describes the path with these actions, from the initial state. */
export async function describeNames(level: Level, names: readonly string[]): Promise<PathRecord> {
  const choose: Choose = (step, model) => indexOfName(model, names[step])
  return (await describePath(plainModel(level), at(level.graph.entryBudget, 0), choose, { audit: true })).record
}
