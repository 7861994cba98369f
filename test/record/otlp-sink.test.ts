/** Spans of a recording at a collector: what arrives, what is tried again, and how gaps are told. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { openSink } from '#record/sinks/open-sink.ts'
import type { RecordedTraceHeader, TraceEvent } from '#trace/trace-event.ts'
import { begin, end, LIVE_HEADER, update } from '../analyses/traces.ts'

interface Body {
  readonly resourceSpans: readonly {
    readonly scopeSpans: readonly { readonly spans: readonly { readonly name: string }[] }[]
  }[]
}

async function collector(answers: readonly number[]) {
  const bodies: Body[] = []
  const paths: (string | undefined)[] = []
  let asked = 0
  const server = createServer((request, response) => {
    let text = ''
    request.on('data', (part) => {
      text += part
    })
    request.on('end', () => {
      const status = answers[asked++] ?? 200
      paths.push(request.url)
      if (status === 200) bodies.push(JSON.parse(text))
      response.writeHead(status).end('{}')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const names = () =>
    bodies.flatMap(({ resourceSpans }) =>
      resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans.map(({ name }) => name))),
    )
  const out = `otlp+http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { out, paths, names, close: () => new Promise((resolve) => server.close(resolve)) }
}

const events = [begin('r #1', 'c'), update('r #1', 11, { x: '1' }), end('r #1')]
const header = () => LIVE_HEADER as RecordedTraceHeader
const at = (event: object, step: number) => ({ ...event, step, timeMs: step }) as unknown as TraceEvent

test('spans reach a collector, also one that is overloaded at first', async () => {
  const { out, paths, names, close } = await collector([503])
  const faults: string[] = []
  const sink = openSink({ out, onFault: (message) => faults.push(message) }, header)
  for (const [step, event] of events.entries()) sink.write(at(event, step))
  sink.write(at(begin('r #2', 'c'), 3))
  await sink.close()
  await close()
  expect(names()).toEqual(['update ConfigMap default/a', 'c default/a', 'c default/a'])
  expect(new Set(paths)).toEqual(new Set(['/v1/traces']))
  expect(faults).toEqual([])
})

test('what there is no room for is a span, and what is refused is counted and told', async () => {
  const { out, names, close } = await collector([])
  const sink = openSink({ out, waitingBytesMax: 10, onFault: () => {} }, header)
  for (let step = 0; step < 4; step++) sink.write(at(update('user', 10 + step, {}), step))
  await sink.close()
  await close()
  expect(sink.dropped()).toBe(3)
  expect(names()).toEqual(['update ConfigMap default/a', '3 events dropped'])

  const refusing = await collector([400])
  const faults: string[] = []
  const refused = openSink({ out: refusing.out, onFault: (message) => faults.push(message) }, header)
  refused.write(at(update('user', 10, {}), 0))
  await refused.close()
  await refusing.close()
  expect(refused.dropped()).toBe(1)
  expect(faults).toEqual([expect.stringContaining('the collector answered 400')])
})

test('places that are no collector are refused', () => {
  for (const out of ['otlp+ftp://x', 'otlp+http://', 'otlp+http://user:secret@host'])
    expect(() => openSink({ out, onFault: () => {} }, header)).toThrow(/collector/)
})
