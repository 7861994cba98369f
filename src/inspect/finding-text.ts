/** A finding: what was violated and where, why that happens, the steps that lead there, how to see it again. */
import type { ReportFinding } from '#trace/report.ts'
import { briefPathLines, forkLines } from './path-text.ts'
import { count, wrap } from './plain-text.ts'
import type { TextStyle } from './text-style.ts'

/** `number` and `total`: `Finding 2 of 3`. */
export function findingLines(
  finding: ReportFinding,
  number: number,
  total: number,
  style: TextStyle,
): readonly string[] {
  const { colours } = style
  const name = finding.property === undefined ? finding.oracle : `${finding.oracle} "${finding.property}"`
  const rule = colours.dim('─'.repeat(Math.min(style.columns, 100)))
  const guilty = finding.explanation?.write
  const path =
    finding.fork === undefined
      ? briefPathLines(finding.path, guilty?.run === 'here' ? guilty.step : undefined, style)
      : forkLines(finding.path, finding.fork, guilty, style)
  return [
    rule,
    colours.red(colours.bold(`Finding ${number} of ${total}: ${name}`)),
    ...wrap(finding.message, style.columns),
    ...factLines(finding, style),
    ...(finding.explanation?.text ?? []).flatMap((paragraph) => ['', ...wrap(paragraph, style.columns)]),
    '',
    ...path,
    '',
    // A search from code writes no file to replay.
    ...(finding.replay === '' ? [] : [`${colours.dim('Replay: ')} ${colours.bold(finding.replay)}`]),
    `${colours.dim('Explain:')} kamera explain ${finding.oracle}`,
  ]
}

export function factLines(finding: Omit<ReportFinding, 'path' | 'fork'>, style: TextStyle): readonly string[] {
  const minimised = finding.minimisedFrom > finding.steps ? ` (shortened from ${finding.minimisedFrom})` : ''
  const { actions = [], objects = [] } = finding.without ?? {}
  const undecided = finding.profilesUndecided ?? []
  const faults = finding.faults === 0 ? 'no fault' : count(finding.faults, 'fault')
  const facts: readonly (readonly [label: string, text: string])[] = [
    ['id', finding.id],
    [
      'needs',
      `${faults}, ${count(finding.steps, 'step')}${minimised}${finding.minimal ? '' : '; perhaps less: a search for it met its limit'}`,
    ],
    ['omits', [...actions, ...objects].map(({ title }) => title).join(', ')],
    ['under', `${finding.profiles.join(', ')}${undecided.length === 0 ? '' : ` (undecided: ${undecided.join(', ')})`}`],
    ['by', finding.controllers.join(', ')],
    ['on', finding.objects.join(', ')],
  ]
  return facts
    .filter(([, text]) => text !== '')
    .flatMap(([label, text]) =>
      wrap(text, style.columns - 9).map(
        (line, index) => `${style.colours.dim((index === 0 ? label : '').padEnd(7))}${line}`,
      ),
    )
}
