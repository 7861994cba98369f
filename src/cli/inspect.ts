/** `kamera inspect`: opens a dump in the terminal, or makes a page of it. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileSource, openDumpFile, writeDumpFile } from '#dump/dump-file.ts'
import { goKameraReport, mayBeGoKamera } from '#dump/go-kamera.ts'
import { runInspector } from '#terminal-inspector/run-inspector.ts'
import { writeHtml } from './html-file.ts'
import { mustBeTerminal } from './inspect-reports.ts'
import { serveInspector } from './inspector-server.ts'
import { interrupted } from './live-inspector.ts'
import { ExitStatus, type Terminal } from './terminal.ts'

export interface InspectArguments {
  readonly file: string
  /** File for a page instead. */
  readonly html?: string
  /** A server for browsers instead, until Ctrl-C. */
  readonly web?: boolean
  readonly port?: number
}

/** Throws a `DumpError` or a `UsageError`. */
export async function inspectVerb(given: InspectArguments, terminal: Terminal): Promise<ExitStatus> {
  const { place, remove } = await asDump(resolve(terminal.workingDirectory, given.file), given.file)
  try {
    return await showDump(place, given, terminal)
  } finally {
    remove()
  }
}

async function showDump(
  place: string,
  { file, html, web, port = 0 }: InspectArguments,
  terminal: Terminal,
): Promise<ExitStatus> {
  await (await openDumpFile(place, file)).close()
  if (html !== undefined) {
    writeHtml(html, readFileSync(place), terminal.workingDirectory)
    terminal.error(`Page written to ${html}: open it in a browser\n`)
    return ExitStatus.holds
  }
  if (web === true) return serveFile(place, file, port, terminal)
  mustBeTerminal('inspect')
  const { colour, workingDirectory } = terminal
  await runInspector(place, { colour, workingDirectory, name: file })
  return ExitStatus.holds
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

/** A dump of the Go Kamera becomes one of ours, which is gone when it has been looked at. */
async function asDump(place: string, name: string): Promise<{ readonly place: string; readonly remove: () => void }> {
  const source = await fileSource(place, name)
  try {
    if (source.isFolder || !mayBeGoKamera(await source.read(0, Math.min(64, source.size))))
      return { place, remove: () => {} }
  } finally {
    await source.close()
  }
  const report = goKameraReport(readFileSync(place, 'utf8'), name)
  const folder = mkdtempSync(join(tmpdir(), 'kamera-inspect-'))
  const written = join(folder, 'go-kamera.dump')
  writeDumpFile(written, 'explore', [report])
  return { place: written, remove: () => rmSync(folder, { recursive: true, force: true }) }
}
