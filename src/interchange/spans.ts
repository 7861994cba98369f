/**
 * The events of a trace as spans, which other tools draw: a reconcile is a span, its calls are spans in it. A span is
 * linked to the writes behind it, all of them; the trace that it belongs to is that of the first, or of the attempt that
 * it repeats. Times place spans on the screen and order nothing.
 */
import type { Cause } from '#trace/path.ts'
import type { ApiCall, TraceEvent, TraceHeader } from '#trace/trace-event.ts'

/** Which span: `trace` is the number of the root's line, `span` that of its own. */
export interface SpanId {
  readonly trace: number
  readonly span: number
}

export interface Span {
  readonly id: SpanId
  readonly parent?: SpanId
  readonly links: readonly SpanId[]
  readonly name: string
  readonly process: string
  /** Spans of a process with the same lane are of one controller. */
  readonly lane: string
  /** Microseconds since 1970. */
  readonly start: number
  readonly end: number
  readonly isCall: boolean
  /** What it failed with. */
  readonly failure?: string
  readonly attributes: Readonly<Record<string, string | number | boolean>>
}

export interface SpanAnalysis {
  take(event: TraceEvent, place: { readonly line: number }): void
  /** Gives out the reconciles that have no end. */
  finish(): void
  /** Events that are in no span, by type. */
  left(): Readonly<Record<string, number>>
}

/** Steps of simulated runs are shown a millisecond apart, from the beginning of 2025 on. */
const SIMULATED_FROM_MS = 1_735_689_600_000
/** Writes and attempts that causes may name; older ones are forgotten, and links to them left out. */
const REMEMBERED = 500_000

interface Open extends Omit<Span, 'end' | 'failure'> {
  readonly request: string
}

/** @param emit gets each span once it has ended */
export function createSpans(header: Pick<TraceHeader, 'source'>, emit: (span: Span) => void): SpanAnalysis {
  const isLive = header.source === 'live'
  const open = new Map<string, Open>()
  const writes = new Map<string, SpanId>()
  const attempts = new Map<string, SpanId>()
  const left: Record<string, number> = {}
  let lastStep = -1
  let inStep = 0
  let now = 0

  const timeOf = (event: TraceEvent): number => {
    inStep = event.step === lastStep ? inStep + 1 : 0
    lastStep = event.step
    const shown = isLive ? (event.timeMs ?? now / 1000) * 1000 : (SIMULATED_FROM_MS + event.step) * 1000 + inStep
    // Clocks step back or stand still; events of a process must not overlap.
    now = Math.max(now + 1, Math.round(shown))
    return now
  }
  const linksOf = (causes: readonly Cause[]): readonly SpanId[] => {
    const links = causes.map(({ step, object }) => writes.get(`${step} ${object}`))
    return [...new Set(links.filter((link) => link !== undefined))]
  }
  const begin = (event: Extract<TraceEvent, { type: 'reconcile-begin' }>, line: number, start: number): void => {
    const { reconcile, controller, causes, process = '', request, inferred } = event
    const target = request.namespace ? `${request.namespace}/${request.name}` : request.name
    const links = linksOf(causes)
    const isAgain = causes.some(({ type }) => type === 'retry')
    const parent = links[0] ?? (isAgain ? attempts.get(`${controller} ${target}`) : undefined)
    const id = { trace: parent?.trace ?? line, span: line }
    remember(attempts, `${controller} ${target}`, id)
    const causedBy = causes.map(({ type, object, event: kind }) => [type, kind, object].filter(Boolean).join(' '))
    open.set(reconcile, {
      id,
      ...(parent === undefined ? {} : { parent }),
      links,
      name: `${controller} ${target}`,
      process: process === '' ? controller : process,
      lane: controller,
      start,
      isCall: false,
      request: target,
      attributes: {
        'kamera.reconcile': reconcile,
        'kamera.controller': controller,
        'kamera.request': target,
        'kamera.causes': causedBy.join('; '),
        'kamera.line': line,
        'kamera.step': event.step,
        ...(inferred === true ? { 'kamera.inferred': true } : {}),
      },
    })
  }
  const conclude = (reconcile: string, end: number, result: string, failure?: string): boolean => {
    const begun = open.get(reconcile)
    if (begun === undefined) return false
    open.delete(reconcile)
    const { request: _, attributes, ...span } = begun
    const told = { ...attributes, 'kamera.result': result }
    emit({
      ...span,
      end: Math.max(end, begun.start + 1),
      attributes: told,
      ...(failure === undefined ? {} : { failure }),
    })
    return true
  }
  const call = (event: ApiCall & { readonly step: number }, line: number, start: number): void => {
    const parent = open.get(event.by)
    const id = { trace: parent?.id.trace ?? line, span: line }
    for (const { object } of event.committed ?? []) remember(writes, `${event.step} ${object}`, id)
    const process = parent?.process ?? event.process ?? event.by
    const failure = failureOf(event)
    emit({
      id,
      ...(parent === undefined ? {} : { parent: parent.id }),
      links: [],
      name: callName(event),
      process,
      lane: parent?.lane ?? process,
      start,
      end: start + 1,
      isCall: true,
      ...(failure === undefined ? {} : { failure }),
      attributes: callAttributes(event, line),
    })
  }
  return {
    take(event, { line }) {
      const time = timeOf(event)
      if (event.type === 'reconcile-begin') begin(event, line, time)
      else if (event.type === 'call') call(event, line, time)
      else if (event.type === 'crash') {
        for (const id of event.abandoned) conclude(id, time, 'crashed', 'its process crashed')
      } else if (event.type === 'dropped') {
        emit(gapSpan(event, line, time))
      } else if (event.type === 'reconcile-end') {
        const { type, ...more } = event.result
        const message = 'message' in more && typeof more.message === 'string' ? more.message : type
        if (!conclude(event.reconcile, time, type, type === 'error' ? message : undefined)) leave(left, event.type)
      } else leave(left, event.type)
    },
    finish() {
      for (const reconcile of [...open.keys()]) conclude(reconcile, now + 1, 'no end')
    },
    left: () => left,
  }
}

/** What is missing must be seen where the rest is looked at. */
function gapSpan(event: Extract<TraceEvent, { type: 'dropped' }>, line: number, start: number): Span {
  const name = `${event.events} events dropped`
  const attributes = { 'kamera.dropped': event.events, 'kamera.line': line, 'kamera.step': event.step }
  const own = { process: 'recorder', lane: 'recorder', isCall: false, links: [] }
  return { ...own, id: { trace: line, span: line }, name, start, end: start + 1, failure: event.reason, attributes }
}

function leave(left: Record<string, number>, type: string): void {
  if (type !== 'end') left[type] = (left[type] ?? 0) + 1
}

function remember(known: Map<string, SpanId>, key: string, id: SpanId): void {
  known.delete(key)
  known.set(key, id)
  if (known.size > REMEMBERED) known.delete(known.keys().next().value as string)
}

function callName({ verb, object, namespace, name, subresource }: ApiCall): string {
  const kind = subresource === undefined ? object.kind : `${object.kind}/${subresource}`
  const target = name === undefined ? namespace : namespace ? `${namespace}/${name}` : name
  return [verb, kind, target].filter(Boolean).join(' ')
}

function failureOf({ response }: ApiCall): string | undefined {
  if (!('status' in response) || response.status.status === 'Success') return undefined
  return response.status.reason ?? response.status.message ?? 'failed'
}

/** No object's content: it may be large, and is nobody's business where spans go. */
function callAttributes(event: ApiCall & { readonly step: number }, line: number): Span['attributes'] {
  const { verb, object, namespace, name, subresource, cached, response, committed } = event
  const versions = committed?.map((each) => `${each.object}@${each.resourceVersion}${each.removed ? ' removed' : ''}`)
  return {
    'kamera.verb': verb,
    'kamera.api_version': object.apiVersion ?? '',
    'kamera.kind': object.kind,
    ...(namespace ? { 'k8s.namespace.name': namespace } : {}),
    ...(name ? { 'kamera.name': name } : {}),
    ...(subresource ? { 'kamera.subresource': subresource } : {}),
    'kamera.cached': cached === true,
    ...('items' in response ? { 'kamera.items': response.items.length } : {}),
    ...(versions === undefined ? {} : { 'kamera.committed': versions.join('; ') }),
    'kamera.line': line,
    'kamera.step': event.step,
  }
}
