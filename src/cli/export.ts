/** `kamera export`: a trace in the format of another tool. */
import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { resolve } from 'node:path'
import { noteText } from '#analyses/trace-notes.ts'
import type { TraceAnalysis } from '#analyses/trace-reader.ts'
import { count, plainText } from '#inspect/plain-text.ts'
import { resourceSpans, traceIdPrefix } from '#interchange/otlp.ts'
import { createPerfettoEvents } from '#interchange/perfetto.ts'
import { createSpans, type Span, type SpanAnalysis } from '#interchange/spans.ts'
import type { TraceHeader } from '#trace/trace-event.ts'
import { suggestion } from './suggest.ts'
import { ExitStatus, type Terminal } from './terminal.ts'
import { readTrace } from './trace-files.ts'
import { UsageError } from './usage-error.ts'

export interface ExportArguments {
  readonly trace: string
  readonly format: string
  /** Default: the trace's name with another ending. `-`: stdout. */
  readonly out?: string
}

const FORMATS = ['otlp', 'perfetto']
const BATCH = 500

/** Throws a `TraceError` or a `UsageError`. */
export function exportVerb({ trace, format, out }: ExportArguments, terminal: Terminal): ExitStatus {
  if (!FORMATS.includes(format)) throw noFormat(format)
  const file = out ?? `${trace.replace(/\.jsonl?$/, '')}.${format}.json`
  const { workingDirectory } = terminal
  const target = openTarget(file, trace, terminal)
  let written = 0
  let spans: SpanAnalysis | undefined
  const list = createList(target.write)
  const take = format === 'otlp' ? otlpWriter(list.put) : perfettoWriter(list.put)
  const analysis: TraceAnalysis = {
    begin(header) {
      if (spans !== undefined) return
      target.write(format === 'otlp' ? '{"resourceSpans":[' : '{"displayTimeUnit":"ms","traceEvents":[')
      const { span, batch } = take(header)
      spans = createSpans(header, (each) => {
        written += 1
        span(each)
      })
      end = batch
    },
    take(event, place) {
      spans?.take(event, place)
    },
  }
  let end = (): void => {}
  try {
    const read = readTrace(trace, [analysis], workingDirectory)
    spans?.finish()
    end()
    target.write(']}\n')
    target.close()
    for (const note of read.notes) terminal.error(`${plainText(`${trace}: ${noteText(note)}`)}\n`)
  } catch (error) {
    target.discard()
    throw error
  }
  const left = Object.entries(spans?.left() ?? {}).map(([type, times]) => `${times} ${type}`)
  const without = left.length === 0 ? '' : ` No spans: ${left.join(', ')}.`
  const where = file === '-' ? '' : ` ${OPENED[format]} ${file}`
  terminal.error(`${plainText(`${count(written, 'span')}.${without}${where === '' ? '' : `${where}.`}`)}\n`)
  return ExitStatus.holds
}

const OPENED: Readonly<Record<string, string>> = {
  otlp: 'Upload in Jaeger (Search, Upload):',
  perfetto: 'Open in https://ui.perfetto.dev:',
}

type Put = (value: object) => void
interface SpanWriter {
  span(span: Span): void
  /** Writes what waits. */
  batch(): void
}

function otlpWriter(put: Put): (header: TraceHeader) => SpanWriter {
  return (header) => {
    const prefix = traceIdPrefix(header)
    let waiting: Span[] = []
    const batch = (): void => {
      for (const each of resourceSpans(waiting, prefix)) put(each)
      waiting = []
    }
    return {
      span(span) {
        waiting.push(span)
        if (waiting.length >= BATCH) batch()
      },
      batch,
    }
  }
}

function perfettoWriter(put: Put): () => SpanWriter {
  return () => {
    const events = createPerfettoEvents()
    return {
      span(span) {
        for (const event of events.eventsOf(span)) put(event)
      },
      batch() {},
    }
  }
}

/** The elements of a JSON list, a line each. */
function createList(write: (text: string) => void): { put: Put } {
  let isFirst = true
  return {
    put(value) {
      write(`${isFirst ? '\n' : ',\n'}${JSON.stringify(value)}`)
      isFirst = false
    },
  }
}

function openTarget(file: string, trace: string, terminal: Terminal) {
  if (file === '-') return { write: (text: string) => terminal.out(text), close() {}, discard() {} }
  const path = resolve(terminal.workingDirectory, file)
  if (path === resolve(terminal.workingDirectory, trace)) throw unwritable(file, 'it is the trace itself')
  let descriptor: number
  try {
    descriptor = openSync(path, 'w')
  } catch (cause) {
    throw unwritable(file, (cause as Error).message, cause)
  }
  let waiting = ''
  const drain = (): void => {
    const bytes = Buffer.from(waiting)
    for (let from = 0; from < bytes.length; ) from += writeSync(descriptor, bytes, from)
    waiting = ''
  }
  return {
    write(text: string) {
      waiting += text
      if (waiting.length > 1 << 20) drain()
    },
    close() {
      drain()
      closeSync(descriptor)
    },
    discard() {
      closeSync(descriptor)
      rmSync(path, { force: true })
    },
  }
}

function unwritable(file: string, why: string, cause?: unknown): UsageError {
  return new UsageError({
    what: `${file} cannot be written: ${why}.`,
    why: 'Its path is relative to the current folder.',
    fix: 'Name another file with --out, or - for stdout.',
    cause,
  })
}

function noFormat(format: string): UsageError {
  return new UsageError({
    what: `There is no format ${format}${suggestion(format, FORMATS)}.`,
    why: 'The name is misspelt, or of another version.',
    fix: `Give --format ${FORMATS.join(' or --format ')}.`,
  })
}
