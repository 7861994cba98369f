/** `kamera inspect`: opens a dump in the terminal. */
import { resolve } from 'node:path'
import { openDumpFile } from '#dump/dump-file.ts'
import { runInspector } from '#terminal-inspector/run-inspector.ts'
import { ExitStatus, type Terminal } from './terminal.ts'
import { UsageError } from './usage-error.ts'

export interface InspectArguments {
  readonly file: string
}

/** Throws a `DumpError` or a `UsageError`. */
export async function inspectVerb({ file }: InspectArguments, terminal: Terminal): Promise<ExitStatus> {
  const place = resolve(terminal.workingDirectory, file)
  await (await openDumpFile(place, file)).close()
  if (process.stdin.isTTY !== true || process.stdout.isTTY !== true) {
    throw new UsageError({
      what: 'kamera inspect needs a terminal.',
      why: 'Its input or output is a file or a pipe.',
      fix: 'Run it in a terminal.',
    })
  }
  const { colour, workingDirectory } = terminal
  await runInspector(place, { colour, workingDirectory, name: file })
  return ExitStatus.holds
}
