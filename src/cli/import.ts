/** `kamera import`: the log of another tool as a trace. */
import { createHash } from 'node:crypto'
import { closeSync, fstatSync, openSync, writeSync } from 'node:fs'
import { resolve } from 'node:path'
import { createNoteTaker, noteText } from '#analyses/trace-notes.ts'
import { count, plainText } from '#inspect/plain-text.ts'
import { createAuditReader, isAudit } from '#interchange/audit-log.ts'
import { createGoKameraReader, type ForeignReader, isGoKamera } from '#interchange/go-kamera.ts'
import { eventsOf, inOrder } from '#interchange/imported.ts'
import type { RecordedTraceHeader } from '#trace/trace-event.ts'
import { suggestion } from './suggest.ts'
import { ExitStatus, type Terminal } from './terminal.ts'
import { forEachLine } from './trace-files.ts'
import { UsageError } from './usage-error.ts'

export interface ImportArguments {
  readonly log: string
  readonly out: string
  /** Default: what the lines look like. */
  readonly format?: string
}

const FORMATS = ['go-kamera', 'audit']
/** All of it is in memory while it is put in order. */
const BYTES_MAX = 512 * 2 ** 20

/** Throws a `UsageError`. */
export function importVerb({ log, out, format }: ImportArguments, terminal: Terminal): ExitStatus {
  if (format !== undefined && !FORMATS.includes(format)) throw noFormat(format)
  const { workingDirectory } = terminal
  refuseLong(log, workingDirectory)
  const notes = createNoteTaker()
  let reader = format === undefined ? undefined : readerOf(format)
  const before: [string, number, boolean][] = []
  let line = 0
  const digest = createHash('sha256')

  function readerOf(name: string): ForeignReader {
    return name === 'audit' ? createAuditReader(notes) : createGoKameraReader(notes)
  }
  forEachLine(log, workingDirectory, (raw, _, terminated) => {
    line += 1
    const text = line === 1 ? raw.replace(/^\ufeff/, '') : raw
    digest.update(text)
    if (reader === undefined) {
      before.push([text, line, terminated])
      const name = isAudit(text) ? 'audit' : isGoKamera(text) ? 'go-kamera' : undefined
      if (name === undefined) return
      reader = readerOf(name)
      for (const each of before) reader.line(...each)
    } else reader.line(text, line, terminated)
  })
  const operations = inOrder(reader?.finish() ?? [])
  for (const note of notes.notes()) terminal.error(`${plainText(`${log}: ${noteText(note)}`)}\n`)
  if (operations.length === 0) throw nothingIn(log)
  const recording = `import-${digest.digest('hex').slice(0, 16)}`
  const events = written(out, workingDirectory, recording, (emit) => eventsOf(operations, emit))
  terminal.out(
    `${plainText(`${count(operations.length, 'call')} of ${log} are ${count(events, 'event')} in ${out}.`)}\n`,
  )
  return ExitStatus.holds
}

/** How many events were written. */
function written(
  out: string,
  workingDirectory: string,
  recording: string,
  fill: (emit: (event: object) => void) => void,
): number {
  const header: RecordedTraceHeader = {
    type: 'trace',
    formatVersion: 1,
    source: 'live',
    recorder: 'import',
    recording,
    part: 1,
  }
  let descriptor: number
  try {
    // Never over a file that is there: it may be the log.
    descriptor = openSync(resolve(workingDirectory, out), 'wx', 0o600)
  } catch (cause) {
    throw new UsageError({
      what: `${out} cannot be written: ${(cause as Error).message}.`,
      why: 'A file of that name may be there; none is written over.',
      fix: 'Name another file with --out.',
      cause,
    })
  }
  let events = 0
  let waiting = `${JSON.stringify(header)}\n`
  const drain = (): void => {
    const bytes = Buffer.from(waiting)
    for (let from = 0; from < bytes.length; ) from += writeSync(descriptor, bytes, from)
    waiting = ''
  }
  try {
    fill((event) => {
      events += 1
      waiting += `${JSON.stringify(event)}\n`
      if (waiting.length > 1 << 20) drain()
    })
    drain()
  } finally {
    closeSync(descriptor)
  }
  return events
}

function refuseLong(log: string, workingDirectory: string): void {
  let bytes = 0
  try {
    const descriptor = openSync(resolve(workingDirectory, log), 'r')
    bytes = fstatSync(descriptor).size
    closeSync(descriptor)
  } catch {
    // Whoever reads it says why it cannot be read.
  }
  if (bytes <= BYTES_MAX) return
  throw new UsageError({
    what: `${log} has ${Math.ceil(bytes / 2 ** 20)} MiB; ${BYTES_MAX / 2 ** 20} MiB can be imported at once.`,
    why: 'Calls are put in order by their versions, all of them in memory.',
    fix: 'Cut it at a line (split --line-bytes=500M), and import the pieces.',
  })
}

function nothingIn(log: string): UsageError {
  return new UsageError({
    what: `${log} has no call that can be imported.`,
    why: 'It is neither a trace or zap log of the Go Kamera nor an audit log in JSON lines, or has no whole line.',
    fix: `Say what it is with --format ${FORMATS.join(' or --format ')}; traces of Kamera need no import.`,
  })
}

function noFormat(format: string): UsageError {
  return new UsageError({
    what: `There is no format ${format}${suggestion(format, FORMATS)}.`,
    why: 'The name is misspelt, or of another version.',
    fix: `Give --format ${FORMATS.join(' or --format ')}, or leave it out.`,
  })
}
