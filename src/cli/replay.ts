/** `kamera replay`: follows the path of a counterexample and says whether the finding is still there. */

import { pathReport } from '#dump/path-report.ts'
import { pathText } from '#inspect/path-text.ts'
import { plainData, plainText, wrap } from '#inspect/plain-text.ts'
import type { ReplayResult } from '#replay.ts'
import { redactSecrets } from '#trace/redact.ts'
import type { CounterexampleFile, ExploreReport, ReportFinding } from '#trace/report.ts'
import { readCounterexample, scenarioOf } from './counterexample-files.ts'
import { writeDump, writePage } from './dump-files.ts'
import { textOptions } from './explore.ts'
import { readFrom } from './explore-from.ts'
import { loadScenario } from './load-scenario.ts'
import { isTrace } from './read-trace.ts'
import { replayTraceVerb } from './replay-trace.ts'
import { ExitStatus, type Terminal } from './terminal.ts'
import type { Verbs } from './verbs.ts'

export interface ReplayArguments {
  readonly file: string
  /** Of a trace. */
  readonly scenario?: string
  readonly set?: Readonly<Record<string, unknown>>
  readonly controller?: string
  /** Of a trace: a program by the host protocol, in place of a scenario. */
  readonly host?: string
  /** Where that program is started. */
  readonly directory?: string
  readonly json?: boolean
  /** File for the inspectors. */
  readonly dump?: string
  /** File for a page that shows the same. */
  readonly html?: string
}

const STATUS: Readonly<Record<ReplayResult['status'], ExitStatus>> = {
  reproduced: ExitStatus.violated,
  gone: ExitStatus.holds,
  diverged: ExitStatus.inconclusive,
}

/** Throws a `UsageError` where the file or its scenario cannot be used. */
export async function replayVerb(given: ReplayArguments, terminal: Terminal, verbs: Verbs): Promise<ExitStatus> {
  const { workingDirectory } = terminal
  if (isTrace(given.file, workingDirectory)) return replayTraceVerb(given, terminal, verbs)
  const file = readCounterexample(given.file, workingDirectory)
  const scenarioPath = scenarioOf(file, given.file, workingDirectory)
  const loaded = await loadScenario(scenarioPath, { set: file.set, workingDirectory })
  const scenario = file.from === undefined ? loaded : readFrom(file.from, workingDirectory, () => {}).apply(loaded)
  const replay = await verbs.replay()
  const result = redactSecrets(await replay(scenario, file, { wallClock: () => terminal.wallClock() }))
  terminal.out(
    given.json === true
      ? `${JSON.stringify({ formatVersion: 1, file: given.file, scenario: file.scenario, ...result })}\n`
      : replayText(result, file, terminal),
  )
  const reports = [replayReport(result, file, scenario.name)]
  if (given.dump !== undefined) writeDump(given.dump, { source: 'replay', reports }, terminal)
  if (given.html !== undefined) writePage(given.html, { source: 'replay', reports }, terminal)
  return STATUS[result.status]
}

/** The steps as far as they were followed, then the verdict. */
function replayText(result: ReplayResult, file: CounterexampleFile, terminal: Terminal): string {
  const { finding } = file
  const name = finding.property === undefined ? finding.oracle : `${finding.oracle} "${finding.property}"`
  const head = `Replaying ${file.scenario}: ${name} (${finding.id})`
  const steps = pathText(plainData(result.path), textOptions(terminal))
  const lines = [...verdict(result, name), ...(result.message === '' ? [] : [result.message])]
  return `${plainText(head)}\n\n${steps}\n${lines.flatMap((line) => wrap(plainText(line), terminal.columns ?? 100)).join('\n')}\n`
}

/** For inspectors: the finding with the path as it was followed. One path searches nothing, so nothing is said to hold. */
function replayReport(result: ReplayResult, { finding }: CounterexampleFile, scenario: string): ExploreReport {
  const { fork: _, explanation: __, ...followed } = finding
  const findingNow: ReportFinding =
    result.status === 'reproduced'
      ? { ...finding, path: result.path }
      : {
          ...followed,
          message: [...verdict(result, finding.oracle), result.message].filter((text) => text !== '').join(' '),
          path: result.path,
          steps: result.path.steps.length,
        }
  const report = pathReport(scenario, { findings: [findingNow] })
  return result.status === 'reproduced' ? report : { ...report, verdict: 'inconclusive' }
}

function verdict(result: ReplayResult, name: string): readonly string[] {
  switch (result.status) {
    case 'reproduced':
      return [`✗ reproduced: ${name} is violated again.`]
    case 'gone':
      return [`✓ gone: the path can be followed to its end, and ${name} is not violated.`]
    case 'diverged': {
      const step = result.divergedAt === undefined ? 'a step' : `step ${result.divergedAt + 1}`
      return [`? diverged: the path cannot be followed, ${step} is the first that differs.`]
    }
  }
}
