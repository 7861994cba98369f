/** `kamera simulate`: runs one scenario in many random orders, writes counterexamples, prints what happened. */
import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { simulationText } from '#inspect/simulation-text.ts'
import { traceLines } from '#inspect/trace-lines.ts'
import type { SimulateOptions } from '#simulate.ts'
import { redactSecrets } from '#trace/redact.ts'
import type { SimulateReport } from '#trace/report.ts'
import { writeDump, writePage } from './dump-files.ts'
import { interruption, textOptions, writeFindings } from './explore.ts'
import { loadScenario } from './load-scenario.ts'
import { progressDisplay } from './progress.ts'
import { ExitStatus, type Terminal } from './terminal.ts'
import { UsageError } from './usage-error.ts'
import type { SearchControls, SearchOptions, Verbs } from './verbs.ts'

export interface SimulateArguments {
  readonly path: string
  readonly runs: Omit<SimulateOptions, keyof SearchControls | 'sievePlan' | 'onTrace'>
  /** File of a test plan. */
  readonly sievePlan?: string
  /** File for a trace. */
  readonly trace?: string
  /** File for the inspectors. */
  readonly dump?: string
  /** File for a page that shows the same. */
  readonly html?: string
  readonly set: Readonly<Record<string, unknown>>
  readonly json: boolean
  readonly debug: boolean
}

/** Throws where the scenario cannot be used. */
export async function simulateVerb(given: SimulateArguments, terminal: Terminal, verbs: Verbs): Promise<ExitStatus> {
  const { path, set, runs } = given
  const warn = (message: string) => terminal.error(`warning: ${message}\n`)
  const scenario = await loadScenario(path, { set, warn, workingDirectory: terminal.workingDirectory })
  const simulate = await verbs.simulate()
  const interrupt = interruption(terminal)
  const progress = progressDisplay(path, terminal)
  try {
    const found = await simulate(scenario, {
      ...runs,
      ...(given.sievePlan === undefined ? {} : { sievePlan: planIn(given.sievePlan, terminal) }),
      ...(given.trace === undefined ? {} : { onTrace: traceWriter(given.trace, { path, set }, terminal) }),
      signal: interrupt.signal,
      onProgress: (current) => progress.report(current),
      wallClock: () => terminal.wallClock(),
    })
    progress.clear()
    const report = writeFindings(found, { path, set, search: replayOptions(given) }, { terminal, files: new Set() })
    terminal.out(
      given.json
        ? `${JSON.stringify(redactSecrets(report))}\n`
        : simulationText(report, { path, ...textOptions(terminal) }),
    )
    if (given.dump !== undefined) writeDump(given.dump, { source: 'simulate', reports: [report] }, terminal)
    if (given.html !== undefined) writePage(given.html, { source: 'simulate', reports: [report] }, terminal)
    return statusOf(report)
  } finally {
    progress.clear()
    interrupt.end()
  }
}

function traceWriter(
  file: string,
  { path, set }: Pick<SimulateArguments, 'path' | 'set'>,
  { workingDirectory }: Terminal,
): NonNullable<SimulateOptions['onTrace']> {
  return (header, events) => {
    try {
      writeFileSync(resolve(workingDirectory, file), traceLines({ ...header, file: path, set }, events))
    } catch (cause) {
      throw new UsageError({
        what: `The trace ${file} cannot be written: ${(cause as Error).message}.`,
        why: 'Its path is relative to the current folder, and the folder has to be there.',
        fix: 'Give the path of a file: --trace trace.jsonl.',
        cause,
      })
    }
  }
}

function planIn(file: string, { workingDirectory }: Terminal): { readonly text: string; readonly file: string } {
  try {
    return { text: readFileSync(resolve(workingDirectory, file), 'utf8'), file }
  } catch (cause) {
    throw new UsageError({
      what: `The plan ${file} cannot be read: ${(cause as Error).message}.`,
      why: 'Its path is relative to the current folder.',
      fix: 'Give the path of a YAML file: --sieve-plan plan.yaml.',
      cause,
    })
  }
}

/** What `explore` calls the same, for the files of counterexamples. */
function replayOptions({ runs }: SimulateArguments): SearchOptions {
  const { profile: _, strategy = 'random', ...same } = runs
  return { ...same, strategy, reduction: 'none' }
}

function statusOf({ verdict }: SimulateReport): ExitStatus {
  return verdict === 'violated' ? ExitStatus.violated : ExitStatus.holds
}
