/** `instrument`: one line in a program of client-node, and its trace tells what the proxy's tells, and more. */

import { readFileSync } from 'node:fs'
import { CoreV1Api } from '@kubernetes/client-node'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { instrument } from '#instrument.ts'
import { record } from '#record.ts'
import { causalGraph, configOf, type Place, readTrace, runCopier, startPlace, useCopier } from './recorded.ts'

describe('an instrumented KubeConfig', () => {
  let place: Place
  beforeEach(async () => {
    place = await startPlace()
  })
  afterEach(() => place.close())

  it('gives the causal graph that the proxy gives of the same run', async () => {
    const user = configOf(readFileSync(place.kubeconfig, 'utf8'))
    const [byWrapper, byProxy] = [place.file('wrapper.jsonl'), place.file('proxy.jsonl')]
    const recorder = await record({ upstream: place.kubeconfig, out: byProxy, clients: ['copier'] })
    const config = configOf(recorder.kubeconfigs.get('copier') as string)
    const recorded = instrument(config, { out: byWrapper, process: 'copier' })
    const running = runCopier(config, 3, (name, run) =>
      recorded.reconcile('copier', { namespace: 'default', name }, run),
    )
    await useCopier(user, 3)
    await running
    await recorded.close()
    await recorder.close()
    const wrapped = readTrace(byWrapper)
    const graph = causalGraph(wrapped.events, 'copier')
    expect(wrapped.header).toMatchObject({ source: 'live', recorder: 'client-node' })
    expect(graph.length).toBe(6)
    expect(graph).toEqual(causalGraph(readTrace(byProxy).events, 'copier'))
    const begun = wrapped.events.filter(({ type }) => type === 'reconcile-begin')
    expect(begun.filter((event) => 'inferred' in event)).toEqual([])
    const calls = wrapped.events.filter((event) => event.type === 'call' && event.by.startsWith('copier default/map-'))
    expect(calls.length).toBe(15)
  }, 120_000)

  it('infers reconciles where none are marked', async () => {
    const config = configOf(readFileSync(place.kubeconfig, 'utf8'))
    const recorded = instrument(config, { out: place.file('trace.jsonl'), process: 'copier' })
    const running = runCopier(config, 1)
    await useCopier(configOf(readFileSync(place.kubeconfig, 'utf8')), 1)
    await running
    await recorded.close()
    const { events } = readTrace(place.file('trace.jsonl'))
    expect(causalGraph(events, 'copier')).toEqual([
      'ADDED ConfigMap default/map-0 → default/map-0 → create ConfigMap default/map-0-copy',
      'ADDED ConfigMap default/map-0-copy, MODIFIED ConfigMap default/map-0 → default/map-0 → update ConfigMap default/map-0-copy',
    ])
    expect(events.find(({ type }) => type === 'reconcile-begin')).toMatchObject({ inferred: true })
  }, 120_000)

  it('records what a reconcile returned or threw, and passes it on', async () => {
    const config = configOf(readFileSync(place.kubeconfig, 'utf8'))
    const recorded = instrument(config, { out: place.file('trace.jsonl'), process: 'program' })
    const api = config.makeApiClient(CoreV1Api)
    const request = { namespace: 'default', name: 'x' }
    expect(await recorded.reconcile('c', request, async () => ({ requeueAfterMs: 500 }))).toEqual({
      requeueAfterMs: 500,
    })
    const failing = recorded.reconcile('c', request, () => api.readNamespacedPod(request))
    await expect(failing).rejects.toThrow()
    await recorded.close()
    const { events } = readTrace(place.file('trace.jsonl'))
    expect(events).toMatchObject([
      { type: 'reconcile-begin', reconcile: 'c default/x #1' },
      { type: 'reconcile-end', result: { type: 'requeueAfter', afterMs: 500 } },
      { type: 'reconcile-begin', reconcile: 'c default/x #2', causes: [{ type: 'timer' }] },
      { type: 'call', by: 'c default/x #2', verb: 'get', response: { status: { reason: 'NotFound' } } },
      { type: 'reconcile-end', result: { type: 'error' } },
      { type: 'end' },
    ])
  }, 120_000)
})
