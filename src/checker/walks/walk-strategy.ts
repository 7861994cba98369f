/** How a walk chooses among the actions of a state. One strategy a file beside this one. */
import type { BudgetVector } from '../budget.ts'
import type { Random } from './random.ts'

/** The actions of the state in which a walk stands. */
export interface Crossroads {
  /** At least 1. */
  readonly count: number
  /** Steps that the walk has taken. */
  readonly step: number
  cost(action: number): BudgetVector
  agent(action: number): number
  /** Whether the action leads to a state that neither the search nor a walk has met. */
  isNew(action: number): Promise<boolean>
}

/** Chooses throughout one walk. Undefined: the walk ends here. */
export type Chooser = (crossroads: Crossroads) => number | undefined | Promise<number | undefined>

export interface WalkPlan {
  readonly random: Random
  /** Steps that a run without faults takes to its end. */
  readonly stepsExpected: number
  /** Most actions that cost something on one walk: the budgets' totals. */
  readonly costlyMax: number
}

/** A strategy begins anew with every walk. */
export type WalkStrategy = (plan: WalkPlan) => Chooser

/** What a walk does without paying. */
export function freeActions(crossroads: Crossroads): readonly number[] {
  const free: number[] = []
  for (let action = 0; action < crossroads.count; action++) if (crossroads.cost(action) === 0) free.push(action)
  return free
}

/** One of the actions, each as likely as any other; undefined when there is none. */
export function oneOf(actions: readonly number[], random: Random): number | undefined {
  return actions[random.below(actions.length)]
}
