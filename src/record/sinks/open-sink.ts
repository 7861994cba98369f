/** Where a recording goes, by how its place is written: `-` (stdout), `s3://BUCKET/KEY`, `otlp+http://HOST`, or a file. */
import { resolve } from 'node:path'
import type { RecordedTraceHeader } from '#trace/trace-event.ts'
import { type EventSink, type FileSinkOptions, openFileSink, streamSink } from '../event-sink.ts'
import { objectStoreOf, openObjectStoreSink } from './object-store.ts'
import { collectorOf, openCollectorSink } from './otlp.ts'

export interface SinkOptions extends Omit<FileSinkOptions, 'file'> {
  readonly out: string
  /** Told once when nothing more can be written. */
  readonly onFault: (message: string) => void
}

/** Whether a place is no file. */
export function isRemote(out: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//.test(out)
}

/** @throws Error when nothing can be written there */
export function openSink(options: SinkOptions, header: (part: number) => RecordedTraceHeader): EventSink {
  const { out, rotateBytes, filesMax } = options
  if (out === '-') return streamSink(process.stdout, header(1))
  if (!isRemote(out)) return openFileSink({ ...options, file: resolve(out) }, header)
  if (out.startsWith('otlp+')) {
    if (rotateBytes !== undefined || filesMax !== undefined) throw new Error('a collector has no files to rotate')
    return openCollectorSink(collectorOf(out), options, header(1))
  }
  if (!out.startsWith('s3://'))
    throw new Error(`${out} is of no kind that a trace can be written to: s3:// and otlp+http:// are`)
  if (filesMax !== undefined)
    throw new Error('old files cannot be removed from an object store: leave the number of files to its rules')
  const gather = rotateBytes === undefined ? {} : { gatherBytes: rotateBytes }
  return openObjectStoreSink(objectStoreOf(out, process.env), { ...options, ...gather }, header)
}
