/**
 * The index beside a trace: `TRACE.index` has the lines of each object, so that what became of one is read without
 * reading the rest. It is of a size, a time of change, a beginning and an end of the trace, and is made again when one
 * of them differs, or when a line is not what it says. Its layout: entries of five numbers, the rest as JSON, and the
 * length of that.
 */
import { createHash } from 'node:crypto'
import { closeSync, fstatSync, openSync, readSync, renameSync, rmSync, writeSync } from 'node:fs'
import { resolve } from 'node:path'
import { shapeProblem } from '#analyses/event-shape.ts'
import { createObjectIndex, type IndexEntry, type IndexedObjects } from '#analyses/object-index.ts'
import type { LinePlace, TraceAnalysis, TraceRead } from '#analyses/trace-reader.ts'
import type { TraceEvent } from '#trace/trace-event.ts'
import { readTrace } from './trace-files.ts'

const INDEX_VERSION = 1
/** Offset, line, offset and line of the reconcile's begin (-1: none), number of the entry before: 8 bytes each. */
const ENTRY_BYTES = 40
const BUFFERED_ENTRIES = 1 << 15
const EDGE_BYTES = 1 << 16
const LINE_FEED = 0x0a

interface IndexContent {
  readonly indexVersion: number
  readonly fingerprint: string
  readonly read: TraceRead
  readonly objects: IndexedObjects
}

export interface TraceIndex {
  readonly read: TraceRead
  readonly objects: readonly string[]
  /** Hands the lines of an object to an analysis. False: the trace is not what the index says. */
  readObject(object: string, analysis: TraceAnalysis): boolean
}

/** The index that is there and fits the trace, or undefined. */
export function openIndex(trace: string, workingDirectory: string): TraceIndex | undefined {
  const path = resolve(workingDirectory, trace)
  try {
    const content = readContent(indexPath(path))
    if (content.indexVersion !== INDEX_VERSION || content.fingerprint !== fingerprintOf(path)) return undefined
    const places = new Map(content.objects.map(([object, last, entries]) => [object, { last, entries }]))
    return {
      read: content.read,
      objects: [...places.keys()],
      readObject(object, analysis) {
        const { last, entries } = places.get(object) ?? { last: -1, entries: 0 }
        return readEntries(path, last, entries, analysis)
      },
    }
  } catch {
    // Absent, cut off, or of another program: it is made again.
    return undefined
  }
}

/** Reads the whole trace. False: no file could be written beside it. Throws as `readTrace` does. */
export function writeIndex(trace: string, workingDirectory: string): boolean {
  const path = resolve(workingDirectory, trace)
  const draft = `${indexPath(path)}.${process.pid}`
  let descriptor: number
  let fingerprint: string
  try {
    // Before the trace is read: what is appended meanwhile makes the index unfit.
    fingerprint = fingerprintOf(path)
    descriptor = openSync(draft, 'w')
  } catch {
    return false
  }
  let failure: unknown
  try {
    const writer = entryWriter(descriptor)
    const index = createObjectIndex(writer.add)
    const read = readTrace(trace, [index], workingDirectory)
    writer.flush()
    const content: IndexContent = { indexVersion: INDEX_VERSION, fingerprint, read, objects: index.result() }
    const text = Buffer.from(JSON.stringify(content))
    const length = Buffer.alloc(8)
    length.writeDoubleLE(text.length)
    writeAll(descriptor, text)
    writeAll(descriptor, length)
  } catch (error) {
    failure = error
  }
  closeSync(descriptor)
  if (failure === undefined) {
    renameSync(draft, indexPath(path))
    return true
  }
  rmSync(draft, { force: true })
  // A full disk is no fault of the trace.
  if (['ENOSPC', 'EDQUOT', 'EFBIG'].includes((failure as NodeJS.ErrnoException).code ?? '')) return false
  throw failure
}

function indexPath(path: string): string {
  return `${path}.index`
}

/** Size, time of change, and the bytes at both ends. */
function fingerprintOf(path: string): string {
  const descriptor = openSync(path, 'r')
  try {
    const { size, mtimeMs } = fstatSync(descriptor)
    const edge = Buffer.alloc(EDGE_BYTES)
    const hash = createHash('sha256')
    for (const from of [0, Math.max(0, size - EDGE_BYTES)])
      hash.update(edge.subarray(0, readSync(descriptor, edge, 0, EDGE_BYTES, from)))
    return `${size} ${mtimeMs} ${hash.digest('hex')}`
  } finally {
    closeSync(descriptor)
  }
}

function writeAll(descriptor: number, bytes: Buffer): void {
  for (let from = 0; from < bytes.length; ) from += writeSync(descriptor, bytes, from)
}

function entryWriter(descriptor: number) {
  const buffer = Buffer.alloc(BUFFERED_ENTRIES * ENTRY_BYTES)
  let used = 0
  const flush = (): void => {
    writeAll(descriptor, buffer.subarray(0, used))
    used = 0
  }
  return {
    flush,
    add({ place, begin, previous }: IndexEntry): void {
      for (const value of [place.offset, place.line, begin?.offset ?? -1, begin?.line ?? -1, previous])
        used = buffer.writeDoubleLE(value, used)
      if (used === buffer.length) flush()
    },
  }
}

function readContent(path: string): IndexContent {
  const descriptor = openSync(path, 'r')
  try {
    const { size } = fstatSync(descriptor)
    const length = Buffer.alloc(8)
    readSync(descriptor, length, 0, 8, size - 8)
    const text = Buffer.alloc(length.readDoubleLE())
    if (readSync(descriptor, text, 0, text.length, size - 8 - text.length) !== text.length) throw new Error('cut off')
    return JSON.parse(text.toString('utf8')) as IndexContent
  } finally {
    closeSync(descriptor)
  }
}

function readEntries(path: string, last: number, entries: number, analysis: TraceAnalysis): boolean {
  const index = openSync(indexPath(path), 'r')
  const trace = openSync(path, 'r')
  try {
    const chain: IndexEntry[] = []
    for (let number = last; number >= 0 && chain.length < entries; ) {
      const entry = readEntry(index, number)
      chain.push(entry)
      number = entry.previous
    }
    if (chain.length !== entries) return false
    return chain.reverse().every(({ place, begin }) => {
      const event = readEvent(trace, place)
      const beginning = begin === undefined ? undefined : readEvent(trace, begin)
      if (event === undefined) return false
      if (begin === undefined) {
        analysis.take(event, place)
        return true
      }
      if (beginning?.type !== 'reconcile-begin') return false
      analysis.take(beginning, begin)
      analysis.take(event, place)
      const { reconcile, step } = beginning
      analysis.take({ type: 'reconcile-end', reconcile, step, result: { type: 'done' } }, begin)
      return true
    })
  } finally {
    closeSync(index)
    closeSync(trace)
  }
}

function readEntry(descriptor: number, number: number): IndexEntry {
  const bytes = Buffer.alloc(ENTRY_BYTES)
  readSync(descriptor, bytes, 0, ENTRY_BYTES, number * ENTRY_BYTES)
  const [offset = 0, line = 0, beginOffset = -1, beginLine = -1, previous = -1] = [0, 8, 16, 24, 32].map((from) =>
    bytes.readDoubleLE(from),
  )
  const place = { offset, line }
  return beginOffset < 0 ? { place, previous } : { place, previous, begin: { offset: beginOffset, line: beginLine } }
}

/** The event of a line; undefined where no line begins there, or none that is an event. */
function readEvent(descriptor: number, { offset }: LinePlace): TraceEvent | undefined {
  for (let length = 4096; ; length *= 4) {
    const bytes = Buffer.alloc(length)
    const size = readSync(descriptor, bytes, 0, length, offset - 1)
    if (bytes[0] !== LINE_FEED) return undefined
    const end = bytes.subarray(0, size).indexOf(LINE_FEED, 1)
    if (end < 0 && size === length) continue
    try {
      const value = JSON.parse(bytes.toString('utf8', 1, end < 0 ? size : end)) as Readonly<Record<string, unknown>>
      return shapeProblem(value) === undefined ? (value as unknown as TraceEvent) : undefined
    } catch {
      return undefined
    }
  }
}
