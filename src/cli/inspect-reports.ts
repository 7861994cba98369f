/** The terminal inspector over what was just found. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeDumpFile } from '#dump/dump-file.ts'
import { runInspector } from '#terminal-inspector/run-inspector.ts'
import type { Dumped } from './dump-files.ts'
import type { Terminal } from './terminal.ts'
import { UsageError } from './usage-error.ts'

/** Resolves when the reader quits. */
export async function inspectReports(
  { source, reports, graphs }: Dumped,
  { colour, workingDirectory }: Terminal,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'kamera-inspect-'))
  const file = join(folder, 'search.dump')
  try {
    writeDumpFile(file, source, reports, graphs)
    await runInspector(file, { colour, workingDirectory, name: 'this search' })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Throws a `UsageError`. */
export function mustBeTerminal(what: string): void {
  if (process.stdin.isTTY === true && process.stdout.isTTY === true) return
  throw new UsageError({
    what: `kamera ${what} needs a terminal.`,
    why: 'Its input or output is a file or a pipe.',
    fix: 'Run it in a terminal, or write a page: kamera inspect FILE --html report.html.',
  })
}
