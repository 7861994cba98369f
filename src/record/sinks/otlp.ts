/**
 * A recording as spans, sent to a collector of OpenTelemetry while it goes on: OTLP over HTTP, in JSON
 * (https://opentelemetry.io/docs/specs/otlp/#otlphttp). Spans have names and versions of objects, and not their
 * content: what is to be replayed is written to a file.
 */
import { resourceSpans, traceIdPrefix } from '#interchange/otlp.ts'
import { createSpans, type Span } from '#interchange/spans.ts'
import type { RecordedTraceHeader, TraceEvent } from '#trace/trace-event.ts'
import { createSink, type EventSink, WAITING_BYTES_MAX } from '../event-sink.ts'

export interface CollectorOptions {
  /** Bytes that may wait, roughly. Default 64 MiB. */
  readonly waitingBytesMax?: number
  /** Spans are sent after this time … Default 2 s. */
  readonly gatherMs?: number
  /** … or when so much waits. Default 1 MiB. */
  readonly gatherBytes?: number
  /** Told once when nothing more can be sent. */
  readonly onFault: (message: string) => void
}

const GATHER_MS = 2_000
const GATHER_BYTES = 1 << 20
const ANSWER_MS = 30_000
const PAUSE_MS = 250
const PAUSE_MS_MAX = 30_000
/** How often a batch is tried once the recording ends. */
const LAST_TRIES = 3
/** Answers after which the protocol has a client try again. */
const PASSING = new Set([429, 502, 503, 504])

/**
 * Reads `otlp+http://HOST:4318` and `otlp+https://…`; without a path it is `/v1/traces`, as in the protocol.
 *
 * @throws Error where it is no such place
 */
export function collectorOf(place: string): URL {
  const given = /^otlp\+(https?:\/\/.*)$/s.exec(place)?.[1]
  if (given === undefined || !URL.canParse(given))
    throw new Error(`${place} is no collector: write otlp+http://HOST:4318 or otlp+https://HOST:4318`)
  const url = new URL(given)
  if (url.username !== '' || url.password !== '') throw new Error('the place of a collector may hold no credentials')
  if (url.pathname === '/' || url.pathname === '') url.pathname = '/v1/traces'
  return url
}

export function openCollectorSink(url: URL, options: CollectorOptions, header: RecordedTraceHeader): EventSink {
  const { gatherMs = GATHER_MS, gatherBytes = GATHER_BYTES, waitingBytesMax = WAITING_BYTES_MAX, onFault } = options
  const ending = new AbortController()
  const prefix = traceIdPrefix(header)
  let ended: Span[] = []
  let line = 1
  const spans = createSpans(header, (span) => ended.push(span))
  const send = async (): Promise<void> => {
    const body = JSON.stringify({ resourceSpans: resourceSpans(ended, prefix) })
    const isEmpty = ended.length === 0
    ended = []
    if (isEmpty) return
    try {
      await posted(url, body, ending.signal)
    } catch (error) {
      onFault(`spans cannot be sent to ${url.origin}: ${(error as Error).message}`)
      throw error
    }
  }
  return createSink(waitingBytesMax, {
    gather: { milliseconds: gatherMs, bytes: Math.min(gatherBytes, waitingBytesMax / 2) },
    async write(lines) {
      for (const text of lines.split('\n')) {
        line += 1
        if (text !== '') spans.take(JSON.parse(text) as TraceEvent, { line })
      }
      await send()
    },
    hurry: () => ending.abort(),
    async close() {
      spans.finish()
      await send()
    },
  })
}

/** Rejects with an Error where trying again is of no use, or when the recording ends meanwhile. */
async function posted(url: URL, body: string, ending: AbortSignal): Promise<void> {
  let last = LAST_TRIES
  for (let pause = PAUSE_MS; ; pause = Math.min(2 * pause, PAUSE_MS_MAX)) {
    const failure = await sent(url, body)
    if (failure === undefined) return
    if (!failure.passes || (ending.aborted && --last === 0)) throw new Error(failure.message)
    await waited(ending.aborted ? PAUSE_MS : pause, ending)
  }
}

async function sent(
  url: URL,
  body: string,
): Promise<{ readonly message: string; readonly passes: boolean } | undefined> {
  try {
    const headers = { 'content-type': 'application/json' }
    const signal = AbortSignal.timeout(ANSWER_MS)
    const response = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal })
    await response.arrayBuffer()
    if (response.ok) return undefined
    return { message: `the collector answered ${response.status}`, passes: PASSING.has(response.status) }
  } catch (error) {
    const { cause, message } = error as Error
    const why = (cause as Error | undefined)?.message ?? message
    return { message: `the collector cannot be reached: ${why}`, passes: true }
  }
}

/** Waits, but no longer than until the signal; a program that has nothing else to do is not kept from ending. */
function waited(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds)
    if (signal.aborted) return
    timer.unref()
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer)
        resolve()
      },
      { once: true },
    )
  })
}
