/** What a file shows of a trace: all of it but the data of Secrets. */
import { redactSecrets } from './redact.ts'
import type { TraceEvent } from './trace-event.ts'

/** The events as a file has them. */
export function shownTrace(events: readonly TraceEvent[]): readonly TraceEvent[] {
  return redactSecrets(events.map(withoutPatchedSecret))
}

/** A patch has no kind to be known by, so all of it goes. */
function withoutPatchedSecret(event: TraceEvent): TraceEvent {
  if (event.type !== 'call' || event.object.kind !== 'Secret' || event.object.apiVersion !== 'v1') return event
  if (event.verb !== 'patch' || event.request.body === undefined) return event
  return { ...event, request: { ...event.request, body: '(redacted)' } }
}
