/** Reads whole traces, to replay them or to go on from them. What is wrong with one is said with the number of its line. */
import { closeSync, openSync, readSync } from 'node:fs'
import { resolve } from 'node:path'
import { noteText } from '#analyses/trace-notes.ts'
import type { TraceEvent, TraceHeader } from '#trace/trace-event.ts'
import { readTrace as readLines } from './trace-files.ts'
import { UsageError } from './usage-error.ts'

/** What a trace cannot have and still be judged as a whole. */
const REFUSED: ReadonlySet<string> = new Set(['not-json', 'malformed', 'part'])

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

/**
 * The lines of a recording are put in the order of their steps.
 *
 * @param warn told of lines that were left out, and of what else is odd. @throws UsageError, TraceError
 */
export function readTrace(path: string, workingDirectory: string, warn: (message: string) => void): ReadTrace {
  const events: TraceEvent[] = []
  const { header, notes } = readLines(path, [{ take: (event) => events.push(event) }], workingDirectory)
  const refused = notes.find(({ about }) => REFUSED.has(about))
  if (refused !== undefined)
    throw new UsageError({
      what: `${path} cannot be used as a whole. ${noteText(refused)}.`,
      why: 'It was changed by hand, or another version of Kamera wrote it.',
      fix: 'Write it anew with kamera simulate --trace or kamera record; kamera analyze reads the rest of it.',
    })
  for (const note of notes) warn(`${path}, ${noteText(note)}`)
  if (header.source === 'live') events.sort((left, right) => left.step - right.step)
  return { header, events }
}
