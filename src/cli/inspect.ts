/** `kamera inspect`: opens a dump or a trace, or two beside each other, in the terminal, or makes a page of it. */
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileSource, openDumpFile, writeDumpFile } from '#dump/dump-file.ts'
import { goKameraReport, mayBeGoKamera } from '#dump/go-kamera.ts'
import { runInspector } from '#terminal-inspector/run-inspector.ts'
import type { Dumped } from './dump-files.ts'
import { writeHtml } from './html-file.ts'
import { mustBeTerminal } from './inspect-reports.ts'
import { besideEachOther } from './inspect-two.ts'
import { serveInspector } from './inspector-server.ts'
import { interrupted } from './live-inspector.ts'
import { isTrace } from './read-trace.ts'
import { ExitStatus, type Terminal } from './terminal.ts'
import { dumpOfTrace } from './trace-dump.ts'
import { UsageError } from './usage-error.ts'

export interface InspectArguments {
  readonly file: string
  /** Another one, to be shown beside the first with what differs. */
  readonly other?: string | undefined
  /** File for a page instead. */
  readonly html?: string
  /** File for a dump instead, which is smaller than a trace and opened in part. */
  readonly dump?: string
  /** A server for browsers instead, until Ctrl-C. */
  readonly web?: boolean
  readonly port?: number
}

/** Throws a `DumpError` or a `UsageError`. */
export async function inspectVerb(given: InspectArguments, terminal: Terminal): Promise<ExitStatus> {
  const { place, remove } =
    given.other === undefined
      ? await asDump(resolve(terminal.workingDirectory, given.file), given.file, terminal)
      : written(await besideEachOther(given.file, given.other, terminal))
  try {
    return await showDump(place, given, terminal)
  } finally {
    remove()
  }
}

async function showDump(
  place: string,
  { file: first, other, html, dump, web, port = 0 }: InspectArguments,
  terminal: Terminal,
): Promise<ExitStatus> {
  const file = other === undefined ? first : `${first} and ${other}`
  await (await openDumpFile(place, file)).close()
  if (dump !== undefined) copyDump(place, dump, terminal)
  if (html !== undefined) {
    writeHtml(html, readFileSync(place), terminal.workingDirectory)
    terminal.error(`Page written to ${html}: open it in a browser\n`)
    return ExitStatus.holds
  }
  if (dump !== undefined) return ExitStatus.holds
  if (web === true) return serveFile(place, file, port, terminal)
  mustBeTerminal('inspect')
  const { colour, workingDirectory } = terminal
  await runInspector(place, { colour, workingDirectory, name: file })
  return ExitStatus.holds
}

function copyDump(place: string, file: string, terminal: Terminal): void {
  try {
    copyFileSync(place, resolve(terminal.workingDirectory, file))
  } catch (cause) {
    throw new UsageError({
      what: `The dump ${file} cannot be written: ${(cause as Error).message}.`,
      why: 'Its path is relative to the current folder, and the folder has to be there.',
      fix: 'Give the path of a file: --dump search.dump.',
      cause,
    })
  }
  terminal.error(`Dump written to ${file}: kamera inspect ${file}\n`)
}

async function serveFile(place: string, name: string, port: number, terminal: Terminal): Promise<ExitStatus> {
  const source = await fileSource(place, name)
  try {
    const server = await serveInspector(port)
    server.show(source)
    terminal.out(`${server.url}\n`)
    terminal.error('Open it in a browser on this machine; Ctrl-C ends it.\n')
    await interrupted(terminal)
    await server.close()
  } finally {
    await source.close()
  }
  return ExitStatus.holds
}

/** A trace or a dump of the Go Kamera becomes a dump of ours, which is gone when it has been looked at. */
async function asDump(
  place: string,
  name: string,
  terminal: Terminal,
): Promise<{ readonly place: string; readonly remove: () => void }> {
  if (isTrace(place, terminal.workingDirectory)) return written(dumpOfTrace([name], terminal))
  const source = await fileSource(place, name)
  try {
    if (source.isFolder || !mayBeGoKamera(await source.read(0, Math.min(64, source.size))))
      return { place, remove: () => {} }
  } finally {
    await source.close()
  }
  return written({ source: 'explore', reports: [goKameraReport(readFileSync(place, 'utf8'), name)] })
}

function written({ source, reports, comparison }: Dumped): { readonly place: string; readonly remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'kamera-inspect-'))
  const place = join(folder, 'shown.dump')
  writeDumpFile(place, source, reports, undefined, comparison)
  return { place, remove: () => rmSync(folder, { recursive: true, force: true }) }
}
