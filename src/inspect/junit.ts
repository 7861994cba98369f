/** Results as JUnit's XML, which CI servers show: a suite a scenario, a failed test a finding. */
import type { ExploreReport } from '#trace/report.ts'
import { findingLines } from './finding-text.ts'
import { plainData, plainText } from './plain-text.ts'
import { textStyle } from './text-style.ts'

/** A scenario and what became of it; without a report it could not be explored. */
export interface ExploredScenario {
  /** Its module, as the user named it. */
  readonly path: string
  readonly report?: ExploreReport | undefined
}

/** Reports hold no Secrets' data any more (`redactSecrets`). Ends with a line feed. */
export function junitXml(scenarios: readonly ExploredScenario[]): string {
  const suites = scenarios.map(suite)
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="kamera">\n${suites.join('')}</testsuites>\n`
}

function suite({ path, report }: ExploredScenario): string {
  if (report === undefined) {
    const error = '<error message="The scenario could not be explored: see the output of kamera."/>'
    return `<testsuite${attributes({ name: path, tests: 1, failures: 0, errors: 1, skipped: 0 })}>\n<testcase${attributes({ name: 'is explored', classname: path })}>${error}</testcase>\n</testsuite>\n`
  }
  const { findings } = report
  const isOpen = findings.length === 0 && report.verdict === 'inconclusive'
  const elapsedMs = report.levels.reduce((sum, level) => sum + level.elapsedMs, 0)
  const time = (elapsedMs / 1000).toFixed(3)
  const counts = { tests: Math.max(1, findings.length), failures: findings.length, errors: 0, skipped: isOpen ? 1 : 0 }
  const head = attributes({ name: report.scenario, ...counts, time, file: path })
  return `<testsuite${head}>\n${findings.length === 0 ? outcome(report, path, isOpen) : failures(report, path)}</testsuite>\n`
}

/** A search that was not exhaustive is no passed test. */
function outcome(report: ExploreReport, path: string, isOpen: boolean): string {
  const note = isOpen ? '<skipped message="Nothing violated so far, but the search was inconclusive."/>' : ''
  return `<testcase${attributes({ name: 'holds within the bounds', classname: report.scenario, file: path })}>${note}</testcase>\n`
}

function failures(report: ExploreReport, path: string): string {
  const findings = plainData(report.findings)
  return findings
    .map((finding, index) => {
      const name = `${finding.property ?? finding.oracle} (${finding.id})`
      const text = findingLines(finding, index + 1, findings.length, textStyle({ columns: 120 })).join('\n')
      const failure = `<failure${attributes({ type: finding.oracle, message: finding.message })}>${escaped(text)}</failure>`
      return `<testcase${attributes({ name, classname: report.scenario, file: path })}>${failure}</testcase>\n`
    })
    .join('')
}

function attributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${escaped(String(value)).replaceAll('\n', '&#10;')}"`)
    .join('')
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

/** XML has no way to write control characters, surrogates without their half, or U+FFFE and U+FFFF. */
function escaped(text: string): string {
  return plainText(text)
    .replace(/[&<>"]/g, (character) => ENTITIES[character] ?? '')
    .replace(/[\p{Cs}\ufffe\uffff]/gu, '\ufffd')
}
