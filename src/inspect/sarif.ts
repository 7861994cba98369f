/** Findings as SARIF 2.1.0, which code scanning shows beside the code: the rules are the oracles. */
import type { ReportFinding } from '#trace/report.ts'
import { explanations } from './explanations.ts'
import type { ExploredScenario } from './junit.ts'
import { plainData } from './plain-text.ts'

/** Reports hold no Secrets' data any more (`redactSecrets`). Ends with a line feed. */
export function sarifJson(scenarios: readonly ExploredScenario[]): string {
  const found = scenarios.flatMap(({ path, report }) =>
    plainData(report?.findings ?? []).map((finding) => ({ path, finding })),
  )
  const oracles = [...new Set(found.map(({ finding }) => finding.oracle))]
  const run = {
    tool: { driver: { name: 'kamera', rules: oracles.map(rule) } },
    invocations: [{ executionSuccessful: scenarios.every(({ report }) => report !== undefined) }],
    results: found.map(({ path, finding }) => ({
      ruleId: finding.oracle,
      ruleIndex: oracles.indexOf(finding.oracle),
      level: 'error',
      message: { text: messageOf(finding) },
      locations: [{ physicalLocation: { artifactLocation: { uri: uriOf(path) }, region: { startLine: 1 } } }],
      // The same for the same bug in every search, so that a fixed one is closed.
      partialFingerprints: { 'kameraFinding/v1': finding.key },
    })),
  }
  const log = { $schema: 'https://json.schemastore.org/sarif-2.1.0.json', version: '2.1.0', runs: [run] }
  return `${JSON.stringify(log, undefined, 2)}\n`
}

function rule(oracle: string): object {
  const explanation = explanations.find(({ type, name }) => type === 'oracle' && name === oracle)
  const summary = explanation?.summary ?? oracle
  const help = explanation?.type === 'oracle' ? `${explanation.flags}\n\n${explanation.whyABug}` : summary
  return { id: oracle, shortDescription: { text: summary }, help: { text: help } }
}

function messageOf(finding: ReportFinding): string {
  const why = finding.explanation?.text ?? []
  return [finding.message, ...why, ...(finding.replay === '' ? [] : [`Replay: ${finding.replay}`])].join('\n\n')
}

/** Separators of Windows and what a URI may not have in it. */
function uriOf(path: string): string {
  return path.replaceAll('\\', '/').split('/').map(encodeURIComponent).join('/')
}
