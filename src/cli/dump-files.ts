/** What `--dump` and `--html` write. */
import { resolve } from 'node:path'
import { writeDumpFile } from '#dump/dump-file.ts'
import type { DumpedGraphs, DumpedReport, DumpSource } from '#dump/format.ts'
import { dumpMembers } from '#dump/write-dump.ts'
import type { ComparisonRecord } from '#trace/comparison.ts'
import { writeHtml } from './html-file.ts'
import type { Terminal } from './terminal.ts'

export interface Dumped {
  readonly source: DumpSource
  readonly reports: readonly DumpedReport[]
  readonly graphs?: DumpedGraphs
  /** Where two files are shown. */
  readonly comparison?: ComparisonRecord
}

/** A page is to be sent around: graphs beyond this make it too large, and are in dumps alone. */
const PAGE_STATES_MAX = 20_000

export function writeDump(file: string, { source, reports, graphs }: Dumped, terminal: Terminal): void {
  writeDumpFile(resolve(terminal.workingDirectory, file), source, reports, graphs)
  terminal.error(`Dump written to ${file}: kamera inspect ${file}\n`)
}

export function writePage(file: string, { source, reports, graphs = new Map() }: Dumped, terminal: Terminal): void {
  const small = new Map([...graphs].filter(([, { states }]) => states <= PAGE_STATES_MAX))
  writeHtml(file, Buffer.concat([...dumpMembers(source, reports, small)]), terminal.workingDirectory)
  terminal.error(`Page written to ${file}: open it in a browser\n`)
}
