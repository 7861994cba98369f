/** Two traces side by side, for people. */
import { formatNumber } from '#inspect/plain-text.ts'
import { endAlike, type TraceComparison } from './compare-traces.ts'
import { differenceLine } from './lifecycle-text.ts'

export function comparisonText(comparison: TraceComparison, width: number): readonly string[] {
  const { onlyLeft, onlyRight, changed, counts } = comparison
  return [
    endAlike(comparison) ? 'Both end alike.' : 'They end differently.',
    ...section('Only at the end of the first', onlyLeft),
    ...section('Only at the end of the second', onlyRight),
    ...changed.flatMap(({ object, differences }) =>
      section(
        `${object}, first and second`,
        differences.map((difference) => differenceLine(difference, width - 2)),
      ),
    ),
    ...section(
      'What controllers did, first and second',
      counts.map(
        ({ controller, what, left, right }) =>
          `${controller}: ${COUNT_WORDS[what]} ${formatNumber(left)} and ${formatNumber(right)}`,
      ),
    ),
  ]
}

export const COUNT_WORDS: Readonly<Record<TraceComparison['counts'][number]['what'], string>> = {
  reconciles: 'reconciles',
  errors: 'errors',
  conflicts: 'conflicts',
  writes: 'writes',
  unchangedWrites: 'writes that changed nothing',
  unfinished: 'unfinished reconciles',
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)]
}
