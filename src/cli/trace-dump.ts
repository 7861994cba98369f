/** A trace as a dump of one run, for the inspectors. */
import type { ComparedTrace } from '#analyses/compare-traces.ts'
import { createFinalContents } from '#analyses/final-contents.ts'
import { createSummary } from '#analyses/summary.ts'
import { noteText } from '#analyses/trace-notes.ts'
import { createTracePath } from '#analyses/trace-path.ts'
import { pathReport } from '#dump/path-report.ts'
import type { Dumped } from './dump-files.ts'
import type { Terminal } from './terminal.ts'
import { readTraceParts } from './trace-files.ts'

export interface TraceDump extends Dumped {
  readonly compared: ComparedTrace
}

/** @param files of one trace. What is odd about it is said at once. Throws a `TraceError` or a `UsageError`. */
export function dumpOfTrace(files: readonly string[], terminal: Terminal): TraceDump {
  const path = createTracePath()
  const contents = createFinalContents()
  const summary = createSummary()
  const { header, notes } = readTraceParts(files, [path, contents, summary], terminal.workingDirectory)
  for (const note of notes) terminal.error(`${noteText(note)}\n`)
  const isLive = header.source === 'live'
  const outcome = {
    id: isLive ? 'recording' : `run of seed ${header.seed}`,
    fingerprint: '',
    objects: [...contents.result().keys()].sort(),
    paths: null,
    first: path.result(),
  }
  const report = pathReport(isLive ? `recorded by ${header.recorder}` : header.scenario, { outcomes: [outcome] })
  const compared = { summary: summary.result(), contents: contents.result() }
  return { source: isLive ? 'record' : 'simulate', reports: [report], compared }
}
