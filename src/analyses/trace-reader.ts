/**
 * Reads a trace line by line and hands its events to analyses. What it cannot use it names, with the line number
 * (`trace-notes.ts`), and goes on; it refuses only what is no trace, or of a format version it does not know.
 */
import { TRACE_FORMAT_VERSION, type TraceEvent, type TraceHeader } from '#trace/trace-event.ts'
import { shapeProblem } from './event-shape.ts'
import { createMissingSteps } from './missing-steps.ts'
import { createOrderCheck, type OrderCheck } from './order-check.ts'
import { TraceError } from './trace-error.ts'
import { createNoteTaker, type TraceNote } from './trace-notes.ts'

/** Where an event is: its line, from 1, and the byte at which that begins. */
export interface LinePlace {
  readonly line: number
  readonly offset: number
}

/** An analysis in the making: takes events in the order of the trace. */
export interface TraceAnalysis {
  /** The header, before the first event; again where another file of the recording begins. */
  begin?(header: TraceHeader): void
  take(event: TraceEvent, place: LinePlace): void
}

/** What was read. */
export interface TraceRead {
  /** Of the first line. */
  readonly header: TraceHeader
  readonly lines: number
  readonly events: number
  /** Whether an `end` was read. */
  readonly complete: boolean
  readonly notes: readonly TraceNote[]
}

export interface TraceReader {
  /** @param terminated false: the last line, which lacks its line feed */
  line(text: string, offset: number, terminated: boolean): void
  finish(): TraceRead
}

/** `file`: what errors call the trace. Throws a `TraceError`. */
export function createTraceReader(file: string, analyses: readonly TraceAnalysis[]): TraceReader {
  const notes = createNoteTaker()
  const missing = createMissingSteps(notes)
  let header: TraceHeader | undefined
  let order: OrderCheck | undefined
  let lines = 0
  let events = 0
  let complete = false

  return {
    line(text, offset, terminated) {
      lines += 1
      const fields = parsed(lines === 1 ? text.replace(/^\ufeff/, '') : text)
      if (fields === 'empty') return
      if (header === undefined || (typeof fields === 'object' && fields.type === 'trace')) {
        const next = headerOf(fields, file, lines)
        if (header !== undefined && !isPart(header, next)) {
          notes.note('part', 'another trace begins here; it is read as if it went on', lines)
          missing.begin()
        }
        header ??= next
        order = createOrderCheck(next.source === 'live', notes)
        complete = false
        for (const analysis of analyses) analysis.begin?.(next)
        return
      }
      if (typeof fields === 'string') {
        missing.unusable()
        if (!terminated) notes.note('cut-off', 'the trace ends in this line, which is left out', lines)
        else notes.note('not-json', 'this is no JSON object, and is left out', lines)
        return
      }
      const problem = shapeProblem(fields)
      if (problem !== undefined) {
        missing.unusable()
        if ('unknown' in problem) {
          notes.note(
            'unknown-type',
            `events of type ${JSON.stringify(fields.type)} are not understood, and left out`,
            lines,
          )
        } else {
          notes.note(
            'malformed',
            `${String(fields.type)}: ${problem.field} is absent or wrong; the line is left out`,
            lines,
          )
        }
        return
      }
      const event = fields as unknown as TraceEvent
      missing.take(event, lines)
      if (order?.isRepeated(event, lines) === true) return
      events += 1
      if (event.type === 'end') complete = true
      if (event.type === 'dropped') {
        notes.note('dropped', `the recorder had no room for ${event.events} events before this: ${event.reason}`, lines)
      }
      const place = { line: lines, offset }
      for (const analysis of analyses) analysis.take(event, place)
    },
    finish() {
      if (header === undefined) throw noTrace(file, 'it is empty')
      missing.finish()
      if (!complete)
        notes.note('no-end', 'the trace has no end after this line: its run went on, or was cut off', lines)
      return { header, lines, events, complete, notes: notes.notes() }
    },
  }
}

/** Lines that are no object are told by a word. */
function parsed(text: string): Readonly<Record<string, unknown>> | 'empty' | 'no object' {
  if (text === '' || text === '\r' || text.trim() === '') return 'empty'
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : 'no object'
  } catch {
    return 'no object'
  }
}

function headerOf(fields: ReturnType<typeof parsed>, file: string, line: number): TraceHeader {
  if (typeof fields === 'string' || fields.type !== 'trace') throw noTrace(file, `line ${line} is no header of a trace`)
  if (fields.formatVersion !== TRACE_FORMAT_VERSION) {
    throw new TraceError(
      `${file}, line ${line}: the trace has format version ${String(fields.formatVersion)}; this Kamera reads ${TRACE_FORMAT_VERSION}.`,
      'It was written by another version of Kamera.',
      'Read it with that version, or record it again.',
    )
  }
  return fields as unknown as TraceHeader
}

function noTrace(file: string, what: string): TraceError {
  return new TraceError(
    `${file} is no trace: ${what}.`,
    'A trace is JSON lines, the first of which is {"type":"trace",…}; other files are read by other verbs.',
    'Write one with kamera simulate SCENARIO --trace FILE, or kamera record.',
  )
}

/** Files of one recording, one after the other, are one trace. */
function isPart(first: TraceHeader, next: TraceHeader): boolean {
  return first.source === 'live' && next.source === 'live' && first.recording === next.recording
}
