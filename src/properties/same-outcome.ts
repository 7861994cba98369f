/**
 * same-outcome: two runs of one environment history rest in different outcomes.
 *
 * Why it is a bug: nobody chose the order in which reconciles ran or how late a cache was; what the user asked for was
 * the same. Faults are not part of the history either: a controller that is killed must end where it would have.
 * What it can miss: differences in what outcomes leave out (timestamps' values, uids, Events, Leases, what the
 * scenario ignores), and outcomes beyond the bounds.
 * How to switch it off: `oracles: { 'same-outcome': false }`, or `ignoreInOutcomes` for a kind or a field.
 */
import type { FieldDifference } from '#trace/report.ts'
import { isExcluded } from './exclusions.ts'
import { differencesBetween } from './outcome-differences.ts'
import { type LevelOutcome, objectsOf, outcomesOf } from './outcomes.ts'
import type { Oracle, Violation } from './violation.ts'

export const sameOutcome: Oracle = {
  name: 'same-outcome',
  async check(level) {
    const violations: Violation[] = []
    const references = new Map<string, LevelOutcome>()
    const seen = new Set<string>()
    for (const outcome of outcomesOf(level)) {
      const reference = references.get(outcome.history)
      if (reference === undefined) {
        references.set(outcome.history, outcome)
        continue
      }
      const differences = differencesBetween(objectsOf(reference), objectsOf(outcome)).filter(
        ({ object }) => !isExcluded(level.cluster.scenario, 'same-outcome', object),
      )
      if (differences.length === 0) continue
      const key = `same-outcome ${differences.map(({ object, path }) => `${object} ${path}`).join(';')}`
      if (seen.has(key)) continue
      seen.add(key)
      violations.push({
        oracle: 'same-outcome',
        key,
        place: { type: 'path', entry: outcome.entry },
        message: () => `the same inputs come to rest in different states: ${summary(differences)}`,
        objects: [...new Set(differences.map(({ object }) => object))],
        controllers: [],
        fork: { leftEntry: reference.entry, differences },
      })
    }
    return violations
  },
}

function summary(differences: readonly FieldDifference[]): string {
  const shown = differences.slice(0, 3).map(({ object, path, left, right }) => {
    // Values of Secrets stay out of messages, which nobody redacts.
    if (path !== '' && object.startsWith('Secret ')) return `${object} has another ${path} in one run than in the other`
    if (path !== '') return `${object} has ${path} ${show(left)} in one run and ${show(right)} in the other`
    return left === undefined ? `${object} is there in only one of them` : `${object} is missing in one of them`
  })
  const more = differences.length > 3 ? `; and ${differences.length - 3} more differences` : ''
  return `${shown.join('; ')}${more}.`
}

function show(value: unknown): string {
  return value === undefined ? 'absent' : JSON.stringify(value)
}
