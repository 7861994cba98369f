/**
 * Spans as OTLP in JSON (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding): ids are hexadecimal,
 * 64-bit numbers are decimal texts, enums are numbers.
 */
import { createHash } from 'node:crypto'
import type { TraceHeader } from '#trace/trace-event.ts'
import type { Span, SpanId } from './spans.ts'

const KIND_INTERNAL = 1
const KIND_CLIENT = 3
const STATUS_ERROR = 2

/** Told apart from other traces of the same collector: the same trace gets the same ids again. */
export function traceIdPrefix(header: TraceHeader): string {
  const own = header.source === 'live' ? ['live', header.recording] : ['simulator', header.scenario, header.seed]
  return createHash('sha256').update(JSON.stringify(own)).digest('hex').slice(0, 16)
}

/** One element of `resourceSpans` a process. */
export function resourceSpans(spans: readonly Span[], prefix: string): readonly object[] {
  const processes = new Map<string, Span[]>()
  for (const span of spans) {
    const known = processes.get(span.process)
    if (known === undefined) processes.set(span.process, [span])
    else known.push(span)
  }
  return [...processes].map(([process, own]) => ({
    resource: { attributes: [attribute('service.name', process)] },
    scopeSpans: [{ scope: { name: 'kamera' }, spans: own.map((span) => otlpSpan(span, prefix)) }],
  }))
}

function otlpSpan(span: Span, prefix: string): object {
  const { id, parent, links, name, start, end, isCall, failure, attributes } = span
  return {
    ...idsOf(id, prefix),
    ...(parent === undefined ? {} : { parentSpanId: hexadecimal(parent.span) }),
    name,
    kind: isCall ? KIND_CLIENT : KIND_INTERNAL,
    startTimeUnixNano: `${start}000`,
    endTimeUnixNano: `${end}000`,
    attributes: Object.entries(attributes).map(([key, value]) => attribute(key, value)),
    links: links.map((link) => idsOf(link, prefix)),
    status: failure === undefined ? {} : { code: STATUS_ERROR, message: failure },
  }
}

function idsOf({ trace, span }: SpanId, prefix: string): { readonly traceId: string; readonly spanId: string } {
  return { traceId: `${prefix}${hexadecimal(trace)}`, spanId: hexadecimal(span) }
}

/** Sixteen digits. */
function hexadecimal(number: number): string {
  return number.toString(16).padStart(16, '0')
}

function attribute(key: string, value: string | number | boolean): object {
  if (typeof value === 'boolean') return { key, value: { boolValue: value } }
  return { key, value: typeof value === 'number' ? { intValue: String(value) } : { stringValue: value } }
}
