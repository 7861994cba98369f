/**
 * Budget vectors: how many choices of each kind are left, eight kinds of at most 15, packed in one integer.
 * The checker does not know what the kinds are; a model names them by position.
 *
 * Remaining budgets are not part of a state's identity. Per state the set of undominated vectors is kept, and a
 * state is expanded again for a vector that none of them dominates: what can be reached with less can be reached
 * with more, so nothing is lost, and states are counted once.
 */

/** Eight 4-bit fields, lowest position first. A signed 32-bit integer; compare fields with the functions below. */
export type BudgetVector = number

export const BUDGET_FIELDS = 8
export const BUDGET_MAX = 15

export function packBudget(fields: readonly number[]): BudgetVector {
  let packed = 0
  for (let i = 0; i < BUDGET_FIELDS; i++) packed |= (fields[i] ?? 0) << (4 * i)
  return packed
}

export function budgetField(vector: BudgetVector, position: number): number {
  return (vector >>> (4 * position)) & 15
}

/** Whether `a` has at least as much of everything as `b`. */
export function dominates(a: BudgetVector, b: BudgetVector): boolean {
  if (a === b) return true
  for (let i = 0; i < BUDGET_FIELDS; i++) if (budgetField(a, i) < budgetField(b, i)) return false
  return true
}

/** `vector` minus `cost`; only when `dominates(vector, cost)`. No field borrows then, so plain subtraction works. */
export function spend(vector: BudgetVector, cost: BudgetVector): BudgetVector {
  return (vector - cost) | 0
}
