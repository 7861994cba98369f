/** Removals in a recording: the write that takes the last finalizer away removes, and events tell whose removal it was. */
import { readFileSync } from 'node:fs'
import { CoreV1Api, Watch } from '@kubernetes/client-node'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { instrument } from '#instrument.ts'
import type { TraceEvent } from '#trace/trace-event.ts'
import { configOf, type Place, readTrace, startPlace } from './recorded.ts'

let place: Place
beforeEach(async () => {
  place = await startPlace()
})
afterEach(() => place.close())

const namespace = 'default'
const name = 'map'

/** Watches ConfigMaps, and says when so many were told to be gone. */
async function watchRemovals(config: ReturnType<typeof configOf>) {
  let removals = 0
  let told = (): void => {}
  const watch = await new Watch(config).watch(
    '/api/v1/namespaces/default/configmaps',
    {},
    (phase) => {
      if (phase === 'DELETED') removals++
      told()
    },
    () => {},
  )
  const saw = async (count: number): Promise<void> => {
    while (removals < count)
      await new Promise<void>((resolve) => {
        told = resolve
      })
  }
  return { saw, stop: () => watch.abort() }
}

it('is the doing of who deleted, or took the last finalizer away, and causes say so', async () => {
  const config = configOf(readFileSync(place.kubeconfig, 'utf8'))
  const out = place.file('trace.jsonl')
  const recorded = instrument(config, { out, process: 'program' })
  const api = config.makeApiClient(CoreV1Api)
  const { saw, stop } = await watchRemovals(config)
  await api.createNamespacedConfigMap({ namespace, body: { metadata: { name, finalizers: ['example.com/x'] } } })
  await api.deleteNamespacedConfigMap({ namespace, name })
  const marked = await api.readNamespacedConfigMap({ namespace, name })
  await api.replaceNamespacedConfigMap({
    namespace,
    name,
    body: { ...marked, metadata: { ...marked.metadata, finalizers: [] } },
  })
  await saw(1)
  await recorded.reconcile('first', { namespace, name }, async () => {})
  await api.createNamespacedConfigMap({ namespace, body: { metadata: { name } } })
  await api.deleteNamespacedConfigMap({ namespace, name })
  await saw(2)
  await recorded.reconcile('second', { namespace, name }, async () => {})
  // By somebody who is not recorded.
  const other = configOf(readFileSync(place.kubeconfig, 'utf8')).makeApiClient(CoreV1Api)
  await other.createNamespacedConfigMap({ namespace, body: { metadata: { name } } })
  await other.deleteNamespacedConfigMap({ namespace, name })
  await saw(3)
  await recorded.reconcile('third', { namespace, name }, async () => {})
  stop()
  await recorded.close()

  const { events } = readTrace(out)
  const writes = events.filter(
    (event): event is TraceEvent & { readonly type: 'call' } => event.type === 'call' && event.verb !== 'get',
  )
  expect(writes.map(({ verb, committed }) => [verb, committed?.map(({ removed }) => removed)])).toEqual([
    ['create', [false]],
    ['delete', [false]],
    ['update', [true]],
    ['create', [false]],
    ['delete', [true]],
  ])
  const begun = events.flatMap((event) => (event.type === 'reconcile-begin' && event.inferred !== true ? [event] : []))
  const removalOf = (index: number) => begun[index]?.causes.find(({ event }) => event === 'DELETED')?.step
  expect([0, 1, 2].map(removalOf)).toEqual([writes[2]?.step, writes[4]?.step, -1])
}, 120_000)

it('of a namespace is not told as long as it has finalizers of its own', async () => {
  const config = configOf(readFileSync(place.kubeconfig, 'utf8'))
  const out = place.file('trace.jsonl')
  const recorded = instrument(config, { out, process: 'program' })
  const api = config.makeApiClient(CoreV1Api)
  await api.createNamespace({ body: { metadata: { name } } })
  await api.deleteNamespace({ name })
  await recorded.close()
  const committed = readTrace(out).events.flatMap((event) => (event.type === 'call' ? (event.committed ?? []) : []))
  expect(committed).toMatchObject([
    { object: 'Namespace map', removed: false },
    { object: 'Namespace map', removed: false },
  ])
}, 120_000)
