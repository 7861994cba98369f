/** Two traces or two searches side by side, in sections for inspectors: what `kamera analyze diff` tells as text. */
import { count, formatNumber } from '#inspect/plain-text.ts'
import type { ComparisonLine, ComparisonSection } from '#trace/comparison.ts'
import type { ScenarioComparison, SearchComparison } from './compare-searches.ts'
import type { TraceComparison } from './compare-traces.ts'
import { COUNT_WORDS } from './compare-traces-text.ts'
import { differenceLine } from './lifecycle-text.ts'
import { conflictText } from './path-conflicts.ts'

/** More are not read by anybody. */
const LINES_MAX = 400

/** The first trace is entry 0 of what is shown, the second entry 1. `width`: characters that a field may have. */
export function traceSections(comparison: TraceComparison, width: number): readonly ComparisonSection[] {
  const { onlyLeft, onlyRight, changed, counts } = comparison
  return told([
    {
      title: 'Only at the end of the first',
      lines: onlyLeft.map((object) => ({ text: object, tone: 'removed', entry: 0, object })),
    },
    {
      title: 'Only at the end of the second',
      lines: onlyRight.map((object) => ({ text: object, tone: 'added', entry: 1, object })),
    },
    ...changed.map(
      ({ object, differences }): ComparisonSection => ({
        title: `${object}, first → second`,
        lines: differences.map((difference) => ({
          text: differenceLine(difference, width),
          tone: 'changed',
          entry: 1,
          object,
        })),
      }),
    ),
    {
      title: 'What controllers did, first → second',
      lines: counts.map(({ controller, what, left, right }) => ({
        text: `${controller}: ${COUNT_WORDS[what]} ${formatNumber(left)} → ${formatNumber(right)}`,
      })),
    },
  ])
}

/** Where a finding (by its key) or an outcome (by its fingerprint) of a search is shown. */
export type EntryOf = (side: 'left' | 'right', scenario: string, id: string) => number | undefined

export function searchSections(comparison: SearchComparison, entryOf: EntryOf): readonly ComparisonSection[] {
  const { scenarios, onlyLeft, onlyRight } = comparison
  return told([
    { title: 'Scenarios of the first only', lines: onlyLeft.map((text) => ({ text, tone: 'removed' })) },
    { title: 'Scenarios of the second only', lines: onlyRight.map((text) => ({ text, tone: 'added' })) },
    ...scenarios.flatMap((scenario) => scenarioSections(scenario, entryOf)),
  ])
}

function scenarioSections(compared: ScenarioComparison, entryOf: EntryOf): readonly ComparisonSection[] {
  const { scenario, verdicts, exhaustive, bounds, findings, outcomes, conflicts, lints } = compared
  const [left, right] = verdicts.map((verdict, index) => (exhaustive[index] ? verdict : `${verdict}, not exhaustive`))
  const beside = <T>(
    what: string,
    { onlyLeft, onlyRight }: { readonly onlyLeft: readonly T[]; readonly onlyRight: readonly T[] },
    text: (value: T) => string,
    idOf: (value: T) => string = () => '',
  ): readonly ComparisonSection[] => {
    const line = (side: 'left' | 'right', value: T): ComparisonLine => {
      const entry = entryOf(side, scenario, idOf(value))
      return {
        text: text(value),
        tone: side === 'left' ? 'removed' : 'added',
        ...(entry === undefined ? {} : { entry }),
      }
    }
    return [
      { title: `${what} of the first only`, lines: onlyLeft.map((value) => line('left', value)) },
      { title: `${what} of the second only`, lines: onlyRight.map((value) => line('right', value)) },
    ]
  }
  return [
    {
      title: left === right ? `${scenario}: ${left}, both` : `${scenario}: ${left} → ${right}`,
      lines: [{ text: `Both have ${count(findings.both, 'finding')} and ${count(outcomes.both, 'outcome')}.` }],
    },
    ...beside(
      'Findings',
      findings,
      ({ key, message }) => `${key}: ${message}`,
      ({ key }) => key,
    ),
    ...beside(
      'Outcomes',
      outcomes,
      ({ fingerprint, objects }) =>
        `${fingerprint.slice(0, 12)}: ${objects.length === 0 ? 'no objects' : objects.join(', ')}`,
      ({ fingerprint }) => fingerprint,
    ),
    ...beside('Conflicts, on the paths of findings and outcomes,', conflicts, conflictText),
    ...beside('Lints', lints, ({ id, message }) => `${id}: ${message}`),
    {
      title: 'Bounds, first → second: what one lacks may lie beyond its bounds',
      lines: bounds.map(({ name, left: one, right: other }) => ({
        text: `${name}: ${JSON.stringify(one)} → ${JSON.stringify(other)}`,
      })),
    },
  ]
}

/** Without those that have nothing to tell; very long ones are cut. */
function told(sections: readonly ComparisonSection[]): readonly ComparisonSection[] {
  return sections
    .filter(({ lines }) => lines.length > 0)
    .map(({ title, lines }) => {
      const left = lines.length - LINES_MAX
      return left <= 0
        ? { title, lines }
        : { title, lines: [...lines.slice(0, LINES_MAX), { text: `… and ${left} more` }] }
    })
}
