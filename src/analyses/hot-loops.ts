/**
 * Requests that wake themselves: reconciles in a row of which each was woken by nothing but the writes of the one
 * before it, or its retry.
 */
import type { TraceEvent } from '#trace/trace-event.ts'
import { requestName } from './trace-names.ts'

export interface HotLoop {
  readonly controller: string
  readonly request: string
  /** The longest row. */
  readonly reconciles: number
  /** Line of the reconcile with which it began. */
  readonly line: number
}

/** Fewer in a row are how controllers come to rest. */
export const HOT_LOOP_MIN = 5
const SHOWN = 20

type CallEvent = Extract<TraceEvent, { readonly type: 'call' }>
type Begin = Extract<TraceEvent, { readonly type: 'reconcile-begin' }>

interface RequestRow {
  readonly controller: string
  readonly request: string
  length: number
  line: number
  longest: number
  longestLine: number
  /** Steps in which its last reconcile wrote. */
  steps: number[]
}

export function createLoopSearch() {
  const rows = new Map<string, RequestRow>()
  const open = new Map<string, RequestRow>()
  return {
    begin({ reconcile, controller, request, causes }: Begin, line: number): void {
      const name = requestName(request)
      const key = `${controller} ${name}`
      let row = rows.get(key)
      if (row === undefined) {
        row = { controller, request: name, length: 0, line, longest: 0, longestLine: line, steps: [] }
        rows.set(key, row)
      }
      const { steps } = row
      const wokeItself =
        causes.length > 0 &&
        causes.every(
          ({ type, step }) => type === 'retry' || (type === 'event' && step !== undefined && steps.includes(step)),
        )
      if (!wokeItself) {
        row.length = 0
        row.line = line
      }
      row.length += 1
      if (row.length > row.longest) {
        row.longest = row.length
        row.longestLine = row.line
      }
      row.steps = []
      open.set(reconcile, row)
    },
    write({ by, step, committed }: CallEvent): void {
      if (committed !== undefined && committed.length > 0) open.get(by)?.steps.push(step)
    },
    end(reconcile: string): void {
      open.delete(reconcile)
    },
    result(): readonly HotLoop[] {
      return [...rows.values()]
        .filter(({ longest }) => longest >= HOT_LOOP_MIN)
        .sort((left, right) => right.longest - left.longest)
        .slice(0, SHOWN)
        .map(({ controller, request, longest, longestLine }) => ({
          controller,
          request,
          reconciles: longest,
          line: longestLine,
        }))
    },
  }
}
