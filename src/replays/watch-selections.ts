/**
 * Which watches have selectors: to them, an object that is not selected any more is DELETED, as one that was removed.
 */
import type { TraceEvent } from '#trace/trace-event.ts'

export interface Selections {
  take(event: TraceEvent): void
  /** Whether this event's watch has selectors; also where its begin is not in the trace. */
  mayBe(event: Extract<TraceEvent, { readonly type: 'delivery' }>): boolean
}

export function createSelections(): Selections {
  const whole = new Set<string>()
  return {
    take(event) {
      if (event.type !== 'watch-begin') return
      if (event.labelSelector === undefined && event.fieldSelector === undefined) whole.add(event.watch)
    },
    mayBe: ({ watch }) => watch !== undefined && !whole.has(watch),
  }
}
