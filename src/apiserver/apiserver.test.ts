import { describe, expect, it } from 'vitest'
import { deepFreeze } from '#api/clone.ts'
import type { KubernetesObject } from '#api/object.ts'
import { createScheme, declareKind } from '#api/scheme.ts'
import { type Handled, handle } from './apiserver.ts'
import type { ApiRequest } from './request.ts'
import { type ApiState, initialState } from './state.ts'

const widgets = declareKind({ apiVersion: 'ex.test/v1', kind: 'Widget' })
const table = createScheme([widgets])
const pods = table.byKind('v1', 'Pod')!
const namespaces = table.byKind('v1', 'Namespace')!

/** Runs requests one after the other; the state of the last one. */
function run(state: ApiState, ...requests: readonly ApiRequest[]): Handled {
  let handled: Handled = { state, response: { code: 0, body: {} as KubernetesObject }, watchEvents: [] }
  for (const request of requests) handled = handle(table, handled.state, deepFreeze(request))
  return handled
}

const start = initialState(table, [])
const widget = { apiVersion: 'ex.test/v1', kind: 'Widget', metadata: { name: 'a' }, spec: { color: 'red' } }
const key = { resource: widgets, namespace: 'default', name: 'a' }
const createWidget: ApiRequest = { verb: 'create', resource: widgets, namespace: 'default', body: widget }

describe('handle', () => {
  it('creates an object with server-set metadata and makes it readable', () => {
    const { state, response, watchEvents } = run(start, createWidget)
    expect(response.code).toBe(201)
    expect(response.body).toMatchObject({
      metadata: { name: 'a', namespace: 'default', generation: 1, resourceVersion: String(state.revision) },
    })
    expect(watchEvents).toMatchObject([{ type: 'ADDED', revision: state.revision }])
    expect(handle(table, state, { verb: 'get', ...key }).response.body).toEqual(response.body)
  })

  it('gives a name made anew another uid, the same one in every order', () => {
    const first = run(start, createWidget).response.body as KubernetesObject
    const second = run(start, createWidget, { verb: 'delete', ...key }, createWidget).response.body as KubernetesObject
    const other = run(start, { ...createWidget, body: { ...widget, metadata: { name: 'b' } } }, createWidget).response
      .body as KubernetesObject
    expect(second.metadata.uid).not.toBe(first.metadata.uid)
    expect(other.metadata.uid).toBe(first.metadata.uid)
  })

  it('makes neither a revision nor an event for a write that changes nothing, and keeps the stored body', () => {
    const created = run(start, createWidget)
    const again = run(created.state, { verb: 'update', ...key, body: created.response.body })
    expect(again.response.body).toEqual(created.response.body)
    expect(again.watchEvents).toEqual([])
    expect(again.state).toBe(created.state)
  })

  it('shares the parts of an object that a write leaves alone', () => {
    const created = run(start, createWidget)
    const before = created.state.get(widgets, 'default', 'a')!.body
    const after = run(created.state, {
      verb: 'update',
      subresource: 'status',
      ...key,
      body: { ...(created.response.body as object), spec: { color: 'red' }, status: { ready: true } },
    })
    const stored = after.state.get(widgets, 'default', 'a')!.body
    expect(stored['status']).toEqual({ ready: true })
    expect(stored['spec']).toBe(before['spec'])
    expect(stored.metadata).toBe(before.metadata)
  })

  it('marks a namespace and lets it go when /finalize empties it; meanwhile it takes no new objects', () => {
    const marked = run(
      start,
      { verb: 'create', resource: namespaces, body: { metadata: { name: 'n' } } },
      { verb: 'delete', resource: namespaces, name: 'n' },
    )
    expect(marked.response.body).toMatchObject({
      status: { phase: 'Terminating' },
      spec: { finalizers: ['kubernetes'] },
    })
    const refused = run(marked.state, { ...createWidget, namespace: 'n' })
    expect(refused.response).toMatchObject({
      code: 403,
      body: { reason: 'Forbidden', details: { causes: [{ reason: 'NamespaceTerminating' }] } },
    })
    const body = { ...(marked.response.body as object), spec: { finalizers: [] } }
    const gone = run(marked.state, { verb: 'update', subresource: 'finalize', resource: namespaces, name: 'n', body })
    expect(gone.watchEvents).toMatchObject([{ type: 'DELETED' }])
    expect(gone.state.get(namespaces, '', 'n')).toBeUndefined()
  })

  it('shows the removal of an unbound pod as MODIFIED and DELETED', () => {
    const pod = { metadata: { name: 'p' }, spec: { containers: [{ name: 'main', image: 'img:1' }] } }
    const gone = run(
      start,
      { verb: 'create', resource: pods, namespace: 'default', body: pod },
      { verb: 'delete', resource: pods, namespace: 'default', name: 'p' },
    )
    expect(gone.watchEvents.map((event) => event.type)).toEqual(['MODIFIED', 'DELETED'])
  })

  it('serves a kind once its CustomResourceDefinition is created', () => {
    const definition = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'gadgets.ex.test' },
      spec: {
        group: 'ex.test',
        scope: 'Cluster',
        names: { plural: 'gadgets', kind: 'Gadget' },
        versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
      },
    }
    const definitions = table.byKind('apiextensions.k8s.io/v1', 'CustomResourceDefinition')!
    const { response } = run(start, { verb: 'create', resource: definitions, body: definition })
    expect(response.body).toMatchObject({
      status: { acceptedNames: { singular: 'gadget', listKind: 'GadgetList' }, storedVersions: ['v1'] },
    })
  })

  it('numbers generated names and never hands one out again', () => {
    const generate: ApiRequest = { ...createWidget, body: { ...widget, metadata: { generateName: 'w-' } } }
    const first = run(start, generate)
    const name = (first.response.body as KubernetesObject).metadata.name!
    expect(name).toBe('w-zbbbb')
    const second = run(first.state, { verb: 'delete', resource: widgets, namespace: 'default', name }, generate)
    expect((second.response.body as KubernetesObject).metadata.name).toBe('w-zbbbc')
  })
})
