/** What `--dump` writes. */
import { resolve } from 'node:path'
import { writeDumpFile } from '#dump/dump-file.ts'
import type { DumpedReport, DumpSource } from '#dump/format.ts'
import type { Terminal } from './terminal.ts'

export function writeDump(
  file: string,
  source: DumpSource,
  reports: readonly DumpedReport[],
  terminal: Terminal,
): void {
  writeDumpFile(resolve(terminal.workingDirectory, file), source, reports)
  terminal.error(`Dump written to ${file}: kamera inspect ${file}\n`)
}
