/**
 * Marks that programs send along (`go/kameratrace`, docs/recording.md): which reconcile a call belongs to, and where
 * reconciles begin and end. They come as headers of calls, or by themselves; none of them reaches the API server.
 */
import type { IncomingHttpHeaders } from 'node:http'
import type { Client } from './clients.ts'
import type { Recording } from './recording.ts'

export const MARKS_PATH = '/kamera.dev/marks'
const CALL_HEADER = 'kamera-reconcile'
const MARKS_HEADER = 'kamera-marks'
export const MARK_HEADERS: ReadonlySet<string> = new Set([CALL_HEADER, MARKS_HEADER])

interface Mark {
  /** The program's own. */
  readonly id: string
  readonly controller: string
  readonly namespace?: string
  readonly name: string
  /** Of an end. */
  readonly result?: 'done' | 'requeue' | 'requeueAfter' | 'error'
  readonly afterMs?: number
  readonly message?: string
}

export interface Marks {
  /** The reconcile of a call, begun if this is its first; undefined where the program says none. */
  reconcileOf(client: Client, headers: IncomingHttpHeaders): string | undefined
  /** Marks that came by themselves. False: that are none. */
  take(client: Client, text: string): boolean
}

/** Reconciles whose end never came are forgotten in the end. */
const OPEN_MAX = 100_000

export function createMarks(recording: Recording): Marks {
  /** By process and the program's id. */
  const open = new Map<string, string>()
  const begin = ({ process }: Client, { id, controller, namespace, name }: Mark): string => {
    const key = `${process} ${id}`
    const known = open.get(key)
    if (known !== undefined) return known
    const request = { ...(namespace === undefined || namespace === '' ? {} : { namespace }), name }
    const reconcile = recording.begin({ process, controller }, request)
    open.set(key, reconcile)
    if (open.size > OPEN_MAX) open.delete(open.keys().next().value as string)
    return reconcile
  }
  const take = (client: Client, marks: readonly Mark[]): void => {
    for (const mark of marks) {
      const reconcile = begin(client, mark)
      const { result: type, afterMs, message } = mark
      if (type === undefined) continue
      open.delete(`${client.process} ${mark.id}`)
      recording.end(reconcile, {
        type,
        ...(afterMs === undefined ? {} : { afterMs }),
        ...(message === undefined ? {} : { message }),
      })
    }
  }
  return {
    reconcileOf(client, headers) {
      const marks = parsed(unescaped(headers[MARKS_HEADER]))
      if (Array.isArray(marks)) take(client, marks.filter(isMark))
      const mark = parsed(unescaped(headers[CALL_HEADER]))
      return isMark(mark) ? begin(client, mark) : undefined
    },
    take(client, text) {
      const marks = parsed(text)
      if (!Array.isArray(marks) || !marks.every(isMark)) return false
      take(client, marks)
      return true
    },
  }
}

function isMark(value: unknown): value is Mark {
  const { id, controller, name } = (value ?? {}) as Readonly<Record<string, unknown>>
  return typeof id === 'string' && typeof controller === 'string' && typeof name === 'string'
}

function unescaped(header: string | readonly string[] | undefined): string {
  try {
    return typeof header === 'string' ? decodeURIComponent(header) : ''
  } catch {
    return ''
  }
}

function parsed(text: string): unknown {
  try {
    return text === '' ? undefined : (JSON.parse(text) as unknown)
  } catch {
    return undefined
  }
}
