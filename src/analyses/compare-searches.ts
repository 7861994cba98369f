/**
 * Two searches side by side: findings, outcomes, conflicts and lints that only one of them has. Findings are told apart
 * by their keys, outcomes by their fingerprints; what a search did not reach, it cannot have. Conflicts are those of
 * the paths that are written out: the shortest one to each outcome, and those of findings.
 */

import type { ExploreReport, ReportFinding, Verdict } from '#trace/report.ts'
import { type ConflictedWrite, conflictText } from './path-conflicts.ts'

/** What of a report is compared; dumps and `--json` have it alike. */
export type ComparedSearch = Pick<
  ExploreReport,
  'scenario' | 'verdict' | 'exhaustive' | 'bounds' | 'levels' | 'lints'
> & {
  readonly outcomes: readonly { readonly fingerprint: string; readonly objects: readonly string[] }[]
  readonly findings: readonly Pick<ReportFinding, 'key' | 'message' | 'faults'>[]
  readonly accepted?: ExploreReport['accepted']
  /** On the paths of its findings and outcomes; absent: none is known. */
  readonly conflicts?: readonly ConflictedWrite[]
}

export interface SearchComparison {
  readonly scenarios: readonly ScenarioComparison[]
  /** Scenarios that only one file has. */
  readonly onlyLeft: readonly string[]
  readonly onlyRight: readonly string[]
}

export interface ScenarioComparison {
  readonly scenario: string
  readonly verdicts: readonly [Verdict, Verdict]
  readonly exhaustive: readonly [boolean, boolean]
  /** Names of bounds whose values differ: what one search lacks may be beyond its bounds. */
  readonly bounds: readonly { readonly name: string; readonly left: unknown; readonly right: unknown }[]
  readonly findings: Difference<{ readonly key: string; readonly message: string; readonly faults?: number }>
  readonly outcomes: Difference<{ readonly fingerprint: string; readonly objects: readonly string[] }>
  readonly conflicts: Difference<ConflictedWrite>
  readonly lints: Difference<{ readonly id: string; readonly message: string }>
}

interface Difference<T> {
  readonly onlyLeft: readonly T[]
  readonly onlyRight: readonly T[]
  /** How many both have. */
  readonly both: number
}

/** Reports of the same scenario are compared in the order in which they come. */
export function compareSearches(left: readonly ComparedSearch[], right: readonly ComparedSearch[]): SearchComparison {
  const rest = [...right]
  const onlyLeft: string[] = []
  const scenarios = left.flatMap((report) => {
    const at = rest.findIndex(({ scenario }) => scenario === report.scenario)
    const [other] = at < 0 ? [] : rest.splice(at, 1)
    if (other !== undefined) return [compareOne(report, other)]
    onlyLeft.push(report.scenario)
    return []
  })
  return { scenarios, onlyLeft, onlyRight: rest.map(({ scenario }) => scenario) }
}

/** Whether both found the same; bounds may differ. */
export function foundAlike({ scenarios, onlyLeft, onlyRight }: SearchComparison): boolean {
  const isSame = ({ onlyLeft: left, onlyRight: right }: Difference<unknown>) => left.length + right.length === 0
  const isAlike = ({ verdicts: [left, right], findings, outcomes, conflicts, lints }: ScenarioComparison) =>
    left === right && isSame(findings) && isSame(outcomes) && isSame(conflicts) && isSame(lints)
  return onlyLeft.length + onlyRight.length === 0 && scenarios.every(isAlike)
}

function compareOne(left: ComparedSearch, right: ComparedSearch): ScenarioComparison {
  return {
    scenario: left.scenario,
    verdicts: [left.verdict, right.verdict],
    exhaustive: [left.exhaustive, right.exhaustive],
    bounds: compareBounds(left.bounds, right.bounds),
    // A finding that a baseline accepts is found all the same.
    findings: difference(findingsOf(left), findingsOf(right), ({ key }) => key),
    outcomes: difference(outcomesOf(left), outcomesOf(right), ({ fingerprint }) => fingerprint),
    conflicts: difference(left.conflicts ?? [], right.conflicts ?? [], conflictText),
    lints: difference(left.lints, right.lints, ({ id, message }) => JSON.stringify([id, message])),
  }
}

const findingsOf = ({ findings, accepted = [] }: ComparedSearch) => [
  ...findings.map(({ key, message, faults }) => ({ key, message, faults })),
  ...accepted.map(({ key, message }) => ({ key, message })),
]

const outcomesOf = ({ outcomes }: ComparedSearch) =>
  outcomes.map(({ fingerprint, objects }) => ({ fingerprint, objects }))

function difference<T>(left: readonly T[], right: readonly T[], keyOf: (value: T) => string): Difference<T> {
  const keyed = (values: readonly T[]) => new Map(values.map((value) => [keyOf(value), value]))
  const [one, other] = [keyed(left), keyed(right)]
  const without = (values: ReadonlyMap<string, T>, those: ReadonlyMap<string, T>) =>
    [...values].flatMap(([key, value]) => (those.has(key) ? [] : [value]))
  const onlyLeft = without(one, other)
  return { onlyLeft, onlyRight: without(other, one), both: one.size - onlyLeft.length }
}

function compareBounds(left: ComparedSearch['bounds'], right: ComparedSearch['bounds']): ScenarioComparison['bounds'] {
  const names = new Set([...Object.keys(left), ...Object.keys(right)])
  const valueOf = (bounds: ComparedSearch['bounds'], name: string) =>
    Object.hasOwn(bounds, name) ? bounds[name] : null
  return [...names].flatMap((name) => {
    const [one, other] = [valueOf(left, name), valueOf(right, name)]
    return JSON.stringify(one) === JSON.stringify(other) ? [] : [{ name, left: one, right: other }]
  })
}
