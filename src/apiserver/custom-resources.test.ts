import { describe, expect, it } from 'vitest'
import type { KubernetesObject } from '#api/object.ts'
import type { ResourceInfo } from '#api/resource.ts'
import { createScheme } from '#api/scheme.ts'
import type { JsonSchema } from '#api/structural-schema/json-schema.ts'
import { handle } from './apiserver.ts'
import { tableOfState } from './custom-resource-definitions.ts'
import type { ApiRequest, ApiResponse } from './request.ts'
import { type ApiState, initialState } from './state.ts'

const text: JsonSchema = { type: 'string' }
const version = (name: string, spec: JsonSchema, storage = false): object => ({
  name,
  served: true,
  storage,
  subresources: { status: {}, scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' } },
  schema: {
    openAPIV3Schema: {
      type: 'object',
      properties: { spec, status: { type: 'object', properties: { phase: text, replicas: { type: 'integer' } } } },
    },
  },
})
const definition = (...versions: readonly object[]): object => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.x.io' },
  spec: { group: 'x.io', scope: 'Namespaced', names: { plural: 'widgets', kind: 'Widget' }, versions },
})
const widget = (apiVersion: string, spec: object, more: object = {}): object => ({
  apiVersion,
  kind: 'Widget',
  metadata: { name: 'a', namespace: 'default' },
  spec,
  ...more,
})

class Server {
  private readonly table = createScheme()
  private state: ApiState

  constructor(...objects: readonly object[]) {
    this.state = initialState(this.table, objects)
  }

  ask(apiVersion: string, request: Omit<ApiRequest, 'resource' | 'namespace' | 'name'>): ApiResponse {
    const resource = tableOfState(this.table, this.state).byKind(apiVersion, 'Widget') as ResourceInfo
    const { state, response } = handle(this.table, this.state, {
      namespace: 'default',
      name: 'a',
      ...request,
      resource,
    })
    this.state = state
    return response
  }
}
const specOf = ({ body }: ApiResponse): unknown => (body as KubernetesObject)['spec']

describe('custom resources with a schema', () => {
  it('have the fields that both the stored and the served version know, and defaults of the stored one', () => {
    const v1 = version('v1', { type: 'object', properties: { a: text, old: { ...text, default: 'o' } } }, true)
    const v2 = version('v2', { type: 'object', properties: { a: text, new: { ...text, default: 'n' } } })
    const server = new Server(definition(v1, v2))
    const created = server.ask('x.io/v2', { verb: 'create', body: widget('x.io/v2', { a: '1' }) })
    expect(created.body).toMatchObject({ apiVersion: 'x.io/v2' })
    expect(specOf(created)).toEqual({ a: '1' })
    expect(specOf(server.ask('x.io/v1', { verb: 'get' }))).toEqual({ a: '1', old: 'o' })
  })

  it('are pruned and defaulted when a simulation begins with them', () => {
    const v1 = version('v1', { type: 'object', properties: { a: { ...text, default: 'x' } } }, true)
    const server = new Server(definition(v1), widget('x.io/v1', { gone: 1 }))
    expect(specOf(server.ask('x.io/v1', { verb: 'get' }))).toEqual({ a: 'x' })
  })

  it('are judged at /status by the schema of the status only', () => {
    const v1 = version('v1', { type: 'object', properties: { a: { ...text, maxLength: 1 } } }, true)
    const server = new Server(definition(v1), widget('x.io/v1', { a: 'long' }))
    const put = (status: object): number =>
      server.ask('x.io/v1', {
        verb: 'patch',
        patchType: 'merge',
        subresource: 'status',
        body: { status },
      }).code
    expect(put({ phase: 'Up', unknown: 1 })).toBe(200)
    expect(put({ phase: 1 })).toBe(422)
    expect(put({ replicas: -1 })).toBe(422)
    expect(server.ask('x.io/v1', { verb: 'get' }).body).toMatchObject({ status: { phase: 'Up' } })
  })

  it('are checked again by transition rules even when nothing changes', () => {
    const rule = { rule: 'self.n > oldSelf.n', message: 'must grow' }
    const v1 = version(
      'v1',
      { type: 'object', properties: { n: { type: 'integer' } }, 'x-kubernetes-validations': [rule] },
      true,
    )
    const server = new Server(definition(v1), widget('x.io/v1', { n: 1 }))
    const patch = (spec: object): number =>
      server.ask('x.io/v1', { verb: 'patch', patchType: 'merge', body: { spec } }).code
    expect(patch({})).toBe(422)
    expect(patch({ n: 2 })).toBe(200)
  })

  it('warn of unknown fields only who asks', () => {
    const v1 = version('v1', { type: 'object', properties: { a: text } }, true)
    const create = (fieldValidation?: 'Warn' | 'Strict'): ApiResponse =>
      new Server(definition(v1)).ask('x.io/v1', {
        verb: 'create',
        body: widget('x.io/v1', { b: 1 }),
        ...(fieldValidation === undefined ? {} : { options: { fieldValidation } }),
      })
    expect(create().warnings).toBeUndefined()
    expect(create('Warn').warnings).toEqual(['unknown field "spec.b"'])
    expect(create('Strict').code).toBe(400)
  })
})
