/** `kamera inspect`: opens a dump in the terminal, or makes a page of it. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { openDumpFile } from '#dump/dump-file.ts'
import { runInspector } from '#terminal-inspector/run-inspector.ts'
import { writeHtml } from './html-file.ts'
import { ExitStatus, type Terminal } from './terminal.ts'
import { UsageError } from './usage-error.ts'

export interface InspectArguments {
  readonly file: string
  /** File for a page instead. */
  readonly html?: string
}

/** Throws a `DumpError` or a `UsageError`. */
export async function inspectVerb({ file, html }: InspectArguments, terminal: Terminal): Promise<ExitStatus> {
  const place = resolve(terminal.workingDirectory, file)
  await (await openDumpFile(place, file)).close()
  if (html !== undefined) {
    writeHtml(html, readFileSync(place), terminal.workingDirectory)
    terminal.error(`Page written to ${html}: open it in a browser\n`)
    return ExitStatus.holds
  }
  if (process.stdin.isTTY !== true || process.stdout.isTTY !== true) {
    throw new UsageError({
      what: 'kamera inspect needs a terminal.',
      why: 'Its input or output is a file or a pipe.',
      fix: 'Run it in a terminal, or write a page: kamera inspect FILE --html report.html.',
    })
  }
  const { colour, workingDirectory } = terminal
  await runInspector(place, { colour, workingDirectory, name: file })
  return ExitStatus.holds
}
