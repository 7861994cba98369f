/** A recording of a real program, replayed against its code: the same, or where it differs. */
import { readFileSync } from 'node:fs'
import { CoreV1Api } from '@kubernetes/client-node'
import { defineController, defineScenario } from 'kamera'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { instrument } from '#instrument.ts'
import { record } from '#record.ts'
import { replayTrace } from '#replay-trace.ts'
import { configOf, type Place, readTrace, startPlace } from '../record/recorded.ts'

const type = { apiVersion: 'v1', kind: 'ConfigMap' }

/** The same reconcile for the cluster and for the replay. */
async function reconcile(api: CoreV1Api, name: string, suffix = '-copy'): Promise<void> {
  const original = await api.readNamespacedConfigMap({ namespace: 'default', name })
  const body = { metadata: { name: name + suffix }, ...(original.data === undefined ? {} : { data: original.data }) }
  await api.createNamespacedConfigMap({ namespace: 'default', body })
}

const scenarioWith = (suffix: string) =>
  defineScenario({
    name: 'copier',
    controllers: [
      defineController({
        name: 'copier',
        for: type,
        reconciler: ({ kubeConfig }) => ({
          reconcile: ({ name }) =>
            reconcile((kubeConfig as ReturnType<typeof configOf>).makeApiClient(CoreV1Api), name, suffix),
        }),
      }),
    ],
  })

describe('replay of a recording', () => {
  let place: Place
  beforeEach(async () => {
    place = await startPlace()
  })
  afterEach(() => place.close())

  it('says of the wrapper’s and of the proxy’s that the same code does the same, and where other code differs', async () => {
    const [byWrapper, byProxy] = [place.file('wrapper.jsonl'), place.file('proxy.jsonl')]
    const recorder = await record({ upstream: place.kubeconfig, out: byProxy, clients: ['copier'] })
    const config = configOf(recorder.kubeconfigs.get('copier') as string)
    const recorded = instrument(config, { out: byWrapper, process: 'copier' })
    const user = configOf(readFileSync(place.kubeconfig, 'utf8')).makeApiClient(CoreV1Api)
    const api = config.makeApiClient(CoreV1Api)
    for (const name of ['a', 'b']) {
      await user.createNamespacedConfigMap({ namespace: 'default', body: { metadata: { name }, data: { x: name } } })
      await recorded.reconcile('copier', { namespace: 'default', name }, () => reconcile(api, name))
    }
    await recorded.close()
    await recorder.close()
    for (const file of [byWrapper, byProxy]) {
      const trace = readTrace(file)
      const same = await replayTrace(scenarioWith('-copy'), trace)
      expect(same).toMatchObject({
        identical: true,
        whole: true,
        cluster: { writes: 2, writesRepeated: 2 },
        reconciles: [{ status: 'same' }, { status: 'same' }],
      })
      const other = await replayTrace(scenarioWith('-clone'), trace)
      expect(other).toMatchObject({ identical: false, reconciles: [{ status: 'different' }, { status: 'different' }] })
      expect(other.reconciles.map(({ inferred }) => inferred === true)).toEqual(Array(2).fill(file === byProxy))
      expect(other.reconciles[0]?.difference).toContain('metadata.name was "a-copy" then, and is "a-clone" now')
    }
  }, 120_000)

  it('repeats the cluster as a whole, and names the step of any answer that was altered', async () => {
    const file = place.file('whole.jsonl')
    const config = configOf(readFileSync(place.kubeconfig, 'utf8'))
    const recorded = instrument(config, { out: file, process: 'counter' })
    const api = config.makeApiClient(CoreV1Api)
    const metadata = { name: 'count' }
    const user = configOf(readFileSync(place.kubeconfig, 'utf8')).makeApiClient(CoreV1Api)
    await user.createNamespacedConfigMap({ namespace: 'default', body: { metadata, data: { n: '0' } } })
    for (let i = 0; i < 3; i++)
      await recorded.reconcile('counter', { namespace: 'default', name: 'count' }, () => count(api))
    await api.listNamespacedConfigMap({ namespace: 'default' })
    await recorded.close()
    const trace = readTrace(file)
    const scenario = counting()
    const same = await replayTrace(scenario, trace)
    expect(same).toMatchObject({ identical: true, whole: true, cluster: { writes: 3, writesRepeated: 3 } })

    const gap = trace.events.findIndex(({ type: each }) => each === 'call')
    const dropped = { type: 'dropped' as const, step: trace.events[gap]?.step ?? 0, events: 1, reason: 'no room' }
    const withGap = await replayTrace(scenario, { ...trace, events: trace.events.with(gap, dropped) })
    expect(withGap).toMatchObject({ identical: true, whole: false, reconcilesWithGaps: 1 })
    expect(withGap.reconciles.length).toBe(2)

    const calls = trace.events.filter((event): event is Call => event.type === 'call')
    expect(calls.map(({ verb }) => verb)).toEqual([...['get', 'update', 'get', 'update', 'get', 'update'], 'list'])
    for (const call of calls) {
      const index = trace.events.indexOf(call)
      const changed = await replayTrace(scenario, { ...trace, events: trace.events.with(index, withOtherData(call)) })
      expect(changed.identical, `${call.verb} at step ${call.step}`).toBe(false)
      const named = [changed.divergedAt, ...changed.reconciles.map(({ differsAt }) => differsAt)]
      // Two answers that contradict each other: the later one is named where nothing tells which is the altered one.
      const partner = calls.find(({ step }) => step > call.step)?.step
      expect(
        named.some((step) => step === call.step || step === partner),
        `${named} for ${call.step}`,
      ).toBe(true)
    }
  }, 120_000)
})

type Call = Extract<ReturnType<typeof readTrace>['events'][number], { readonly type: 'call' }>

async function count(api: CoreV1Api): Promise<void> {
  const object = await api.readNamespacedConfigMap({ namespace: 'default', name: 'count' })
  const body = { ...object, data: { n: String(Number(object.data?.['n']) + 1) } }
  await api.replaceNamespacedConfigMap({ namespace: 'default', name: 'count', body })
}

const counting = () =>
  defineScenario({
    name: 'counter',
    controllers: [
      defineController({
        name: 'counter',
        for: type,
        reconciler: ({ kubeConfig }) => ({
          reconcile: () => count((kubeConfig as ReturnType<typeof configOf>).makeApiClient(CoreV1Api)),
        }),
      }),
    ],
  })

/** The same answer with other data in its object. */
function withOtherData(call: Call): Call {
  const { response } = call
  const other = (object: object) => ({ ...object, data: { n: '7' } }) as never
  if ('items' in response) return { ...call, response: { items: response.items.map(other) } }
  if (!('object' in response) || response.object === null) throw new Error('no object to alter')
  return { ...call, response: { object: other(response.object) } }
}
