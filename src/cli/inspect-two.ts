/** Two traces, or two dumps, as one dump that says what differs between them. */
import { resolve } from 'node:path'
import { compareSearches, foundAlike } from '#analyses/compare-searches.ts'
import { compareTraces, endAlike } from '#analyses/compare-traces.ts'
import { type EntryOf, searchSections, traceSections } from '#analyses/comparison-sections.ts'
import { openDumpFile } from '#dump/dump-file.ts'
import type { DumpedReport, PathReference, StoredReport } from '#dump/format.ts'
import type { Dump } from '#dump/read-dump.ts'
import type { PathRecord } from '#trace/path.ts'
import type { Dumped } from './dump-files.ts'
import { conflictsOfDump } from './read-searches.ts'
import { isTrace } from './read-trace.ts'
import type { Terminal } from './terminal.ts'
import { dumpOfTrace } from './trace-dump.ts'
import { UsageError } from './usage-error.ts'

/** Characters that a field of an object may have. */
const FIELD_WIDTH = 160

/** States of searches stay in their own dumps. Throws a `TraceError`, `DumpError` or `UsageError`. */
export async function besideEachOther(left: string, right: string, terminal: Terminal): Promise<Dumped> {
  const [first, second] = [left, right].map((file) =>
    isTrace(resolve(terminal.workingDirectory, file), terminal.workingDirectory),
  )
  if (first !== second) {
    throw new UsageError({
      what: `${first ? left : right} is a trace, and ${first ? right : left} is none.`,
      why: 'A run is compared with a run, and a search with a search.',
      fix: 'Give two traces, or two dumps.',
    })
  }
  return first === true ? tracesBeside(left, right, terminal) : searchesBeside(left, right, terminal)
}

function tracesBeside(left: string, right: string, terminal: Terminal): Dumped {
  const [one, other] = [dumpOfTrace([left], terminal), dumpOfTrace([right], terminal)]
  const comparison = compareTraces(one.compared, other.compared)
  const alike = endAlike(comparison)
  const message = alike ? 'Both end alike.' : 'They end differently.'
  return {
    source: one.source,
    reports: [...one.reports.map(named('first')), ...other.reports.map(named('second'))],
    comparison: { left, right, alike, message, sections: traceSections(comparison, FIELD_WIDTH) },
  }
}

async function searchesBeside(left: string, right: string, { workingDirectory }: Terminal): Promise<Dumped> {
  const read = async (file: string) => {
    const dump = await openDumpFile(resolve(workingDirectory, file), file)
    try {
      return {
        source: dump.header.source,
        reports: await inTurn(dump.reports, (report) => wholeReport(dump, report)),
        compared: await inTurn(dump.reports, async (report) => ({
          ...report,
          conflicts: await conflictsOfDump(dump, report),
        })),
      }
    } finally {
      await dump.close()
    }
  }
  const [one, other] = [await read(left), await read(right)]
  const comparison = compareSearches(one.compared, other.compared)
  const alike = foundAlike(comparison)
  const message = alike ? 'Both found the same.' : 'They found different things.'
  const sections = searchSections(comparison, entriesOf(one.reports, other.reports))
  return {
    source: one.source,
    reports: [...one.reports.map(named('first')), ...other.reports.map(named('second'))],
    comparison: { left, right, alike, message, sections },
  }
}

/** Both may be of one scenario. */
function named(which: 'first' | 'second') {
  return (report: DumpedReport): DumpedReport => ({ ...report, scenario: `${which}: ${report.scenario}` })
}

/** Findings and outcomes are numbered through all reports, as inspectors list them. */
function entriesOf(left: readonly DumpedReport[], right: readonly DumpedReport[]): EntryOf {
  const numbers = new Map<string, number>()
  let number = 0
  for (const [side, reports] of [['left', left] as const, ['right', right] as const])
    for (const { scenario, findings, outcomes } of reports)
      for (const id of [...findings.map(({ key }) => key), ...outcomes.map(({ fingerprint }) => fingerprint)]) {
        const key = JSON.stringify([side, scenario, id])
        if (!numbers.has(key)) numbers.set(key, number)
        number += 1
      }
  return (side, scenario, id) => numbers.get(JSON.stringify([side, scenario, id]))
}

async function wholeReport(dump: Dump, report: StoredReport): Promise<DumpedReport> {
  const path = (reference: PathReference): Promise<PathRecord> => dump.path(reference)
  return {
    ...report,
    findings: await inTurn(report.findings, async ({ fork, ...finding }) => {
      const whole = { ...finding, path: await path(finding.path) }
      if (fork === undefined) return whole
      return { ...whole, fork: { ...fork, left: await path(fork.left), right: await path(fork.right) } }
    }),
    outcomes: await inTurn(report.outcomes, async (outcome) => ({ ...outcome, first: await path(outcome.first) })),
  }
}

/** One after the other: a dump unpacks its blocks as they are asked for. */
async function inTurn<T, R>(values: readonly T[], make: (value: T) => Promise<R>): Promise<readonly R[]> {
  const made: R[] = []
  for (const value of values) made.push(await make(value))
  return made
}
