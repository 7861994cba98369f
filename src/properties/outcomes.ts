/** The outcomes of a level: states at rest, grouped by what they look like and by environment history. */
import { budgetField } from '#checker/budget.ts'
import { at } from '#checker/growable.ts'
import type { Level, RestState } from '#cluster/level.ts'
import type { OutcomeObject } from '#cluster/outcome-form.ts'

export interface LevelOutcome {
  readonly text: string
  readonly history: string
  readonly rests: readonly RestState[]
  /** Reached with the fewest faults, then first. */
  readonly entry: number
  readonly faultsLeft: number
}

/** Outcomes in the order in which the search met them, those with fewer faults first. */
export function outcomesOf(level: Level): readonly LevelOutcome[] {
  const groups = new Map<string, RestState[]>()
  for (const rest of level.rests) {
    const key = `${rest.history}\n${rest.text}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [rest])
    else group.push(rest)
  }
  const outcomes = [...groups.values()].map((rests) => {
    const best = rests
      .map((rest) => entryWithFewestFaults(level, rest.state))
      .reduce((a, b) => (isBetter(level, b, a) ? b : a))
    const first = rests[0] as RestState
    return { text: first.text, history: first.history, rests, entry: best, faultsLeft: faultsLeft(level, best) }
  })
  return outcomes.sort((a, b) => b.faultsLeft - a.faultsLeft || a.entry - b.entry)
}

export function objectsOf(outcome: LevelOutcome): readonly OutcomeObject[] {
  return outcome.rests[0]?.objects ?? []
}

/** Of a state's entries the one that leaves most of the total budget; of equal ones the first. */
export function entryWithFewestFaults(level: Level, state: number): number {
  const { graph } = level
  let best = at(graph.stateEntry, state)
  for (const other of graph.otherEntries.get(state) ?? []) if (isBetter(level, other, best)) best = other
  return best
}

function isBetter(level: Level, a: number, b: number): boolean {
  const difference = faultsLeft(level, a) - faultsLeft(level, b)
  return difference > 0 || (difference === 0 && a < b)
}

function faultsLeft(level: Level, entry: number): number {
  return budgetField(at(level.graph.entryBudget, entry), 0)
}
