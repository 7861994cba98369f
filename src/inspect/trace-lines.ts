/** A trace as lines of JSON, in which no Secret's data are left. */

import { shownTrace } from '#trace/shown-trace.ts'
import type { TraceEvent, TraceHeader } from '#trace/trace-event.ts'

/** Ends with a line feed. */
export function traceLines(header: TraceHeader, events: readonly TraceEvent[]): string {
  return `${[header, ...shownTrace(events)].map((line) => JSON.stringify(line)).join('\n')}\n`
}
