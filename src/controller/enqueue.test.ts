import { describe, expect, it } from 'vitest'
import type { KubernetesObject, OwnerReference } from '#api/object.ts'
import type { ControllerDefinition } from '#controller/controller.ts'
import { type EnqueueOptions, requestsOfEvent, startRequests, watchedTypes } from './enqueue.ts'

const options: EnqueueOptions = {
  readers: { cached: {} as never, live: {} as never },
  isNamespaced: (type) => type.kind !== 'Cluster',
}

function pod(name: string, owners: readonly Partial<OwnerReference>[] = []): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      namespace: 'team',
      name,
      ownerReferences: owners.map((owner) => ({
        apiVersion: 'example.com/v1',
        kind: 'Web',
        name: 'w',
        uid: 'u',
        ...owner,
      })),
    },
  }
}

function controller(parts: Partial<ControllerDefinition>): ControllerDefinition {
  return { name: 'test', reconciler: () => ({ async reconcile() {} }), ...parts }
}

const forWeb = { apiVersion: 'example.com/v1', kind: 'Web' }
const pods = { apiVersion: 'v1', kind: 'Pod' }

describe('requestsOfEvent', () => {
  it('enqueues the key of an object of the primary kind', () => {
    const enqueued = requestsOfEvent(controller({ for: pods }), { type: 'ADDED', object: pod('a') }, options)
    expect(enqueued).toEqual([{ namespace: 'team', name: 'a' }])
  })

  it('enqueues the controlling owner only, of any version of the primary kind', () => {
    const owned = controller({ for: forWeb, owns: [pods] })
    const object = pod('a', [
      { name: 'plain' },
      { name: 'controlling', controller: true, apiVersion: 'example.com/v2' },
    ])
    expect(requestsOfEvent(owned, { type: 'ADDED', object }, options)).toEqual([
      { namespace: 'team', name: 'controlling' },
    ])
  })

  it('does not take an owner of another group for the primary kind', () => {
    const object = pod('a', [{ controller: true, apiVersion: 'other.org/v1' }])
    expect(requestsOfEvent(controller({ for: forWeb, owns: [pods] }), { type: 'ADDED', object }, options)).toEqual([])
  })

  it('enqueues every owner with matchEveryOwner', () => {
    const object = pod('a', [{ name: 'one' }, { name: 'two', controller: true }])
    const owned = controller({ for: forWeb, owns: [{ ...pods, matchEveryOwner: true }] })
    expect(requestsOfEvent(owned, { type: 'ADDED', object }, options)).toEqual([
      { namespace: 'team', name: 'one' },
      { namespace: 'team', name: 'two' },
    ])
  })

  it('leaves out the namespace of a cluster-scoped owner', () => {
    const object = pod('a', [{ kind: 'Cluster', controller: true }])
    const owned = controller({ for: { apiVersion: 'example.com/v1', kind: 'Cluster' }, owns: [pods] })
    expect(requestsOfEvent(owned, { type: 'ADDED', object }, options)).toEqual([{ name: 'w' }])
  })

  it('wakes the old and the new owner of an object that changes hands', () => {
    const old = pod('a', [{ name: 'before', controller: true }])
    const object = pod('a', [{ name: 'after', controller: true }])
    expect(
      requestsOfEvent(controller({ for: forWeb, owns: [pods] }), { type: 'MODIFIED', object, old }, options),
    ).toEqual([
      { namespace: 'team', name: 'before' },
      { namespace: 'team', name: 'after' },
    ])
  })

  it('asks a predicate once an event, with old and new object', () => {
    const asked: unknown[] = []
    const predicate = (event: unknown) => asked.push(event) > 5
    const event = { type: 'MODIFIED', object: pod('a'), old: pod('a') } as const
    expect(requestsOfEvent(controller({ for: { ...pods, predicate } }), event, options)).toEqual([])
    expect(asked).toEqual([event])
  })

  it('maps old and new object through a mapping function, and enqueues each request once', () => {
    const requests = (object: KubernetesObject) => [
      { namespace: '', name: object.metadata.labels?.['web'] ?? 'none' },
      { name: 'all' },
    ]
    const old = { ...pod('a'), metadata: { name: 'a', labels: { web: 'one' } } }
    const object = { ...pod('a'), metadata: { name: 'a', labels: { web: 'two' } } }
    const mapping = controller({ watches: [{ ...pods, requests }] })
    expect(requestsOfEvent(mapping, { type: 'MODIFIED', object, old }, options)).toEqual([
      { name: 'one' },
      { name: 'all' },
      { name: 'two' },
    ])
  })

  it('returns a promise only for a mapping function that does', async () => {
    const mapping = controller({ for: pods, watches: [{ ...pods, requests: async () => [{ name: 'later' }] }] })
    const enqueued = requestsOfEvent(mapping, { type: 'ADDED', object: pod('a') }, options)
    expect(enqueued).toBeInstanceOf(Promise)
    expect(await enqueued).toEqual([{ namespace: 'team', name: 'a' }, { name: 'later' }])
  })

  it('watches every kind with stars', () => {
    const mapping = controller({
      watches: [{ apiVersion: '*', kind: '*', requests: (object) => [{ name: object.kind }] }],
    })
    expect(requestsOfEvent(mapping, { type: 'DELETED', object: pod('a') }, options)).toEqual([{ name: 'Pod' }])
  })

  it('names the mapping function that returns nonsense', () => {
    const nothing = controller({ watches: [{ ...pods, requests: () => undefined as never }] })
    expect(() => requestsOfEvent(nothing, { type: 'ADDED', object: pod('a') }, options)).toThrow(
      /test: the mapping function for Pod a returned undefined/,
    )
    const nameless = controller({ watches: [{ ...pods, requests: () => [{ name: undefined as never }] }] })
    expect(() => requestsOfEvent(nameless, { type: 'ADDED', object: pod('a') }, options)).toThrow(/without a name/)
  })
})

describe('startRequests', () => {
  it('is the union of what every listed object enqueues', () => {
    const owned = controller({ for: forWeb, owns: [pods] })
    const objects = [
      pod('a', [{ controller: true }]),
      pod('b', [{ controller: true }]),
      { ...forWeb, metadata: { namespace: 'team', name: 'x' } },
    ]
    expect(startRequests(owned, objects, options)).toEqual([
      { namespace: 'team', name: 'w' },
      { namespace: 'team', name: 'x' },
    ])
  })
})

describe('watchedTypes', () => {
  it('names each type once', () => {
    const watching = controller({ for: forWeb, owns: [pods], watches: [{ ...pods, requests: () => [] }] })
    expect(watchedTypes(watching)).toEqual([forWeb, pods])
  })
})
