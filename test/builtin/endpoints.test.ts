/** The controllers of Endpoints and EndpointSlices, each by itself, in every order and with one fault. */
import { describe, expect, test } from 'vitest'
import { builtin } from '#builtin-controllers/builtin.ts'
import { patch, remove } from '#cluster/scenario.ts'
import { explored, holds, object, strayPod } from './objects.ts'

const service = object('v1', 'Service', 'web', { spec: { selector: { app: 'web' }, ports: [{ port: 80 }] } })
const target = { apiVersion: 'v1', kind: 'Service', namespace: 'default', name: 'web' }
const pod = { apiVersion: 'v1', kind: 'Pod', namespace: 'default', name: 'a' }
const objects = [service, unbound('a'), unbound('b')]

function unbound(name: string): ReturnType<typeof object> {
  const { metadata } = strayPod(name)
  return { ...object('v1', 'Pod', name), metadata, spec: { containers: [{ name: 'main', image: 'web' }] } }
}

describe.each([
  ['endpoints', builtin.endpoints],
  ['endpointslice', builtin.endpointslice],
])('%s', (_name, controller) => {
  const controllers = [controller(), builtin.podLifecycle({ addresses: true })]

  test.each([0, 1])('lists pods as they become ready, with %i faults', async (faults) => {
    expect(await explored({ objects, controllers }, faults)).toEqual(holds)
  })

  test.each([0, 1])('lists pods no more that go, or match no more, with %i faults', async (faults) => {
    const relabel = patch({ ...pod, name: 'b' }, { metadata: { labels: { app: 'other' } } })
    const actions = [remove(pod), relabel]
    expect(await explored({ objects, settled: true, controllers, actions }, faults)).toEqual(holds)
  })

  // Crashes only: while the cache does not show that the Service is gone, slices that the garbage collector deletes
  // are made anew, without end, as upstream.
  test.each([0, 1])('goes with its Service, with %i crashes', async (crashes) => {
    const scenario = { objects, settled: true, controllers, actions: [remove(target)] }
    expect(await explored(scenario, crashes, { stale: 0, relist: 0 })).toEqual(holds)
  })
})
