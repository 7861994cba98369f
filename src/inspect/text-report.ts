/**
 * The report of a search as text for people: the verdict with its bounds first, then how far the search went,
 * each finding with its path and how to see it again, and the states in which the cluster came to rest.
 */

import { redactSecrets } from '#trace/redact.ts'
import type { ExploreReport, ReportLevel, ReportOutcome, ReportStatistics } from '#trace/report.ts'
import { boundsLines, estimateText, namesIn, searchedProfiles, verdictLines } from './bounds-text.ts'
import { profileNames } from './explanations.ts'
import { findingLines } from './finding-text.ts'
import { count, formatDuration, formatNumber, plainData, shorten, wrap, wrapParts } from './plain-text.ts'
import { tableLines } from './table.ts'
import { type TextOptions, type TextStyle, textStyle } from './text-style.ts'

/** More converged states than this are counted instead of listed. */
const OUTCOMES_MAX = 12

/** Ends with a line feed. Everything shown is in the report; Secrets' data and control characters are not shown. */
export function textReport(report: ExploreReport, options: TextOptions = {}): string {
  const style = textStyle(options)
  const shown = plainData(redactSecrets(report))
  const sections = [
    [...verdictLines(shown, style), ...boundsLines(shown.bounds, style)],
    [...levelLines(shown.levels, style), ...statisticsLines(shown.statistics, style)],
    ...shown.findings.map((finding, index) => findingLines(finding, index + 1, shown.findings.length, style)),
    acceptedLines(shown, style),
    outcomeLines(shown.outcomes, style),
    lintLines(shown, style),
    notSearchedLines(shown, style),
  ]
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`
}

/** What a baseline knows, and what it knows in vain. */
function acceptedLines({ accepted = [], baselineUnmatched = [] }: ExploreReport, style: TextStyle): readonly string[] {
  const item = (text: string): readonly string[] =>
    wrap(text, style.columns - 4).map((line, index) => `${index === 0 ? '  • ' : '    '}${line}`)
  return [
    ...(accepted.length === 0 ? [] : [style.colours.bold('Known findings (accepted by the baseline)')]),
    ...accepted.flatMap(({ key, message }) => item(`${key}: ${message}`)),
    ...(baselineUnmatched.length === 0 ? [] : [style.colours.bold('In the baseline, and not found any more')]),
    ...baselineUnmatched.flatMap(item),
  ]
}

/** The saturation table: whether more faults still show more states, outcomes and findings. */
function levelLines(levels: readonly ReportLevel[], style: TextStyle): readonly string[] {
  if (levels.length === 0) return []
  const [header = '', ...rows] = tableLines(
    [
      { title: 'profile', align: 'left' },
      { title: 'granularity', align: 'left' },
      { title: 'faults', align: 'right' },
      { title: 'states', align: 'right' },
      { title: 'converged', align: 'right' },
      { title: 'findings', align: 'right' },
      { title: 'time', align: 'right' },
      { title: 'searched', align: 'left' },
    ],
    levels.map((level) => [
      level.profile,
      level.granularity,
      String(level.faults),
      formatNumber(level.statesDistinct),
      formatNumber(level.outcomes),
      formatNumber(level.findings),
      formatDuration(level.elapsedMs),
      level.exhaustive ? 'all' : partText(level),
    ]),
  )
  const { colours } = style
  return [
    colours.dim(header),
    ...rows.map((row, index) => (levels[index]?.exhaustive === false ? colours.yellow(row) : row)),
  ]
}

function partText({ walks }: ReportLevel): string {
  if (walks === undefined) return 'in part'
  return walks.when === 'instead' ? count(walks.runs, 'run') : `in part, ${estimateText(walks)}`
}

function statisticsLines(statistics: ReportStatistics, style: TextStyle): readonly string[] {
  const executed = statistics.reconcilesExecuted
  const all = executed + statistics.reconcilesAnswered
  const parts = [
    `${formatNumber(statistics.statesDistinct)} distinct states (${formatNumber(statistics.transitions)} transitions, depth ${statistics.depthMax})`,
    `${count(executed, 'reconcile')} run${all > executed ? ` of ${formatNumber(all)} (the others were known)` : ''}`,
    `${formatDuration(statistics.elapsedMs)}, ${formatNumber(statistics.statesPerSecond)} states/s`,
    ...(statistics.peakRssBytes > 0 ? [`${formatNumber(statistics.peakRssBytes / 1_048_576)} MB`] : []),
    `chance that two states were taken for one: ${probability(statistics.collisionProbability)}`,
  ]
  return wrapParts(parts, style.columns).map((line) => style.colours.dim(line))
}

function probability(value: number): string {
  return value === 0 ? '0' : value.toExponential(0)
}

function outcomeLines(outcomes: readonly ReportOutcome[], style: TextStyle): readonly string[] {
  if (outcomes.length === 0) return []
  const shown = outcomes.slice(0, OUTCOMES_MAX)
  const idWidth = Math.max(...shown.map((outcome) => outcome.id.length))
  const rows = shown.map((outcome) => {
    const paths = pathCount(outcome.paths)
    const steps = count(outcome.first.steps.length, 'step')
    const head = `  ${outcome.id.padEnd(idWidth)}  ${paths}, shortest ${steps}: `
    return head + shorten(objectList(outcome.objects), Math.max(style.columns - head.length, 20))
  })
  const rest = outcomes.length - shown.length
  return [
    style.colours.bold(`${count(outcomes.length, 'converged state')}`),
    ...rows,
    ...(rest > 0 ? [`  … and ${rest} more (see --json)`] : []),
  ]
}

function pathCount(paths: ReportOutcome['paths']): string {
  if (paths === null) return 'paths not counted'
  if (paths === 'infinite') return 'infinitely many paths'
  return typeof paths === 'number' ? count(paths, 'path') : `${paths} paths`
}

function objectList(objects: readonly string[]): string {
  return objects.length === 0 ? 'no objects' : `${count(objects.length, 'object')}: ${objects.join(', ')}`
}

function lintLines(report: ExploreReport, style: TextStyle): readonly string[] {
  if (report.lints.length === 0) return []
  return [
    style.colours.bold('Lints (nothing violated, worth a look)'),
    ...report.lints.flatMap((lint) => {
      const lines = wrap(`${lint.id}: ${lint.message}`, style.columns - 4)
      return lines.map((line, index) => `${index === 0 ? '  • ' : '    '}${line}`)
    }),
  ]
}

/** A verdict is only for what was searched, so the rest is named. */
function notSearchedLines(report: ExploreReport, style: TextStyle): readonly string[] {
  const searched = searchedProfiles(report)
  const profiles = namesIn(report.bounds.profilesNotSearched) ?? profileNames.filter((name) => !searched.has(name))
  const faults = namesIn(report.bounds.faultsNotSearched) ?? []
  // Without --profile the others are searched for what was found, which proves nothing about the rest.
  const labelled = new Set(report.findings.flatMap((finding) => finding.profiles))
  const named = profiles.map((name) => (labelled.has(name) ? `${name} (but for the findings)` : name))
  const parts = [
    ...(profiles.length > 0 ? [`the profiles ${named.join(', ')}`] : []),
    ...(faults.length > 0 ? [`the faults ${faults.join(', ')}`] : []),
  ]
  if (parts.length === 0) return []
  return wrap(`Not searched: ${parts.join('; ')}.`, style.columns).map((line) => style.colours.dim(line))
}
