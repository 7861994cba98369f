/**
 * same-outcome: two runs of one environment history rest in different outcomes.
 *
 * Why it is a bug: nobody chose the order in which reconciles ran or how late a cache was; what the user asked for was
 * the same. Faults are not part of the history either: a controller that is killed must end where it would have.
 * What it can miss: differences in what outcomes leave out (timestamps' values, uids, Events, Leases, what the
 * scenario ignores), and outcomes beyond the bounds.
 * How to switch it off: `oracles: { 'same-outcome': false }`, or `ignoreInOutcomes` for a kind or a field.
 */
import type { OutcomeObject } from '#cluster/outcome-form.ts'
import type { FieldDifference } from '#trace/report.ts'
import { isExcluded } from './exclusions.ts'
import { type LevelOutcome, outcomesOf } from './outcomes.ts'
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

function objectsOf(outcome: LevelOutcome): readonly OutcomeObject[] {
  return outcome.rests[0]?.objects ?? []
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

/** Field by field, by object name; objects that only one side has are one difference with path ''. */
function differencesBetween(
  left: readonly OutcomeObject[],
  right: readonly OutcomeObject[],
): readonly FieldDifference[] {
  const differences: FieldDifference[] = []
  const rightByName = new Map(right.map((object) => [`${object.apiVersion} ${object.name}`, object]))
  const leftNames = new Set<string>()
  for (const object of left) {
    const name = `${object.apiVersion} ${object.name}`
    leftNames.add(name)
    const other = rightByName.get(name)
    if (other === undefined) differences.push({ object: object.name, path: '', left: 'there', right: undefined })
    else compare(object.name, '', object.fields, other.fields, differences)
  }
  for (const object of right) {
    if (!leftNames.has(`${object.apiVersion} ${object.name}`)) {
      differences.push({ object: object.name, path: '', left: undefined, right: 'there' })
    }
  }
  return differences
}

function compare(object: string, path: string, left: unknown, right: unknown, differences: FieldDifference[]): void {
  if (isContainer(left) && isContainer(right) && Array.isArray(left) === Array.isArray(right)) {
    for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
      const below = path === '' ? key : `${path}.${key}`
      compare(
        object,
        below,
        (left as Record<string, unknown>)[key],
        (right as Record<string, unknown>)[key],
        differences,
      )
    }
  } else if (left !== right) differences.push({ object, path, left, right })
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
