/** The whole of a recording: patches, removals and refusals are decided again, where it proves what they met. */
import { readFileSync } from 'node:fs'
import { CoreV1Api, Watch } from '@kubernetes/client-node'
import { defineController, defineScenario } from 'kamera'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { instrument } from '#instrument.ts'
import { replayTrace } from '#replay-trace.ts'
import type { TraceEvent } from '#trace/trace-event.ts'
import { configOf, type Place, readTrace, startPlace } from '../record/recorded.ts'

type Config = ReturnType<typeof configOf>
type Call = Extract<TraceEvent, { readonly type: 'call' }>
const type = { apiVersion: 'v1', kind: 'ConfigMap' }
const namespace = 'default'
const name = 'map'

/** Everything that the recording shall have, one after the other. What is refused is passed over. */
async function keep(config: Config): Promise<void> {
  const api = config.makeApiClient(CoreV1Api)
  const refused = () => undefined
  const body = { metadata: { name, finalizers: ['example.com/x'] }, data: { n: '0' } }
  const first = await api.createNamespacedConfigMap({ namespace, body })
  await api.createNamespacedConfigMap({ namespace, body }).catch(refused)
  await api.patchNamespacedConfigMap({ namespace, name, body: [{ op: 'replace', path: '/data/n', value: '1' }] })
  await api.replaceNamespacedConfigMap({ namespace, name, body: { ...first, data: { n: '2' } } }).catch(refused)
  await api.readNamespacedConfigMap({ namespace, name })
  await api.deleteNamespacedConfigMap({ namespace, name })
  const marked = await api.readNamespacedConfigMap({ namespace, name })
  const metadata = { ...marked.metadata, finalizers: [] }
  await api.replaceNamespacedConfigMap({ namespace, name, body: { ...marked, metadata } })
  await api.readNamespacedConfigMap({ namespace, name }).catch(refused)
  await api.createNamespacedConfigMap({ namespace, body: { metadata: { name: 'other' } } })
  await api.deleteNamespacedConfigMap({ namespace, name: 'other' })
}

const scenario = defineScenario({
  name: 'keeper',
  controllers: [
    defineController({
      name: 'keeper',
      for: type,
      reconciler: ({ kubeConfig }) => ({ reconcile: () => keep(kubeConfig as Config) }),
    }),
  ],
})

/** What a watch tells until the last removal is in the trace. */
async function recordKeeper(place: Place, parameters: Record<string, string>, out: string) {
  const config = configOf(readFileSync(place.kubeconfig, 'utf8'))
  const recorded = instrument(config, { out, process: 'keeper' })
  let all = (): void => {}
  const told = new Promise<void>((resolve) => {
    all = resolve
  })
  const isLast = (phase: string, object: { readonly metadata: { readonly name: string } }): boolean =>
    phase === 'DELETED' && object.metadata.name === 'other'
  const watch = await new Watch(config).watch(
    '/api/v1/namespaces/default/configmaps',
    parameters,
    (phase, object) => {
      if (isLast(phase, object)) all()
    },
    () => {},
  )
  await recorded.reconcile('keeper', { namespace, name }, () => keep(config))
  await told
  watch.abort()
  await recorded.close()
  return readTrace(out)
}

describe('a recording as a whole', () => {
  let place: Place
  let trace: ReturnType<typeof readTrace>
  beforeAll(async () => {
    place = await startPlace()
    trace = await recordKeeper(place, {}, place.file('trace.jsonl'))
  }, 120_000)
  afterAll(() => place.close())

  const calls = (verb: Call['verb']) =>
    trace.events.filter((event): event is Call => event.type === 'call' && event.verb === verb)
  const replayed = async (alter: (event: TraceEvent) => TraceEvent) =>
    replayTrace(scenario, { ...trace, events: trace.events.map(alter) })
  /** Only what the recording as a whole tells: an altered answer makes the reconcile differ, too. */
  const cluster = async (alter: (event: TraceEvent) => TraceEvent) => {
    const { cluster: counts, divergedAt, message } = await replayed(alter)
    return { ...counts, ...(divergedAt === undefined ? {} : { divergedAt, message }) }
  }

  it('is decided again but for what is certain nowhere', async () => {
    const whole = await replayed((event) => event)
    expect(whole).toMatchObject({
      identical: true,
      cluster: { writes: 6, writesRepeated: 6, refusals: 3, refusalsRepeated: 3 },
    })
  })

  it('differs where a patch without a version, and all that was told of it, was altered', async () => {
    const [patch] = calls('patch')
    const version = patch?.committed?.[0]?.resourceVersion
    const altered = await cluster((event) => {
      const other = <T extends object>(object: T): T => ({ ...object, data: { n: '7' } })
      const is = (object: { readonly metadata: { readonly resourceVersion?: string } } | null | undefined) =>
        object?.metadata.resourceVersion === version
      if (event.type === 'delivery' && is(event.value) && event.value) return { ...event, value: other(event.value) }
      if (event.type === 'call' && 'object' in event.response && event.response.object && is(event.response.object))
        return { ...event, response: { object: other(event.response.object) } }
      return event
    })
    expect(altered).toMatchObject({
      divergedAt: patch?.step,
      message: expect.stringContaining('data.n was "7" then, and is "1" now'),
    })
  })

  it('differs where what was removed would have stayed', async () => {
    const [, removal] = calls('delete')
    const altered = await cluster((event) => {
      const held = <T extends { readonly metadata: object }>(object: T): T => ({
        ...object,
        metadata: { ...object.metadata, finalizers: ['example.com/x'] },
      })
      if (event.type === 'delivery' && event.event === 'ADDED' && event.value?.metadata.name === 'other')
        return { ...event, value: held(event.value) }
      if (event.type !== 'call' || event.verb !== 'create' || event.name !== 'other') return event
      const { response, request } = event
      if (!('object' in response) || response.object === null) throw new Error('it was created')
      const body = held(request.body as unknown as { readonly metadata: object })
      return { ...event, request: { ...request, body: body as never }, response: { object: held(response.object) } }
    })
    expect(altered).toMatchObject({
      divergedAt: removal?.step,
      message: expect.stringContaining('removed it then, and does not now'),
    })
  })

  it('differs where a conflict was none', async () => {
    const conflict = calls('update').find(({ response }) => 'status' in response)
    const current = calls('patch')[0]?.committed?.[0]?.resourceVersion
    const altered = await cluster((event) => {
      if (event !== conflict) return event
      const body = event.request.body as unknown as { readonly metadata: object }
      const metadata = { ...body.metadata, resourceVersion: current }
      return { ...event, request: { ...event.request, body: { ...body, metadata } as never } }
    })
    expect(altered).toMatchObject({
      divergedAt: conflict?.step,
      message: expect.stringContaining('was refused then (Conflict), and is not now'),
    })
  })

  it('differs where an object was not found that was there all the while', async () => {
    const [there] = calls('get')
    const gone = calls('get').find(({ response }) => 'status' in response)
    if (gone === undefined) throw new Error('the last read finds nothing')
    const altered = await cluster((event) => (event === there ? { ...event, response: gone.response } : event))
    expect(altered).toMatchObject({
      divergedAt: there?.step,
      message: expect.stringContaining('was refused then (NotFound), and is not now'),
    })
  })

  it('is judged less, and no worse, without a watch that proves what came between', async () => {
    const withoutWatch = { ...trace, events: trace.events.filter(({ type: each }) => each !== 'delivery') }
    const { identical, cluster: counts } = await replayTrace(scenario, withoutWatch)
    expect(identical).toBe(true)
    expect(counts).toMatchObject({ writes: 6, refusals: 3 })
    expect(counts?.writesRepeated).toBeLessThan(6)
  })
})
