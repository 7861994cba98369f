/** Follows a path by the names of its actions, as a counterexample file keeps them. */
import type { BudgetVector } from '#checker/budget.ts'
import type { ClusterModel } from '#cluster/cluster-model.ts'
import { type Choose, describePath } from '#cluster/describe.ts'
import type { PathRecord } from '#trace/path.ts'
import { indexOfName } from './shortest-path.ts'

export interface Followed {
  readonly record: PathRecord
  readonly state: Int32Array
  /** What is left of the budget at the end. */
  readonly budget: BudgetVector
  /** What it was at the start. */
  readonly budgetAtStart: BudgetVector
  /** Index of the first action that is not enabled. */
  readonly missing: number | undefined
  /** Fingerprints before each step, and at the end. */
  readonly prints: readonly string[]
}

export async function follow(model: ClusterModel, budget: number, actions: readonly string[]): Promise<Followed> {
  const prints: string[] = []
  let missing: number | undefined
  const choose: Choose = (step) => {
    const { world } = model
    model.fingerprint(world.state, world.length)
    prints.push(`${model.next.high} ${model.next.low}`)
    const index = indexOfName(model, actions[step])
    if (index === undefined && step < actions.length) missing = step
    return index
  }
  const { record, state, budget: left } = await describePath(model, budget, choose, { audit: true })
  return { record, state, budget: left, budgetAtStart: budget, missing, prints }
}
