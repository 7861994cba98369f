import { describe, expect, it } from 'vitest'
import { deepFreeze } from '#api/clone.ts'
import { createScheme } from '#api/scheme.ts'
import { type Handled, handle } from './apiserver.ts'
import type { ApiRequest } from './request.ts'
import { type ApiState, initialState } from './state.ts'

const table = createScheme()
const pods = table.byKind('v1', 'Pod')!
const deployments = table.byKind('apps/v1', 'Deployment')!

const pod = (name: string, changes: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, labels: { app: 'x' } },
  spec: { containers: [{ name: 'main', image: 'img:1' }], nodeName: 'n1' },
  status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
  ...changes,
})
const budget = (disruptionsAllowed: number): object => ({
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name: 'b' },
  spec: { minAvailable: 1, selector: { matchLabels: { app: 'x' } } },
  status: { disruptionsAllowed, currentHealthy: 1, desiredHealthy: 1, expectedPods: 1, observedGeneration: 1 },
})
const ask = (state: ApiState, request: ApiRequest): Handled => handle(table, state, deepFreeze(request))
const evict = (state: ApiState, name: string): Handled =>
  ask(state, {
    verb: 'create',
    subresource: 'eviction',
    resource: pods,
    namespace: 'default',
    name,
    body: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name } },
  })

describe('eviction', () => {
  it('refuses with 429 what the budget does not allow', () => {
    const { response, watchEvents } = evict(initialState(table, [pod('p'), budget(0)]), 'p')
    expect(response).toMatchObject({
      code: 429,
      body: { reason: 'TooManyRequests', details: { causes: [{ reason: 'DisruptionBudget' }] } },
    })
    expect(watchEvents).toEqual([])
  })

  it('takes one allowed disruption and deletes the pod gracefully', () => {
    const { response, state, watchEvents } = evict(initialState(table, [pod('p'), budget(1)]), 'p')
    expect(response.code).toBe(201)
    expect(watchEvents.map(({ resource, type }) => `${type} ${resource.kind}`)).toEqual([
      'MODIFIED PodDisruptionBudget',
      'MODIFIED Pod',
    ])
    expect(state.get(table.byKind('policy/v1', 'PodDisruptionBudget')!, 'default', 'b')!.body).toMatchObject({
      status: { disruptionsAllowed: 0, disruptedPods: { p: expect.any(String) } },
    })
    expect(state.get(pods, 'default', 'p')!.body.metadata).toMatchObject({ deletionGracePeriodSeconds: 30 })
  })

  it('does not ask the budget about a pod that is finished', () => {
    const { state } = evict(initialState(table, [pod('p', { status: { phase: 'Failed' } }), budget(0)]), 'p')
    expect(state.get(pods, 'default', 'p')).toBeUndefined()
  })
})

describe('scale', () => {
  const deployment = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'd' },
    spec: { selector: { matchLabels: { app: 'x' } } },
  }
  const scale = { resource: deployments, namespace: 'default', name: 'd', subresource: 'scale' }

  it('reads and writes the replicas of a Deployment, and raises its generation', () => {
    const start = initialState(table, [deployment])
    const read = ask(start, { verb: 'get', ...scale })
    expect(read.response.body).toMatchObject({
      kind: 'Scale',
      spec: { replicas: 1 },
      status: { replicas: 0, selector: 'app=x' },
    })
    const written = ask(start, { verb: 'update', ...scale, body: { ...read.response.body, spec: { replicas: 3 } } })
    expect(written.response.body).toMatchObject({ spec: { replicas: 3 } })
    expect(written.state.get(deployments, 'default', 'd')!.body).toMatchObject({
      spec: { replicas: 3 },
      metadata: { generation: 2 },
    })
    const stale = ask(written.state, {
      verb: 'update',
      ...scale,
      body: { ...read.response.body, spec: { replicas: 4 } },
    })
    expect(stale.response).toMatchObject({ code: 409, body: { reason: 'Conflict' } })
  })
})

describe('custom resource definitions', () => {
  it('go after the last of their objects, whose finalizers are respected', () => {
    const definition = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'gadgets.ex.test' },
      spec: {
        group: 'ex.test',
        scope: 'Namespaced',
        names: { plural: 'gadgets', kind: 'Gadget' },
        versions: [{ name: 'v1', served: true, storage: true }],
      },
    }
    const object = (name: string, finalizers: readonly string[]): object => ({
      apiVersion: 'ex.test/v1',
      kind: 'Gadget',
      metadata: { name, finalizers },
    })
    const start = initialState(table, [definition, object('a', ['ex.test/f']), object('b', [])])
    const definitions = table.byKind('apiextensions.k8s.io/v1', 'CustomResourceDefinition')!
    const marked = ask(start, { verb: 'delete', resource: definitions, name: 'gadgets.ex.test' })
    expect(marked.watchEvents.map(({ type, object: { kind } }) => `${type} ${kind}`)).toEqual([
      'MODIFIED CustomResourceDefinition',
      'MODIFIED Gadget',
      'DELETED Gadget',
    ])
    const gadgets = marked.watchEvents[1]!.resource
    const body = { metadata: { finalizers: null } }
    const finished = ask(marked.state, {
      verb: 'patch',
      patchType: 'merge',
      resource: gadgets,
      namespace: 'default',
      name: 'a',
      body,
    })
    expect(finished.watchEvents.map(({ type, object: { kind } }) => `${type} ${kind}`)).toEqual([
      'DELETED Gadget',
      'DELETED CustomResourceDefinition',
    ])
    expect(finished.state.list(definitions, undefined)).toEqual([])
  })
})

describe('deletecollection', () => {
  it('deletes what the selector selects, each at its own revision', () => {
    const start = initialState(table, [
      pod('a', { spec: {} }),
      pod('b', { spec: {}, metadata: { name: 'b' } }),
      pod('c', { spec: {} }),
    ])
    const { state, watchEvents } = ask(start, {
      verb: 'deletecollection',
      resource: pods,
      namespace: 'default',
      options: { labelSelector: 'app=x' },
    })
    expect(
      watchEvents.map(
        ({ type, revision, object: { metadata } }) => `${type} ${metadata.name} ${revision - start.revision}`,
      ),
    ).toEqual(['MODIFIED a 1', 'DELETED a 2', 'MODIFIED c 3', 'DELETED c 4'])
    expect(state.list(pods, 'default').map(({ body }) => body.metadata.name)).toEqual(['b'])
    expect(state.revision).toBe(start.revision + 4)
  })
})

describe('initialState', () => {
  it('refuses what nobody serves, what has no name, and what is given twice', () => {
    expect(() => initialState(table, [{ apiVersion: 'ex.test/v1', kind: 'Gadget', metadata: { name: 'a' } }])).toThrow(
      'nobody serves the kind Gadget in ex.test/v1',
    )
    expect(() => initialState(table, [{ apiVersion: 'v1', kind: 'Pod', metadata: {} }])).toThrow('no metadata.name')
    expect(() => initialState(table, [pod('p'), pod('p')])).toThrow('given twice')
    expect(() => initialState(table, [pod('Not_A_Name')])).toThrow('metadata.name')
  })

  it('points owner references without a uid at the initial object of that name', () => {
    const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: { name: 'r' }, spec: {} }
    const ownerReferences = [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'r', controller: true }]
    const state = initialState(table, [pod('p', { metadata: { name: 'p', ownerReferences } }), owner])
    const uid = state.get(table.byKind('apps/v1', 'ReplicaSet')!, 'default', 'r')!.body.metadata.uid
    expect(state.get(pods, 'default', 'p')!.body.metadata.ownerReferences).toEqual([{ ...ownerReferences[0], uid }])
  })
})
