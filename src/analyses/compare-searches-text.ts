/** Two searches side by side, for people. */
import { count } from '#inspect/plain-text.ts'
import { foundAlike, type ScenarioComparison, type SearchComparison } from './compare-searches.ts'
import { conflictText } from './path-conflicts.ts'

export function searchComparisonText(comparison: SearchComparison): readonly string[] {
  const { scenarios, onlyLeft, onlyRight } = comparison
  return [
    foundAlike(comparison) ? 'Both found the same.' : 'They found different things.',
    ...section('Scenarios of the first only', onlyLeft),
    ...section('Scenarios of the second only', onlyRight),
    ...scenarios.flatMap(scenarioText),
  ]
}

function scenarioText({
  scenario,
  verdicts,
  exhaustive,
  bounds,
  findings,
  outcomes,
  conflicts,
  lints,
}: ScenarioComparison) {
  const [left, right] = verdicts.map((verdict, index) => (exhaustive[index] ? verdict : `${verdict}, not exhaustive`))
  const finding = ({ key, message }: { readonly key: string; readonly message: string }) => `${key}: ${message}`
  const outcome = ({ fingerprint, objects }: { readonly fingerprint: string; readonly objects: readonly string[] }) =>
    `${fingerprint.slice(0, 12)}: ${objects.length === 0 ? 'no objects' : objects.join(', ')}`
  const lint = ({ id, message }: { readonly id: string; readonly message: string }) => `${id}: ${message}`
  return [
    '',
    left === right ? `${scenario}: ${left}, both` : `${scenario}: ${left}, then ${right}`,
    `  both have ${count(findings.both, 'finding')}, ${count(outcomes.both, 'outcome')}`,
    ...section('Findings of the first only', findings.onlyLeft.map(finding)),
    ...section('Findings of the second only', findings.onlyRight.map(finding)),
    ...section('Outcomes of the first only', outcomes.onlyLeft.map(outcome)),
    ...section('Outcomes of the second only', outcomes.onlyRight.map(outcome)),
    ...section(
      'Conflicts of the first only, on the paths of findings and outcomes',
      conflicts.onlyLeft.map(conflictText),
    ),
    ...section(
      'Conflicts of the second only, on the paths of findings and outcomes',
      conflicts.onlyRight.map(conflictText),
    ),
    ...section('Lints of the first only', lints.onlyLeft.map(lint)),
    ...section('Lints of the second only', lints.onlyRight.map(lint)),
    ...section(
      'Bounds, first and second: what one lacks may lie beyond its bounds',
      bounds.map(({ name, left: one, right: other }) => `${name}: ${JSON.stringify(one)} and ${JSON.stringify(other)}`),
    ),
  ]
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)]
}
