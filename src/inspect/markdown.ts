/** Results as Markdown, for summaries of CI jobs and comments: a table of scenarios, then the findings. */
import type { ExploreReport, ReportFinding } from '#trace/report.ts'
import { boundsLines } from './bounds-text.ts'
import { findingLines } from './finding-text.ts'
import type { ExploredScenario } from './junit.ts'
import { count, formatDuration, formatNumber, plainData, plainText } from './plain-text.ts'
import { textStyle } from './text-style.ts'

/** GitHub refuses summaries of more than 1 MiB, and shows none of them then. In characters, with room for their octets. */
const SIZE_MAX = 300_000

/** Reports hold no Secrets' data any more (`redactSecrets`). Ends with a line feed. */
export function markdownReport(scenarios: readonly ExploredScenario[]): string {
  const rows = scenarios.map(({ path, report }) => row(path, report))
  const head = [
    `# Kamera: ${headline(scenarios)}`,
    '',
    '| Scenario | Verdict | Findings | States | Time |',
    '|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n')
  const sections = scenarios.flatMap(({ report }) => (report === undefined ? [] : sectionsOf(plainData(report))))
  let text = head
  for (const [index, section] of sections.entries()) {
    if (text.length + section.length > SIZE_MAX) {
      const left = count(sections.length - index, 'section')
      return `${text}\n${left} more would make this too long: see the other reports of the same run.\n`
    }
    text += `\n${section}`
  }
  return text
}

function headline(scenarios: readonly ExploredScenario[]): string {
  const findings = scenarios.reduce((sum, { report }) => sum + (report?.findings.length ?? 0), 0)
  const broken = scenarios.filter(({ report }) => report === undefined).length
  const open = scenarios.filter(({ report }) => report?.verdict === 'inconclusive').length
  const parts = [
    ...(findings > 0 ? [count(findings, 'finding')] : []),
    ...(broken > 0 ? [`${count(broken, 'scenario')} could not be explored`] : []),
    ...(open > 0 ? [`${count(open, 'search', 'searches')} inconclusive`] : []),
  ]
  return parts.length === 0 ? 'nothing violated within the bounds' : parts.join(', ')
}

const MARKS = { holds: '✅ holds', violated: '❌ violated', inconclusive: '❔ inconclusive' } as const

function row(path: string, report: ExploreReport | undefined): string {
  if (report === undefined) return `| ${escaped(path)} | ⚠️ could not be explored | | | |`
  const { verdict, exhaustive, findings, statistics, levels } = report
  const elapsedMs = levels.reduce((sum, level) => sum + level.elapsedMs, 0)
  const states = `${formatNumber(statistics.statesDistinct)}${exhaustive ? '' : ' (not exhaustive)'}`
  return `| ${escaped(report.scenario)} | ${MARKS[verdict]} | ${findings.length} | ${states} | ${formatDuration(elapsedMs)} |`
}

/** The bounds go with every verdict. */
function sectionsOf(report: ExploreReport): readonly string[] {
  const style = textStyle({ columns: 110 })
  const findings = report.findings.map((finding, index) => section(finding, index + 1, report.findings.length))
  const bounds = fenced(boundsLines(report.bounds, style).join('\n'))
  return [
    ...findings,
    `<details><summary>Bounds of ${htmlEscaped(report.scenario)}</summary>\n\n${bounds}\n\n</details>\n`,
  ]
}

function section(finding: ReportFinding, number: number, total: number): string {
  const name = finding.property === undefined ? finding.oracle : `${finding.oracle} “${finding.property}”`
  const facts = [
    `${count(finding.steps, 'step')}, ${finding.faults === 0 ? 'no fault' : count(finding.faults, 'fault')}`,
    `under ${finding.profiles.join(', ')}`,
    ...(finding.controllers.length === 0 ? [] : [`by ${finding.controllers.join(', ')}`]),
    ...(finding.objects.length === 0 ? [] : [`on ${finding.objects.join(', ')}`]),
  ]
  const lines = findingLines(finding, number, total, textStyle({ columns: 110 }))
  return [
    `## ${escaped(name)}`,
    '',
    `**${escaped(finding.message)}**`,
    '',
    ...(finding.explanation?.text ?? []).flatMap((text) => [escaped(text), '']),
    escaped(facts.join(' · ')),
    '',
    ...(finding.replay === '' ? [] : [fenced(finding.replay, 'sh'), '']),
    `<details><summary>How it comes to that</summary>\n\n${fenced(lines.join('\n'))}\n\n</details>\n`,
  ].join('\n')
}

/** A fence that is longer than any in the text. */
function fenced(text: string, language = 'text'): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length))
  const fence = '`'.repeat(longest + 1)
  return `${fence}${language}\n${text}\n${fence}`
}

/** Text from outside as text: no markup, no links, and nobody is mentioned. */
function escaped(text: string): string {
  return htmlEscaped(plainText(text).replaceAll('\n', ' '))
    .replace(/[\\`*_{}[\]#|~!]/g, '\\$&')
    .replaceAll('@', '@<!-- -->')
    .replace(/\b(https?|ftp|www)(:|\.)/gi, '$1<!-- -->$2')
}

function htmlEscaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
