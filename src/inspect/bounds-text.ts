/** The verdict and the bounds within which it was found; never the one without the other. */
import type { ExploreReport, ReportWalks } from '#trace/report.ts'
import { count, formatDuration, formatNumber, wrap, wrapParts } from './plain-text.ts'
import type { TextStyle } from './text-style.ts'

/** `✗ zookeeper: violated`, and a sentence that says of what and how far it was searched. */
export function verdictLines(report: ExploreReport, style: TextStyle): readonly string[] {
  const { colours } = style
  const head = {
    holds: colours.green(colours.bold(`✓ ${report.scenario}: holds within the bounds below`)),
    violated: colours.red(colours.bold(`✗ ${report.scenario}: violated`)),
    inconclusive: colours.yellow(colours.bold(`? ${report.scenario}: inconclusive`)),
  }[report.verdict]
  return [
    head,
    ...wrap(`${verdictSentence(report)} ${searchSentence(report)}`.trim(), style.columns - 2).map(
      (line) => `  ${line}`,
    ),
  ]
}

function verdictSentence(report: ExploreReport): string {
  const findings = report.findings.length
  if (findings > 0) {
    const oracles = [...new Set(report.findings.map((finding) => finding.property ?? finding.oracle))]
    return `${count(findings, 'finding')}: ${oracles.join(', ')}.`
  }
  const known = report.accepted?.length ?? 0
  if (known > 0) return `Nothing violated but ${count(known, 'known finding')}.`
  return report.verdict === 'inconclusive' ? 'Nothing violated so far, but that is no proof.' : 'Nothing violated.'
}

function searchSentence(report: ExploreReport): string {
  const profiles = [...searchedProfiles(report)].join(', ')
  const faultsMax = Math.max(0, ...report.levels.map((level) => level.faults))
  const scope = profiles === '' ? '' : ` with up to ${count(faultsMax, 'fault')} under ${profiles}`
  if (report.exhaustive) return `Every order was searched${scope}.`
  const cuts = namesIn(report.bounds.cuts) ?? []
  const walked = report.levels.findLast(({ walks }) => walks?.when === 'beyond')?.walks
  const estimate = walked?.when === 'beyond' ? ` Not exhausted: ${estimateText(walked)}${rateText(walked)}.` : ''
  return `The search${scope} was not exhaustive${cuts.length > 0 ? `: ${cuts.join(', ')}` : ''}.${estimate}`
}

type Estimate = Extract<ReportWalks, { readonly when: 'beyond' }>

/** `about 70 % (walk estimate)`: never all. */
export function estimateText({ explored }: Estimate): string {
  return `about ${Math.floor(explored * 100)} % (walk estimate)`
}

function rateText({ newStateRate }: Estimate): string {
  return `, new-state rate ${newStateRate > 0 && newStateRate < 0.01 ? 'below 1' : Math.round(newStateRate * 100)} %`
}

/** The profiles of the levels (a finding's other labels come from searches for that finding alone). */
export function searchedProfiles(report: ExploreReport): ReadonlySet<string> {
  return new Set(report.levels.map((level) => level.profile))
}

/** Shown elsewhere: with the verdict, and at the end. */
const SHOWN_ELSEWHERE: readonly string[] = ['cuts', 'profilesNotSearched', 'faultsNotSearched']

/** A bound that is a list of names; undefined when the report does not have it. */
export function namesIn(bound: unknown): readonly string[] | undefined {
  return Array.isArray(bound) ? bound.map(String) : undefined
}

/** Every bound the report has, in words of the command line. */
export function boundsLines(bounds: ExploreReport['bounds'], style: TextStyle): readonly string[] {
  const shown = Object.entries(bounds).filter(([name]) => !SHOWN_ELSEWHERE.includes(name))
  const texts = shown.flatMap(([name, value]) => boundText(name, value))
  const margin = '          '
  return wrapParts(texts, style.columns - margin.length).map((line, index) => {
    return style.colours.dim(index === 0 ? `  Bounds: ${line}` : `${margin}${line}`)
  })
}

function boundText(name: string, value: unknown): readonly string[] {
  if (value === undefined || value === null || value === false) return []
  const isDuration = name.endsWith('Ms') && typeof value === 'number'
  const words = kebab(isDuration ? name.slice(0, -2) : name)
  if (value === true) return [words]
  if (isDuration) return [`${words} ${formatDuration(value)}`]
  if (Array.isArray(value)) return value.length === 0 ? [] : [`${words} ${value.map(plainValue).join(', ')}`]
  if (typeof value === 'object') {
    const fields = Object.entries(value).flatMap(([field, fieldValue]) => boundText(field, fieldValue))
    return fields.length === 0 ? [] : [`${words} (${fields.join(', ')})`]
  }
  return [`${words} ${plainValue(value)}`]
}

function plainValue(value: unknown): string {
  if (typeof value === 'number') return Number.isInteger(value) ? formatNumber(value) : String(value)
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}
