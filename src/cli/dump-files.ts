/** What `--dump` and `--html` write. */
import { resolve } from 'node:path'
import { writeDumpFile } from '#dump/dump-file.ts'
import type { DumpedReport, DumpSource } from '#dump/format.ts'
import { dumpMembers } from '#dump/write-dump.ts'
import { writeHtml } from './html-file.ts'
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

export function writePage(
  file: string,
  source: DumpSource,
  reports: readonly DumpedReport[],
  terminal: Terminal,
): void {
  writeHtml(file, Buffer.concat([...dumpMembers(source, reports)]), terminal.workingDirectory)
  terminal.error(`Page written to ${file}: open it in a browser\n`)
}
