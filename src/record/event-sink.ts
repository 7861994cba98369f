/**
 * Where a recording goes: lines, written behind the recorder's back. What comes faster than it can be written waits up
 * to a bound and is then counted instead of kept, so that whoever is recorded never waits. Each write holds whole
 * lines: after a kill what was written is readable.
 */
import { once } from 'node:events'
import { closeSync, mkdirSync, openSync, rmSync, write, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import type { RecordedTraceHeader, TraceEvent } from '#trace/trace-event.ts'

export interface EventSink {
  /** Takes an event, or counts it as dropped; never waits. */
  write(event: TraceEvent): void
  /** Writes what waits before it returns: the process ends. */
  flush(): void
  /** Writes out what waits. */
  close(): Promise<void>
  /** Events that were dropped so far. */
  dropped(): number
  /** Files that were written and are there, in their order. Absent: it goes elsewhere. */
  files?(): readonly string[]
}

/** Writes whole lines somewhere. */
export interface Destination {
  /** Rejects when nothing more can be written. */
  write(lines: string): Promise<void>
  /** Lines are gathered for so long, or until so many wait. Absent: what comes together is written together. */
  readonly gather?: { readonly milliseconds: number; readonly bytes: number }
  /** The recording ends: what cannot be written soon is given up. */
  hurry?(): void
  /** Writes before it returns, where that can be done. */
  writeNow?(lines: string): void
  close(): Promise<void>
}

export interface FileSinkOptions {
  readonly file: string
  /** A file that has reached this size is followed by another. Default 256 MiB. */
  readonly rotateBytes?: number
  /** How many files are kept, the newest. Default all. */
  readonly filesMax?: number
  /** Bytes that may wait, roughly. Default 64 MiB. */
  readonly waitingBytesMax?: number
}

const ROTATE_BYTES = 256 * 1024 * 1024
export const WAITING_BYTES_MAX = 64 * 1024 * 1024

/** `header`: the first line of each file, by its number. Throws an Error where the file cannot be written. */
export function openFileSink(options: FileSinkOptions, header: (part: number) => RecordedTraceHeader): EventSink {
  const { file, rotateBytes = ROTATE_BYTES, filesMax = Number.POSITIVE_INFINITY } = options
  mkdirSync(dirname(file), { recursive: true })
  let part = 1
  let descriptor = begin(file, header(part))
  let size = 0
  const rotate = (): void => {
    if (size < rotateBytes) return
    closeSync(descriptor)
    part += 1
    descriptor = begin(partFile(file, part), header(part))
    size = 0
    if (part > filesMax) rmSync(partFile(file, part - filesMax), { force: true })
  }
  const sink = createSink(options.waitingBytesMax, {
    async write(lines) {
      rotate()
      const bytes = Buffer.from(lines)
      size += bytes.length
      for (let from = 0; from < bytes.length; ) from += await writeBytes(descriptor, bytes, from)
    },
    writeNow: (lines) => void writeSync(descriptor, lines),
    close: async () => closeSync(descriptor),
  })
  const files = () => {
    const kept = Math.min(part, Math.max(1, filesMax))
    return Array.from({ length: kept }, (_, index) => partFile(file, part - kept + 1 + index))
  }
  return { ...sink, files }
}

/** How many bytes of those from `from` on were written. */
function writeBytes(descriptor: number, bytes: Buffer, from: number): Promise<number> {
  return new Promise((resolve, reject) =>
    write(descriptor, bytes, from, (error, written) => (error === null ? resolve(written) : reject(error))),
  )
}

/** The first file has the name that was asked for, the next ones a number before its ending. */
function partFile(file: string, part: number): string {
  if (part === 1) return file
  const [, stem = file, ending = ''] = /^(.*?)(\.[^./]+)?$/.exec(file) ?? []
  return `${stem}.${part}${ending}`
}

function begin(file: string, header: RecordedTraceHeader): number {
  const descriptor = openSync(file, 'w', 0o600)
  writeSync(descriptor, `${JSON.stringify(header)}\n`)
  return descriptor
}

/** Lines on a stream, as stdout. */
export function streamSink(stream: NodeJS.WritableStream, header: RecordedTraceHeader): EventSink {
  stream.write(`${JSON.stringify(header)}\n`)
  return createSink(undefined, {
    async write(lines) {
      if (!stream.write(lines)) await once(stream, 'drain')
    },
    async close() {},
  })
}

/** Written at once at most. */
const BATCH_BYTES = 4 * 1024 * 1024

export function createSink(waitingBytesMax: number | undefined, destination: Destination): EventSink {
  const limit = waitingBytesMax ?? WAITING_BYTES_MAX
  let waiting: string[] = []
  let waitingBytes = 0
  let dropped = 0
  /** Dropped since the last event that was kept. */
  let gap: { readonly step: number; events: number } | undefined
  let pumping: Promise<void> | undefined
  let failed: Error | undefined
  let closing = false
  /** Ends gathering. */
  let full = (): void => {}
  const { gather } = destination
  const batchBytes = gather?.bytes ?? BATCH_BYTES

  const keep = (event: TraceEvent): void => {
    const line = `${JSON.stringify(event)}\n`
    waiting.push(line)
    waitingBytes += line.length
  }
  const tellGap = (): void => {
    if (gap === undefined) return
    keep({ step: gap.step, type: 'dropped', events: gap.events, reason: failed?.message ?? 'the sink was too slow' })
    gap = undefined
  }
  const gathered = (): Promise<void> =>
    new Promise((resolve) => {
      // A turn of the event loop gathers what comes together.
      if (gather === undefined) return void setImmediate(resolve)
      if (closing || waitingBytes >= batchBytes) return resolve()
      // Whoever is recorded may end meanwhile.
      const timer = setTimeout(resolve, gather.milliseconds).unref()
      full = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  const pump = async (): Promise<void> => {
    await gathered()
    while (waiting.length > 0 && failed === undefined) {
      const { lines, events } = takeBatch(waiting, batchBytes)
      try {
        await destination.write(lines)
      } catch (error) {
        // A disk that is full: what comes is counted, as what was waiting.
        failed = error as Error
        dropped += events + waiting.length
        waiting = []
      }
      waitingBytes = failed === undefined ? Math.max(0, waitingBytes - lines.length) : 0
      if (gather !== undefined && waiting.length > 0) await gathered()
    }
    pumping = undefined
  }
  return {
    write(event) {
      if (failed !== undefined || waitingBytes > limit) {
        dropped += 1
        if (gap === undefined) gap = { step: event.step, events: 1 }
        else gap.events += 1
        return
      }
      tellGap()
      keep(event)
      pumping ??= pump()
      if (waitingBytes >= batchBytes) full()
    },
    flush() {
      tellGap()
      if (destination.writeNow === undefined) return
      if (waiting.length > 0) destination.writeNow(waiting.join(''))
      waiting = []
    },
    async close() {
      closing = true
      full()
      destination.hurry?.()
      await pumping
      tellGap()
      if (waiting.length > 0) await (pumping ??= pump())
      await destination.close().catch(() => {})
    },
    dropped: () => dropped,
  }
}

function takeBatch(waiting: string[], batchBytes: number): { readonly lines: string; readonly events: number } {
  let bytes = 0
  let count = 0
  while (count < waiting.length && bytes < batchBytes) bytes += (waiting[count++] as string).length
  return { lines: waiting.splice(0, count).join(''), events: count }
}
