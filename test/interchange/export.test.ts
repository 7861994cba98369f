/** Traces in the formats of other tools: what is linked to what, and that nothing is left out silently. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { exportVerb } from '#cli/export.ts'
import { begin, end, LIVE_HEADER, update, written } from '../analyses/traces.ts'
import { fakeTerminal } from '../cli/terminal.ts'

const woken = { type: 'event', object: 'ConfigMap default/a', event: 'MODIFIED' }
const events = [
  update('user', 10, { x: '0' }, 0),
  begin('r #1', 'c', [{ ...woken, step: 0 }], 1),
  update('r #1', 11, { x: '1' }),
  end('r #1', 'error'),
  begin('r #2', 'c', [{ ...woken, step: 1 }, { type: 'retry' }], 2),
  { type: 'timer', controller: 'c', request: { name: 'a' } },
]

interface OtlpSpan {
  readonly name: string
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[]
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly status: { readonly code?: number }
}

function exported(format: string, text = written(events)) {
  const terminal = fakeTerminal()
  writeFileSync(join(terminal.workingDirectory, 'trace.jsonl'), text)
  const status = exportVerb({ trace: 'trace.jsonl', format }, terminal)
  const file = readFileSync(join(terminal.workingDirectory, `trace.${format}.json`), 'utf8')
  return { status, value: JSON.parse(file), said: terminal.errors.join('') }
}

interface Otlp {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly { readonly value: { readonly stringValue: string } }[] }
    readonly scopeSpans: readonly { readonly spans: readonly OtlpSpan[] }[]
  }[]
}

const spansOf = ({ resourceSpans }: Otlp): readonly OtlpSpan[] =>
  resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans))

describe('kamera export', () => {
  test('--format otlp links each reconcile to the writes that woke it, in the trace of the first', () => {
    const { status, value, said } = exported('otlp')
    expect(status).toBe(0)
    const spans = spansOf(value)
    const number = (id: string | undefined) => (id === undefined ? undefined : Number.parseInt(id, 16))
    expect(
      spans.map(({ name, spanId, parentSpanId, links, status: { code } }) => [
        name,
        number(spanId),
        number(parentSpanId),
        links.map((link) => number(link.spanId)),
        code,
      ]),
    ).toEqual([
      ['update ConfigMap default/a', 2, undefined, [], undefined],
      ['update ConfigMap default/a', 4, 3, [], undefined],
      ['c default/a', 3, 2, [2], 2],
      ['c default/a', 6, 4, [4], undefined],
    ])
    expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1)
    for (const { traceId, spanId } of spans) {
      expect(traceId).toMatch(/^[0-9a-f]{32}$/)
      expect(spanId).toMatch(/^[0-9a-f]{16}$/)
    }
    expect(said).toContain('4 spans. No spans: 1 timer.')
    expect(said).toContain('no end after this line')
  })

  test('a clock that steps back makes no span end before it begins', () => {
    const times = [5000, 4000, 3000, 2000, 1000, 0]
    const timed = events.map((event, step) => ({ ...event, step, timeMs: times[step] }))
    for (const span of spansOf(exported('otlp', written(timed, LIVE_HEADER)).value))
      expect(BigInt(span.startTimeUnixNano)).toBeLessThan(BigInt(span.endTimeUnixNano))
  })

  test('--format perfetto draws calls within their reconcile, and an arrow for each link', () => {
    const { value } = exported('perfetto')
    const drawn = value.traceEvents as readonly { ph: string; ts: number; dur: number; tid: number; cat: string }[]
    const reconciles = drawn.filter(({ cat, ph }) => ph === 'X' && cat === 'reconcile')
    expect(reconciles).toHaveLength(2)
    const [first] = reconciles
    const inner = drawn.find(({ cat, ph, tid }) => ph === 'X' && cat === 'call' && tid === first?.tid)
    expect(inner?.ts).toBeGreaterThanOrEqual(first?.ts ?? 0)
    expect((inner?.ts ?? 0) + (inner?.dur ?? 0)).toBeLessThanOrEqual((first?.ts ?? 0) + (first?.dur ?? 0))
    expect(drawn.filter(({ ph }) => ph === 's')).toHaveLength(2)
    expect(drawn.filter(({ ph }) => ph === 'f')).toHaveLength(2)
  })

  test('refuses other formats, and to write over the trace', () => {
    const terminal = fakeTerminal()
    expect(() => exportVerb({ trace: 'x', format: 'otpl' }, terminal)).toThrow(/otlp/)
    expect(() => exportVerb({ trace: 'x', format: 'otlp', out: 'x' }, terminal)).toThrow(/the trace itself/)
    expect(() => exportVerb({ trace: 'absent', format: 'otlp' }, terminal)).toThrow(/cannot be read/)
  })
})
