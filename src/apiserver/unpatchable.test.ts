import { describe, expect, it } from 'vitest'
import { deepFreeze } from '#api/clone.ts'
import { createScheme } from '#api/scheme.ts'
import { handle } from './apiserver.ts'
import type { PatchType } from './request.ts'
import { initialState } from './state.ts'

const table = createScheme()
const resource = table.byKind('v1', 'ConfigMap')!
const state = initialState(table, [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { k: 'v' } }])
const patch = (patchType: PatchType, body: object, fieldValidation?: 'Strict') =>
  handle(table, state, {
    verb: 'patch',
    resource,
    namespace: 'default',
    name: 'a',
    patchType,
    body: deepFreeze(body),
    ...(fieldValidation === undefined ? {} : { options: { fieldValidation } }),
  }).response
const invalidPatch = { code: 422, body: { reason: 'Invalid', details: { causes: [{ field: 'patch' }] } } }

describe('a patch after which the object is none of its kind', () => {
  it.each<[PatchType, object]>([
    ['merge', { data: { k: 1 } }],
    ['strategic', { data: [] }],
    ['json', [{ op: 'add', path: '/metadata/labels', value: 'x' }]],
    ['merge', { kind: 'Secret' }],
    ['merge', { apiVersion: 'v2' }],
  ])('is invalid: %s %j', (patchType, body) => {
    expect(patch(patchType, body)).toMatchObject(invalidPatch)
  })

  it('is shown as it is applied: the object of a merge patch, a strategic one itself', () => {
    const { message } = patch('merge', { data: { k: 1 } }).body as { message: string }
    expect(message).toContain('patch: Invalid value: "{\\"apiVersion\\":\\"v1\\",\\"kind\\":\\"ConfigMap\\"')
    const other = patch('strategic', { data: { k: [1, null] } }).body as { message: string }
    expect(other.message).toContain('patch: Invalid value: "map[data:map[k:[1 <nil>]]]"')
  })

  it('is invalid for unknown fields that are asked to be refused', () => {
    expect(patch('merge', { x: 1 }, 'Strict')).toMatchObject(invalidPatch)
    expect(patch('merge', { x: 1 }).code).toBe(200)
  })
})
