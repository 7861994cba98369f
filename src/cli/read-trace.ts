/** Reads the files of traces. What is wrong with one is said with the number of its line. */
import { closeSync, openSync, readFileSync, readSync } from 'node:fs'
import { resolve } from 'node:path'
import type { TraceEvent, TraceHeader } from '#trace/trace-event.ts'
import { UsageError } from './usage-error.ts'

const FORMAT_VERSION = 1

/** Whether the file begins as a trace does. */
export function isTrace(path: string, workingDirectory: string): boolean {
  try {
    const descriptor = openSync(resolve(workingDirectory, path), 'r')
    const start = Buffer.alloc(200)
    readSync(descriptor, start)
    closeSync(descriptor)
    return /^\s*\{\s*"type"\s*:\s*"trace"/.test(start.toString('utf8'))
  } catch {
    return false
  }
}

export interface ReadTrace {
  readonly header: TraceHeader
  readonly events: readonly TraceEvent[]
}

/** @param warn told of a last line that was cut off. @throws UsageError */
export function readTrace(path: string, workingDirectory: string, warn: (message: string) => void): ReadTrace {
  const lines = textOf(path, workingDirectory).split('\n')
  if (lines.at(-1) === '') lines.pop()
  const values = lines.map((line, index) => {
    try {
      return JSON.parse(line) as unknown
    } catch (cause) {
      if (index === lines.length - 1 && index > 0) {
        warn(`${path}:${index + 1}: the last line was cut off, and is left out`)
        return undefined
      }
      throw unreadable(`${path}:${index + 1}`, `is not JSON: ${(cause as Error).message}`, cause)
    }
  })
  const [header, ...events] = values.filter((value) => value !== undefined)
  const { type, formatVersion } = (header ?? {}) as { readonly type?: unknown; readonly formatVersion?: unknown }
  if (type !== 'trace') throw unreadable(`${path}:1`, 'is no header of a trace')
  if (formatVersion !== FORMAT_VERSION)
    throw unreadable(
      `${path}:1`,
      `has the formatVersion ${JSON.stringify(formatVersion)}, and this Kamera reads ${FORMAT_VERSION}`,
    )
  const broken = events.findIndex((event) => !isEvent(event) && !isNextPart(event, header as TraceHeader))
  if (broken >= 0) throw unreadable(`${path}:${broken + 2}`, 'is no event: it has no type or no step')
  return { header: header as TraceHeader, events: events.filter(isEvent) as TraceEvent[] }
}

function isEvent(value: unknown): boolean {
  const { type, step } = (value ?? {}) as { readonly type?: unknown; readonly step?: unknown }
  return typeof type === 'string' && typeof step === 'number'
}

/** The header of another file of the same recording: they may be read as one, one after the other. */
function isNextPart(value: unknown, first: TraceHeader): boolean {
  const { type, recording } = (value ?? {}) as { readonly type?: unknown; readonly recording?: unknown }
  return type === 'trace' && first.source === 'live' && recording === first.recording
}

function textOf(path: string, workingDirectory: string): string {
  try {
    return readFileSync(resolve(workingDirectory, path), 'utf8')
  } catch (cause) {
    throw unreadable(path, `cannot be read: ${(cause as Error).message}`, cause)
  }
}

function unreadable(place: string, what: string, cause?: unknown): UsageError {
  return new UsageError({
    what: `${place} ${what}.`,
    why: 'It is another file, was changed by hand, or another version of Kamera wrote it.',
    fix: 'Write it anew with kamera simulate --trace or kamera record.',
    cause,
  })
}
