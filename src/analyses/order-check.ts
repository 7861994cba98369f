/**
 * Whether lines come once and in order. A line that is there twice is left out; one that comes too late is taken where
 * it is, since order is by resourceVersion and cause, and named.
 */
import type { TraceEvent } from '#trace/trace-event.ts'
import { compareVersions } from './trace-names.ts'
import type { NoteTaker } from './trace-notes.ts'

export interface OrderCheck {
  isRepeated(event: TraceEvent, line: number): boolean
}

/** Ids of reconciles that ended and steps of recordings are remembered for so many more. */
const REMEMBERED = 10_000

/** @param stepsAreEvents in a recording every event has a step of its own */
export function createOrderCheck(stepsAreEvents: boolean, notes: NoteTaker): OrderCheck {
  let lastStep = -1
  let lastTime = Number.NEGATIVE_INFINITY
  const steps = rememberer<number>()
  const begun = rememberer<string>()
  const ended = rememberer<string>()
  const versions = new Map<string, { readonly version: string; readonly removed: boolean }>()

  const repeats = (event: TraceEvent): string | undefined => {
    if (stepsAreEvents && event.type !== 'dropped' && !steps(event.step)) return `step ${event.step}`
    if (event.type === 'reconcile-begin' && !begun(event.reconcile)) return `the begin of ${event.reconcile}`
    if (event.type === 'reconcile-end' && !ended(event.reconcile)) return `the end of ${event.reconcile}`
    return undefined
  }
  /** A version is given once: a write that brings a known one is that write again. */
  const commitsAgain = (event: TraceEvent, line: number): boolean => {
    if (event.type !== 'call' || event.committed === undefined) return false
    let again = false
    for (const { object, resourceVersion, removed } of event.committed) {
      const known = versions.get(object)
      // A removal by the user is told with the version that the object had before.
      if (known?.version === resourceVersion && known.removed === removed && resourceVersion !== '') again = true
      else if (known !== undefined && compareVersions(resourceVersion, known.version) < 0)
        notes.note('order', `versions go back in these lines; versions are what orders changes`, line)
      else if (resourceVersion !== '') versions.set(object, { version: resourceVersion, removed })
    }
    return again
  }
  return {
    isRepeated(event, line) {
      const what = repeats(event)
      if (what !== undefined) {
        notes.note('repeated', `${what} was read before; the line is left out`, line)
        return true
      }
      if (commitsAgain(event, line)) {
        notes.note('repeated', 'a write that was read before; the line is left out', line)
        return true
      }
      if (event.step < lastStep) notes.note('order', 'lines of an earlier step come after those of a later one', line)
      lastStep = Math.max(lastStep, event.step)
      if (event.timeMs !== undefined) {
        if (event.timeMs < lastTime)
          notes.note('clock', 'the clock of the recorder steps back; times order nothing', line)
        lastTime = event.timeMs
      }
      return false
    },
  }
}

/** Whether a value is new; the last `REMEMBERED` are known. */
function rememberer<T>(): (value: T) => boolean {
  let older = new Set<T>()
  let newer = new Set<T>()
  return (value) => {
    if (newer.has(value) || older.has(value)) return false
    newer.add(value)
    if (newer.size >= REMEMBERED) {
      older = newer
      newer = new Set()
    }
    return true
  }
}
