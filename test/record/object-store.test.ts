/** Recordings in an object store: with the proxy, with `instrument`, and while the store cannot be reached. */
import { readFileSync } from 'node:fs'
import { CoreV1Api } from '@kubernetes/client-node'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { instrument } from '#instrument.ts'
import { recordingHeader } from '#record/recording.ts'
import { objectStoreOf, openObjectStoreSink } from '#record/sinks/object-store.ts'
import { record } from '#record.ts'
import type { TraceEvent } from '#trace/trace-event.ts'
import { startObjectStore, type TestObjectStore } from './object-store-server.ts'
import { configOf, type Place, startPlace } from './recorded.ts'

const key = { id: 'AKIDTESTTEST', secret: 'a/secret+that=is-never-written' }
const event = (step: number): TraceEvent => ({ step, type: 'step', title: 'x'.repeat(100), faults: [] })

let store: TestObjectStore
const before = { ...process.env }
beforeEach(async () => {
  store = await startObjectStore(key)
  Object.assign(process.env, {
    AWS_ACCESS_KEY_ID: key.id,
    AWS_SECRET_ACCESS_KEY: key.secret,
    AWS_ENDPOINT_URL: store.endpoint,
  })
})
afterEach(async () => {
  process.env = { ...before }
  await store.close()
})

/** All lines of all objects, in the order of their names; headers apart. */
function stored() {
  const parts = [...store.objects].sort(([left], [right]) => (left < right ? -1 : 1))
  const lines = parts.map(([, text]) =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as TraceEvent),
  )
  return {
    names: parts.map(([name]) => name),
    headers: lines.map(([header]) => header as unknown as { readonly part: number; readonly recording: string }),
    events: lines.flatMap(([, ...events]) => events),
    text: parts.map(([, text]) => text).join(''),
  }
}

const sinkFor = (
  place: string,
  options: { gatherBytes?: number; waitingBytesMax?: number; gatherMs?: number } = {},
) => {
  const faults: string[] = []
  const onFault = (message: string) => void faults.push(message)
  const sink = openObjectStoreSink(objectStoreOf(place, process.env), { ...options, onFault }, recordingHeader('proxy'))
  return { sink, faults }
}

describe('a sink in an object store', () => {
  it('stores signed objects that hold the events in order, each with a header', async () => {
    const { sink } = sinkFor('s3://traces/a b/run.jsonl', { gatherBytes: 300 })
    for (let step = 0; step < 5; step++) sink.write(event(step))
    await sink.close()
    const { names, headers, events } = stored()
    expect(store.complaints).toEqual([])
    expect(names).toEqual([1, 2].map((part) => `/traces/a b/run.00000${part}.jsonl`))
    expect(headers.map(({ part }) => part)).toEqual([1, 2])
    expect(new Set(headers.map(({ recording }) => recording)).size).toBe(1)
    expect(events.map(({ step }) => step)).toEqual([0, 1, 2, 3, 4])
    expect(sink.dropped()).toBe(0)
  })

  it('tries again while the store fails, drops what has no room meanwhile, and says so in the trace', async () => {
    store.failures.push(503, 0, 500)
    const { sink, faults } = sinkFor('s3://traces', { gatherBytes: 300, waitingBytesMax: 600, gatherMs: 5 })
    for (let step = 0; step < 20; step++) sink.write(event(step))
    expect(sink.dropped()).toBeGreaterThan(0)
    while (store.objects.size === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    sink.write(event(20))
    await sink.close()
    const { events } = stored()
    const kept = events.filter(({ type }) => type === 'step').length
    const gaps = events.flatMap((each) => (each.type === 'dropped' ? [each.events] : []))
    expect(gaps).toEqual([sink.dropped()])
    expect(kept + sink.dropped()).toBe(21)
    expect(faults).toEqual([expect.stringMatching(/^the object store answered 503 SlowDown; it is tried again/)])
  }, 120_000)

  it('gives up where trying again is of no use, names why, and counts all that came', async () => {
    process.env['AWS_SECRET_ACCESS_KEY'] = 'another'
    const { sink, faults } = sinkFor('s3://traces/run.jsonl', { gatherMs: 1 })
    sink.write(event(0))
    while (faults.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    sink.write(event(1))
    await sink.close()
    expect(faults).toEqual([
      'the trace cannot be written to s3://traces/run.jsonl: the object store answered 403 SignatureDoesNotMatch',
    ])
    expect(sink.dropped()).toBe(2)
    expect(store.objects.size).toBe(0)
  }, 120_000)

  it('ends although the store cannot be reached, and counts what it could not store', async () => {
    store.failures.push(...Array.from({ length: 50 }, () => 0))
    const { sink, faults } = sinkFor('s3://traces/run.jsonl')
    for (let step = 0; step < 3; step++) sink.write(event(step))
    await sink.close()
    expect(sink.dropped()).toBe(3)
    expect(faults.at(-1)).toMatch(
      /^the trace cannot be written to s3:\/\/traces\/run.jsonl: the object store cannot be/,
    )
  }, 120_000)

  it('refuses places and environments that cannot do, without telling credentials', () => {
    expect(() => objectStoreOf('s3://abc', {})).toThrow('set AWS_ACCESS_KEY_ID')
    expect(() => objectStoreOf('s3://UPPER/x', process.env)).toThrow('no place in an object store')
    expect(() => objectStoreOf('s3://bucket/../other/x', process.env)).toThrow('which servers resolve')
    const environment = { ...process.env, AWS_ENDPOINT_URL: 'http://user:hidden@host' }
    expect(() => objectStoreOf('s3://bucket', environment)).toThrow(/^(?!.*hidden).*no plain http/)
  })
})

describe('recorders with an object store', () => {
  let place: Place
  beforeEach(async () => {
    place = await startPlace()
  })
  afterEach(() => place.close())

  it('store what the proxy and the wrapper see, and no credential', async () => {
    const recorder = await record({ upstream: place.kubeconfig, clients: ['x'], out: 's3://traces/proxy/' })
    const config = configOf(recorder.kubeconfigs.get('x') as string)
    const instrumented = instrument(config, { out: 's3://traces/wrapper.jsonl', process: 'y' })
    await config.makeApiClient(CoreV1Api).createNamespacedConfigMap({
      namespace: 'default',
      body: { metadata: { name: 'map' } },
    })
    await instrumented.close()
    await recorder.close()
    const { names, events, text } = stored()
    expect(names).toEqual([
      expect.stringMatching(/^\/traces\/proxy\/[0-9a-f-]{36}\.000001\.jsonl$/),
      '/traces/wrapper.000001.jsonl',
    ])
    const created = events.flatMap((each) => (each.type === 'call' && each.verb === 'create' ? [each.process] : []))
    expect(created).toEqual(['x', 'y'])
    expect(store.complaints).toEqual([])
    for (const secret of [key.secret, key.id, 'upstream-token-0123']) expect(text).not.toContain(secret)
    expect(readFileSync(place.kubeconfig, 'utf8')).toContain('upstream-token-0123')
  }, 120_000)
})
