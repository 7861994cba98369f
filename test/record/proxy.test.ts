/** `record` before a server: what a real program does is in the trace, and nothing that must not be. */
import { readFileSync } from 'node:fs'
import { CoreV1Api } from '@kubernetes/client-node'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { record } from '#record.ts'
import { causalGraph, configOf, type Place, readTrace, runCopier, startPlace, useCopier } from './recorded.ts'

describe('a recording proxy', () => {
  let place: Place
  beforeEach(async () => {
    place = await startPlace()
  })
  afterEach(() => place.close())

  it('tells programs apart, finds their reconciles and what caused them', async () => {
    const out = place.file('trace.jsonl')
    const recorder = await record({ upstream: place.kubeconfig, out, clients: ['copier'] })
    const running = runCopier(configOf(recorder.kubeconfigs.get('copier') as string), 2)
    await useCopier(configOf(recorder.kubeconfig), 2)
    await running
    await recorder.close()
    const { header, events } = readTrace(out)
    expect(header).toMatchObject({ source: 'live', recorder: 'proxy', part: 1 })
    expect(causalGraph(events, 'copier')).toEqual([
      'ADDED ConfigMap default/map-0 → default/map-0 → create ConfigMap default/map-0-copy',
      'ADDED ConfigMap default/map-0-copy, MODIFIED ConfigMap default/map-0 → default/map-0 → update ConfigMap default/map-0-copy',
      'ADDED ConfigMap default/map-1 → default/map-1 → create ConfigMap default/map-1-copy',
      'ADDED ConfigMap default/map-1-copy, MODIFIED ConfigMap default/map-1 → default/map-1 → update ConfigMap default/map-1-copy',
    ])
    expect(events.filter(({ type }) => type === 'dropped')).toEqual([])
    expect(events.map(({ step }) => step)).toEqual(events.map((_, index) => index))
    expect(events.at(-1)).toMatchObject({ type: 'end' })
    expect(recorder.dropped()).toBe(0)
  }, 120_000)

  it('writes neither tokens nor the data of Secrets', async () => {
    const out = place.file('trace.jsonl')
    const recorder = await record({ upstream: place.kubeconfig, out })
    const api = configOf(recorder.kubeconfig).makeApiClient(CoreV1Api)
    const data = { password: Buffer.from('hunter2').toString('base64') }
    await api.createNamespacedSecret({ namespace: 'default', body: { metadata: { name: 'door' }, data } })
    await api.patchNamespacedSecret({
      namespace: 'default',
      name: 'door',
      body: [{ op: 'replace', path: '/data/password', value: 'aHVudGVyMw==' }],
    })
    await api.listNamespacedSecret({ namespace: 'default' })
    await recorder.close()
    const text = readFileSync(out, 'utf8')
    expect(text).not.toMatch(/hunter2|aHVudGVyMg|aHVudGVyMw|upstream-token-0123|Bearer/)
    const calls = readTrace(out).events.filter(({ type }) => type === 'call')
    expect(calls).toMatchObject([
      { verb: 'create', response: { object: { data: { password: '(redacted 1)' } } } },
      { verb: 'patch', request: { body: '(redacted)' }, response: { object: { data: { password: '(redacted 2)' } } } },
      { verb: 'list', response: { items: [{ kind: 'Secret', data: { password: '(redacted 2)' } }] } },
    ])
  }, 120_000)

  it('marks what a watch of metadata alone says', async () => {
    const out = place.file('trace.jsonl')
    const recorder = await record({ upstream: place.kubeconfig, out, tls: false })
    const accept = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1'
    const headers = { authorization: 'Bearer upstream-token-0123', accept }
    const query = 'watch=true&resourceVersion=0&timeoutSeconds=1'
    await (await fetch(`${recorder.url}/api/v1/namespaces?${query}`, { headers })).text()
    await recorder.close()
    const deliveries = readTrace(out).events.filter(({ type }) => type === 'delivery')
    expect(deliveries.length).toBeGreaterThan(0)
    for (const delivery of deliveries) expect(delivery).toMatchObject({ partial: true, value: { kind: 'Namespace' } })
  }, 120_000)

  it('passes the credentials of others on as they are', async () => {
    const recorder = await record({ upstream: place.kubeconfig, out: place.file('trace.jsonl'), tls: false })
    const ask = (token: string) =>
      fetch(`${recorder.url}/api/v1/namespaces`, { headers: { authorization: `Bearer ${token}` } })
    expect((await ask('upstream-token-0123')).status).toBe(200)
    expect((await ask('wrong')).status).toBe(401)
    expect((await fetch(`${recorder.url}/api/v1/namespaces`)).status).toBe(401)
    await recorder.close()
  }, 120_000)
})
