/** `kamera explore`: searches one scenario after another, writes counterexamples, prints reports. */

import { count } from '#inspect/plain-text.ts'
import { textReport } from '#inspect/text-report.ts'
import { redactSecrets } from '#trace/redact.ts'
import type { CounterexampleFile, ExploreReport, ReportFinding, Verdict } from '#trace/report.ts'
import type { StateGraph } from '#trace/state-graph.ts'
import { type Baseline, readBaseline, writeBaseline } from './baseline-files.ts'
import { writeCiReports } from './ci-reports.ts'
import { counterexamplePath, writeCounterexample } from './counterexample-files.ts'
import { writeDump, writePage } from './dump-files.ts'
import { type From, readFrom } from './explore-from.ts'
import { findScenarios } from './find-scenarios.ts'
import { inspectReports, mustBeTerminal } from './inspect-reports.ts'
import { type LiveInspector, liveInspector } from './live-inspector.ts'
import { loadScenario } from './load-scenario.ts'
import { printError } from './print-error.ts'
import { progressDisplay } from './progress.ts'
import { summaryText } from './summary.ts'
import { ExitStatus, type Terminal } from './terminal.ts'
import { UsageError } from './usage-error.ts'
import type { SearchControls, SearchOptions, Verbs } from './verbs.ts'

export interface ExploreArguments {
  /** Modules and folders. */
  readonly paths: readonly string[]
  readonly search: SearchOptions
  /** A trace, and a step of it, in whose state the search begins. */
  readonly from?: string | undefined
  readonly set: Readonly<Record<string, unknown>>
  readonly json: boolean
  readonly requireExhaustive: boolean
  /** File of known findings. */
  readonly baseline?: string | undefined
  /** File to which all findings are written; they are known then. */
  readonly writeBaseline?: string | undefined
  /** File for the inspectors. */
  readonly dump?: string | undefined
  /** File for a page that shows the same. */
  readonly html?: string | undefined
  /** Files for CI servers and for code scanning. */
  readonly junit?: string | undefined
  readonly sarif?: string | undefined
  readonly markdown?: string | undefined
  readonly annotations?: boolean
  /** The terminal inspector, once the search is over. */
  readonly inspect?: boolean
  /** The web inspector, from the beginning until Ctrl-C. */
  readonly web?: boolean
  readonly port?: number | undefined
  readonly debug: boolean
}

/** What became of one scenario. Where it could not be explored, there is no verdict. */
export interface ScenarioResult {
  readonly path: string
  readonly status: ExitStatus
  readonly verdict?: Verdict
  /** The oracles of its findings, each once. */
  readonly oracles?: readonly string[]
  readonly report?: ExploreReport
  /** Of the last level. */
  readonly statesDistinct?: number
  /** Of all levels. */
  readonly elapsedMs?: number
}

/** The worst comes first: what decides the exit status of a run over several scenarios. */
const SEVERITY: readonly ExitStatus[] = [
  ExitStatus.internal,
  ExitStatus.usage,
  ExitStatus.violated,
  ExitStatus.inconclusive,
  ExitStatus.holds,
]

/** Explores every scenario, whatever becomes of the others. Throws only where no scenario can be found. */
export async function exploreVerb(given: ExploreArguments, terminal: Terminal, verbs: Verbs): Promise<ExitStatus> {
  const warn = (message: string) => terminal.error(`warning: ${message}\n`)
  const from = given.from === undefined ? undefined : readFrom(given.from, terminal.workingDirectory, warn)
  const paths = findScenarios(scenariosOf(given.paths, from), terminal.workingDirectory)
  const baseline = given.baseline === undefined ? undefined : readBaseline(given.baseline, terminal.workingDirectory)
  if (given.inspect === true) mustBeTerminal('explore --inspect')
  const live = given.web === true ? await liveInspector(given.port ?? 0, terminal) : undefined
  const interrupt = interruption(terminal)
  const reports: ExploreReport[] = []
  const graphs = new Map<number, StateGraph>()
  const files = new Set<string>()
  const results: ScenarioResult[] = []
  try {
    for (const path of paths) {
      if (interrupt.signal.aborted) break
      if (!given.json && results.length > 0) terminal.out('\n')
      const place = paths.length > 1 ? `[${results.length + 1}/${paths.length}] ${path}` : path
      const search = { place, terminal, verbs, signal: interrupt.signal, files, baseline, reports, graphs, live, from }
      results.push(await exploreOne(path, given, search))
      live?.show(reports, graphs)
    }
  } finally {
    interrupt.end()
  }
  if (!given.json && paths.length > 1) terminal.out(summaryText(results, paths.length, terminal))
  writeCiReports(given, results, terminal)
  if (given.dump !== undefined) writeDump(given.dump, { source: 'explore', reports, graphs }, terminal)
  if (given.html !== undefined) writePage(given.html, { source: 'explore', reports, graphs }, terminal)
  if (given.writeBaseline !== undefined) keepBaseline(given.writeBaseline, reports, baseline, terminal)
  if (given.inspect === true) await inspectReports({ source: 'explore', reports, graphs }, terminal)
  await live?.untilInterrupt()
  return SEVERITY.find((status) => results.some((result) => result.status === status)) ?? ExitStatus.holds
}

/** A simulated trace names its scenario; a recording has none. */
function scenariosOf(paths: readonly string[], from: From | undefined): readonly string[] {
  if (paths.length > 0) return paths
  if (from?.scenario !== undefined) return [from.scenario]
  throw new UsageError({
    what: 'No scenario is given.',
    why:
      from === undefined
        ? 'kamera explores what it is told to.'
        : 'A recording does not hold the code of its controllers.',
    fix: from === undefined ? 'Write kamera explore scenario.ts.' : 'Name a scenario that has them, after the options.',
  })
}

function keepBaseline(
  file: string,
  reports: readonly ExploreReport[],
  before: Baseline | undefined,
  terminal: Terminal,
): void {
  writeBaseline(file, reports, before, terminal.workingDirectory)
  const known = reports.reduce((sum, { findings, accepted = [] }) => sum + findings.length + accepted.length, 0)
  terminal.error(`${count(known, 'known finding')} written to ${file}\n`)
}

/** Once its findings are known. */
function verdictWithout({ verdict, exhaustive }: ExploreReport): Verdict {
  return verdict !== 'violated' ? verdict : exhaustive ? 'holds' : 'inconclusive'
}

/** The first Ctrl-C ends the search and prints what was found; the second ends the process. */
export function interruption(terminal: Terminal): { readonly signal: AbortSignal; end(): void } {
  const controller = new AbortController()
  const end = terminal.onInterrupt(() => {
    if (controller.signal.aborted) {
      terminal.exit(130)
    } else {
      terminal.error('\nStopping; what was found so far follows (Ctrl-C again ends at once).\n')
      controller.abort()
    }
  })
  return { signal: controller.signal, end }
}

interface Search {
  /** The path, with its number among several. */
  readonly place: string
  readonly terminal: Terminal
  readonly verbs: Verbs
  readonly signal: AbortSignal
  /** Counterexamples written so far. */
  readonly files: Set<string>
  readonly baseline: Baseline | undefined
  /** Made so far. */
  readonly reports: ExploreReport[]
  /** Of those, by their places. */
  readonly graphs: Map<number, StateGraph>
  readonly live: LiveInspector | undefined
  readonly from: From | undefined
}

async function exploreOne(path: string, given: ExploreArguments, search: Search): Promise<ScenarioResult> {
  const { terminal } = search
  const progress = progressDisplay(search.place, terminal)
  try {
    const warn = (message: string) => terminal.error(`warning: ${message}\n`)
    const { from } = search
    const set = { ...from?.set, ...given.set }
    const loaded = await loadScenario(path, { set, warn, workingDirectory: terminal.workingDirectory })
    const scenario = from === undefined ? loaded : from.apply(loaded)
    const explore = await search.verbs.explore()
    const wanted = { ...from?.options, ...given.search }
    let graph: StateGraph | undefined
    const found = await explore(scenario, {
      ...wanted,
      ...(search.baseline !== undefined && {
        baseline: search.baseline.get(scenario.name)?.map(({ key }) => key) ?? [],
      }),
      signal: search.signal,
      onProgress: (current) => {
        progress.report(current)
        search.live?.progress(scenario.name, current)
      },
      ...onFoundOf(search.live, scenario.name),
      ...(wantsGraph(given) && {
        onGraph: (made: StateGraph) => {
          graph = made
        },
      }),
      wallClock: () => terminal.wallClock(),
    })
    progress.clear()
    const report = writeFindings(found, { path, set, search: wanted, from: given.from }, search)
    terminal.out(given.json ? `${JSON.stringify(redactSecrets(report))}\n` : textReport(report, textOptions(terminal)))
    search.reports.push(report)
    if (graph !== undefined) search.graphs.set(search.reports.length - 1, graph)
    const oracles = [...new Set(report.findings.map((finding) => finding.oracle))]
    const known = given.writeBaseline === undefined ? report : { ...report, verdict: verdictWithout(report) }
    const { verdict, statistics, levels } = report
    const elapsedMs = levels.reduce((sum, level) => sum + level.elapsedMs, 0)
    const status = statusOf(known, given.requireExhaustive)
    return { path, status, verdict, oracles, report, statesDistinct: statistics.statesDistinct, elapsedMs }
  } catch (error) {
    progress.clear()
    return { path, status: printError(error, terminal, given.debug) }
  }
}

/** It takes memory and time, so only for who can look at it. */
function wantsGraph({ dump, html, web }: ExploreArguments): boolean {
  return dump !== undefined || html !== undefined || web === true
}

function onFoundOf(live: LiveInspector | undefined, scenario: string): Pick<SearchControls, 'onFound'> {
  return live === undefined ? {} : { onFound: (sighting) => live.found(scenario, sighting) }
}

export function textOptions(terminal: Terminal): { readonly colour: boolean; readonly columns?: number } {
  return { colour: terminal.colour, ...(terminal.columns !== undefined && { columns: terminal.columns }) }
}

function statusOf(report: ExploreReport, requireExhaustive: boolean): ExitStatus {
  if (report.verdict === 'violated') return ExitStatus.violated
  const isShort = report.verdict === 'inconclusive' || !report.exhaustive
  return requireExhaustive && isShort ? ExitStatus.inconclusive : ExitStatus.holds
}

/** What a counterexample file says of where it comes from. */
interface Origin {
  /** Of the scenario. */
  readonly path: string
  readonly set: Readonly<Record<string, unknown>>
  readonly search: SearchOptions
  readonly from?: string | undefined
}

/** The report, each finding with the command that replays its file. */
export function writeFindings<R extends ExploreReport>(
  report: R,
  origin: Origin,
  { terminal, files }: Pick<Search, 'terminal' | 'files'>,
): R {
  const taken = new Set(files)
  const findings = report.findings.map((finding): ReportFinding => {
    const file = counterexamplePath(report.scenario, finding.id, taken)
    const named = { ...finding, replay: `kamera replay ${file}` }
    try {
      writeCounterexample(file, counterexample(named, origin), terminal.workingDirectory)
      files.add(file)
    } catch (error) {
      terminal.error(`warning: The counterexample ${file} was not written: ${(error as Error).message}\n`)
    }
    return named
  })
  return { ...report, findings }
}

function counterexample(finding: ReportFinding, { path, set, search, from }: Origin): CounterexampleFile {
  return {
    formatVersion: 1,
    type: 'counterexample',
    scenario: path,
    ...(from === undefined ? {} : { from }),
    set,
    profile: finding.level.profile,
    granularity: finding.level.granularity,
    options: search,
    finding,
  }
}
