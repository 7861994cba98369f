/**
 * What is odd about a trace: lines that are cut off, repeated, out of order or not understood. Nothing is left out
 * silently: each note says what was done, and in which lines.
 */
import { count, formatNumber } from '#inspect/plain-text.ts'

export interface TraceNote {
  /** What it is about: `cut-off`, `no-end`, `not-json`, `malformed`, `unknown-type`, `repeated`, `order`, `clock`, `dropped`, `missing`, `part`, `reconcile`; of imports `other`, `version`. */
  readonly about: string
  readonly message: string
  /** How many lines it is true of. */
  readonly count: number
  /** The first of them, from 1. */
  readonly lines: readonly number[]
}

export interface NoteTaker {
  note(about: string, message: string, line: number): void
  notes(): readonly TraceNote[]
}

const LINES_NAMED = 5

export function createNoteTaker(): NoteTaker {
  const notes = new Map<string, { about: string; message: string; count: number; lines: number[] }>()
  return {
    note(about, message, line) {
      const key = `${about} ${message}`
      const known = notes.get(key)
      if (known === undefined) {
        notes.set(key, { about, message, count: 1, lines: [line] })
        return
      }
      known.count += 1
      if (known.lines.length < LINES_NAMED) known.lines.push(line)
    },
    notes: () => [...notes.values()],
  }
}

/** One line of text a note. */
export function noteText({ message, count: times, lines }: TraceNote): string {
  const more = times > lines.length ? `, … (${count(times, 'line')})` : ''
  return `${lines.length === 1 ? 'line' : 'lines'} ${lines.map(formatNumber).join(', ')}${more}: ${message}`
}
