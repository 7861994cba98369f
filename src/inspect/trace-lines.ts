/** A trace as lines of JSON, in which no Secret's data are left. */

import { redactSecrets } from '#trace/redact.ts'
import type { TraceEvent, TraceHeader } from '#trace/trace-event.ts'

/** Ends with a line feed. */
export function traceLines(header: TraceHeader, events: readonly TraceEvent[]): string {
  return `${[header, ...shownTrace(events)].map((line) => JSON.stringify(line)).join('\n')}\n`
}

/** A patch has no kind to be known by, so all of it goes. */
function withoutPatchedSecret(event: TraceEvent): TraceEvent {
  if (event.type !== 'call' || event.object.kind !== 'Secret' || event.object.apiVersion !== 'v1') return event
  if (event.verb !== 'patch' || event.request.body === undefined) return event
  return { ...event, request: { ...event.request, body: '(redacted)' } }
}

/** The events as a file has them. */
export function shownTrace(events: readonly TraceEvent[]): readonly TraceEvent[] {
  return redactSecrets(events.map(withoutPatchedSecret))
}
