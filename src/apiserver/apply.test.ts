import { describe, expect, it } from 'vitest'
import type { KubernetesObject } from '#api/object.ts'
import type { ResourceInfo } from '#api/resource.ts'
import { createScheme, declareKind } from '#api/scheme.ts'
import { handle } from './apiserver.ts'
import type { ApiRequest } from './request.ts'
import { type ApiState, initialState } from './state.ts'

const table = createScheme([declareKind({ apiVersion: 'x.io/v1', kind: 'Widget' })])
const configMaps = table.byKind('v1', 'ConfigMap') as ResourceInfo
const widgets = table.byKind('x.io/v1', 'Widget') as ResourceInfo
const configMap = (data: object): object => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data })

/** Makes requests one after the other; answers code and body of the last. */
function make(...requests: readonly Omit<ApiRequest, 'namespace'>[]): {
  code: number
  body: KubernetesObject
  state: ApiState
} {
  let state = initialState(table, [])
  let last: ReturnType<typeof handle> | undefined
  for (const request of requests) {
    last = handle(table, state, { namespace: 'default', ...request })
    state = last.state
  }
  return { code: last?.response.code ?? 0, body: last?.response.body as KubernetesObject, state }
}
const apply = (body: object, fieldManager = 'me', resource = configMaps): Omit<ApiRequest, 'namespace'> => ({
  verb: 'patch',
  patchType: 'apply',
  resource,
  name: 'a',
  body,
  options: { fieldManager },
})

describe('server-side apply', () => {
  it('leaves objects that nobody applied without managedFields', () => {
    const { body } = make({ verb: 'create', resource: configMaps, body: configMap({ k: '1' }) })
    expect(body.metadata.managedFields).toBeUndefined()
  })

  it('gives what was there before the first apply to a manager of that name', () => {
    const create = { verb: 'create', resource: configMaps, body: configMap({ k: '1', l: '1' }) } as const
    const { body } = make(create, apply(configMap({ k: '1' })))
    expect(body.metadata.managedFields).toMatchObject([
      { manager: 'me', operation: 'Apply' },
      { manager: 'before-first-apply', operation: 'Update' },
    ])
    expect(make(create, apply(configMap({ k: '2' })))).toMatchObject({ code: 409, body: { reason: 'Conflict' } })
  })

  it('follows objects from the first apply on, whoever writes them', () => {
    const update = { verb: 'update', resource: configMaps, name: 'a', body: configMap({ k: '2' }) } as const
    const { body } = make(apply(configMap({ k: '1' })), update)
    expect(body.metadata.managedFields).toMatchObject([{ manager: 'unknown', operation: 'Update' }])
  })

  it('changes nothing when the same is applied again', () => {
    const once = make(apply(configMap({ k: '1' })))
    const twice = make(apply(configMap({ k: '1' })), apply(configMap({ k: '1' })))
    expect(twice.state.revision).toBe(once.state.revision)
  })

  it('works on kinds without a schema: objects merge, lists are one value', () => {
    const widget = (spec: object): object => ({ apiVersion: 'x.io/v1', kind: 'Widget', metadata: { name: 'a' }, spec })
    const { body } = make(
      apply(widget({ a: { x: 1 }, list: [1] }), 'me', widgets),
      apply(widget({ a: { y: 2 } }), 'you', widgets),
    )
    expect(body['spec']).toEqual({ a: { x: 1, y: 2 }, list: [1] })
    const clash = make(apply(widget({ list: [1] }), 'me', widgets), apply(widget({ list: [2] }), 'you', widgets))
    expect(clash.code).toBe(409)
  })

  it.each<readonly [string, object, number]>([
    ['a field that the kind does not have', { ...configMap({}), nope: 1 }, 400],
    ['a resourceVersion that is not current', { ...configMap({}), metadata: { name: 'a', resourceVersion: '1' } }, 409],
    ['the wrong kind', { ...configMap({}), kind: 'Secret' }, 400],
    ['an invalid key', configMap({ 'a/b': '1' }), 422],
  ])('refuses %s', (_what, body, code) => {
    expect(make(apply(configMap({ k: '1' })), apply(body)).code).toBe(code)
  })
})
