/** Whether the cycle at the end of a path may go on for ever under the rules of a model: weak fairness, as a search judges it. */
import type { BudgetVector } from '#checker/budget.ts'
import type { ClusterModel } from '#cluster/cluster-model.ts'
import { classesIn, enableNow, takeNow } from '#cluster/level.ts'
import type { PathRecord } from '#trace/path.ts'
import { indexOfName, stateAfter } from './shortest-path.ts'

/** Every class that is enabled all along the cycle is taken on it, and nothing on it costs anything. */
export async function isFairCycle(model: ClusterModel, budget: BudgetVector, path: PathRecord): Promise<boolean> {
  const { actions, cycleStart = 0 } = path
  const start = await stateAfter(model, budget, actions.slice(0, cycleStart))
  if (start === undefined) return false
  let { state } = start
  let always: ReadonlySet<number> = await classesIn(model, state)
  const taken = new Set<number>()
  for (const name of actions.slice(cycleStart)) {
    await enableNow(model, state, state.length, 0)
    const action = indexOfName(model, name)
    if (action === undefined) return false
    state = await takeNow(model, state, 0, action)
    taken.add(model.next.fairClass)
    const enabled = await classesIn(model, state)
    always = new Set([...always].filter((fairClass) => enabled.has(fairClass)))
  }
  return [...always].every((fairClass) => taken.has(fairClass))
}
