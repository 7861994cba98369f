import { describe, expect, it } from 'vitest'
import { deepFreeze } from './clone.ts'
import { applyJsonPatch, parsePointer } from './json-patch.ts'

const document = deepFreeze({ a: { b: [1, 2, 3], 'x/y': { '~': 1 } }, c: null, d: { e: 1 } })
const apply = (...patch: readonly object[]) => applyJsonPatch(document, patch)

describe('applyJsonPatch', () => {
  it.each([
    ['add inserts before an index', { op: 'add', path: '/a/b/1', value: 9 }, ['a', 'b', [1, 9, 2, 3]]],
    ['add appends at "-"', { op: 'add', path: '/a/b/-', value: 9 }, ['a', 'b', [1, 2, 3, 9]]],
    ['add appends at the length', { op: 'add', path: '/a/b/3', value: 9 }, ['a', 'b', [1, 2, 3, 9]]],
    ['remove closes the gap', { op: 'remove', path: '/a/b/0' }, ['a', 'b', [2, 3]]],
    ['remove takes a negative index from the end', { op: 'remove', path: '/a/b/-1' }, ['a', 'b', [1, 2]]],
    ['replace sets an element', { op: 'replace', path: '/a/b/1', value: 'z' }, ['a', 'b', [1, 'z', 3]]],
    [
      'escapes name keys with slash and tilde',
      { op: 'replace', path: '/a/x~1y/~0', value: 2 },
      ['a', 'x/y', { '~': 2 }],
    ],
  ])('%s', (_name, operation, [first, second, expected]) => {
    const result = apply(operation)
    expect(
      result.type === 'ok' &&
        (result.value as Record<string, Record<string, unknown>>)[first as string]?.[second as string],
    ).toEqual(expected)
  })

  it('shares what it leaves alone', () => {
    const result = apply({ op: 'add', path: '/a/b/-', value: 4 })
    expect(result.type === 'ok' && (result.value as typeof document).d).toBe(document.d)
  })

  it('copies and moves', () => {
    const result = apply({ op: 'copy', from: '/d/e', path: '/d/f' }, { op: 'move', from: '/a/b/0', path: '/g' })
    expect(result).toMatchObject({ type: 'ok', value: { d: { e: 1, f: 1 }, a: { b: [2, 3] }, g: 1 } })
  })

  it('replaces the whole document at the empty path', () => {
    expect(apply({ op: 'add', path: '', value: [1] })).toEqual({ type: 'ok', value: [1] })
  })

  it('takes a test of null on a missing path as true, as the API server does', () => {
    expect(apply({ op: 'test', path: '/nope', value: null }).type).toBe('ok')
    expect(apply({ op: 'test', path: '/c', value: null }).type).toBe('ok')
  })

  it.each([
    ['a test that differs', { op: 'test', path: '/d/e', value: '1' }],
    ['a remove of a missing key', { op: 'remove', path: '/nope' }],
    ['a replace of a missing key', { op: 'replace', path: '/d/nope', value: 1 }],
    ['an add below a missing parent', { op: 'add', path: '/nope/x', value: 1 }],
    ['an add beyond the end', { op: 'add', path: '/a/b/7', value: 1 }],
    ['an index with a leading zero', { op: 'replace', path: '/a/b/01', value: 1 }],
    ['a move into itself', { op: 'move', from: '/a', path: '/a/b/0' }],
    ['a copy from nowhere', { op: 'copy', from: '/nope', path: '/x' }],
  ])('refuses %s', (_name, operation) => {
    expect(apply({ op: 'add', path: '/z', value: 1 }, operation).type).toBe('failed')
  })

  it.each([
    [{ op: 'add' }],
    [[{ op: 'jump', path: '/a' }]],
    [[{ op: 'add', path: 'a' }]],
    [[{ op: 'move', path: '/a' }]],
    [[7]],
  ])('cannot decode %j', (patch) => {
    expect(applyJsonPatch(document, patch).type).toBe('malformed')
  })

  it('adds a key that is called __proto__ as data', () => {
    const result = apply({ op: 'add', path: '/__proto__', value: { polluted: true } })
    expect(result.type === 'ok' && JSON.stringify(result.value)).toContain('"__proto__"')
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })
})

describe('parsePointer', () => {
  it('reads tokens', () => {
    expect(parsePointer('')).toEqual([])
    expect(parsePointer('/')).toEqual([''])
    expect(parsePointer('/a~01/b')).toEqual(['a~1', 'b'])
    expect(parsePointer('a')).toBeUndefined()
  })
})

describe('limits of a JSON patch', () => {
  it('refuses more than 10,000 operations', () => {
    const patch = Array.from({ length: 10_001 }, () => ({ op: 'test', path: '/c', value: null }))
    expect(applyJsonPatch(document, patch)).toEqual({
      type: 'large',
      message: 'The allowed maximum operations in a JSON patch is 10000, got 10001',
    })
  })

  it('cuts off copies that double the document', () => {
    const patch = Array.from({ length: 60 }, (_, n) => ({ op: 'copy', from: '', path: `/n${n}` }))
    expect(applyJsonPatch(document, patch)).toMatchObject({
      type: 'failed',
      message: expect.stringContaining('exceeding the limit 3145728'),
    })
  })

  it('cuts off insertions into a large list', () => {
    const large = deepFreeze({ list: Array.from({ length: 200_000 }, () => 0) })
    const patch = Array.from({ length: 10_000 }, () => ({ op: 'add', path: '/list/0', value: 1 }))
    expect(applyJsonPatch(large, patch)).toMatchObject({ type: 'failed' })
  })
})
