/** Reads the files of traces in pieces, so that a trace may be longer than memory. */
import { closeSync, openSync, readSync } from 'node:fs'
import { resolve } from 'node:path'
import { createTraceReader, type TraceAnalysis, type TraceRead } from '#analyses/trace-reader.ts'
import { UsageError } from './usage-error.ts'

const PIECE_BYTES = 1 << 22
const LINE_FEED = 0x0a

/** Hands all events to the analyses. Throws a `TraceError` or `UsageError`. */
export function readTrace(file: string, analyses: readonly TraceAnalysis[], workingDirectory: string): TraceRead {
  return readTraceParts([file], analyses, workingDirectory)
}

/** Of a recording that goes on from file to file. Throws a `TraceError` or `UsageError`. */
export function readTraceParts(
  files: readonly string[],
  analyses: readonly TraceAnalysis[],
  workingDirectory: string,
): TraceRead {
  const reader = createTraceReader(files[0] ?? '', analyses)
  for (const file of files)
    forEachLine(file, workingDirectory, (text, offset, terminated) => reader.line(text, offset, terminated))
  return reader.finish()
}

/** `take` gets each line without its line feed, and the byte at which it begins. Lines may have any length. */
export function forEachLine(
  file: string,
  workingDirectory: string,
  take: (text: string, offset: number, terminated: boolean) => void,
): void {
  const descriptor = opened(file, workingDirectory)
  try {
    const piece = Buffer.allocUnsafe(PIECE_BYTES)
    /** Parts of a line that is longer than a piece. */
    let parts: Buffer[] = []
    let offset = 0
    let begin = 0
    for (;;) {
      const size = readSync(descriptor, piece, 0, PIECE_BYTES, null)
      if (size === 0) break
      let from = 0
      for (;;) {
        const end = piece.indexOf(LINE_FEED, from)
        if (end < 0 || end >= size) break
        const text =
          parts.length === 0
            ? piece.toString('utf8', from, end)
            : Buffer.concat([...parts, piece.subarray(from, end)]).toString('utf8')
        parts = []
        take(text, begin, true)
        from = end + 1
        begin = offset + from
      }
      if (from < size) parts.push(Buffer.from(piece.subarray(from, size)))
      offset += size
    }
    if (parts.length > 0) take(Buffer.concat(parts).toString('utf8'), begin, false)
  } finally {
    closeSync(descriptor)
  }
}

function opened(file: string, workingDirectory: string): number {
  try {
    const descriptor = openSync(resolve(workingDirectory, file), 'r')
    readSync(descriptor, Buffer.alloc(1), 0, 0, 0)
    return descriptor
  } catch (cause) {
    throw new UsageError({
      what: `The trace ${file} cannot be read: ${(cause as Error).message}.`,
      why: 'Its path is relative to the current folder.',
      fix: 'Give the file that simulate --trace or record wrote.',
      cause,
    })
  }
}
