import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cloneJson, copyFields, deepFreeze, frozenCopy } from './clone.ts'
import { equalJson, shareEqual } from './equal.ts'
import {
  formatResourceVersion,
  formatTimestamp,
  GENERATED_SUFFIXES,
  generatedName,
  generatedSuffix,
  numberOfGeneratedName,
  parseGeneratedSuffix,
  parseResourceVersion,
  uidOf,
} from './identity.ts'
import { applyMergePatch } from './merge-patch.ts'

const json = fc.jsonValue({ maxDepth: 4 })

describe('equality and sharing', () => {
  it('agrees with the serialised form', () => {
    fc.assert(fc.property(json, (value) => equalJson(value, JSON.parse(JSON.stringify(value)))))
    expect(equalJson({ a: 1, b: 2 }, { b: 2, a: 1 })).toBe(true)
    expect(equalJson({ a: undefined }, { b: 1 })).toBe(false)
    expect(equalJson([1], { 0: 1 })).toBe(false)
    expect(equalJson({}, [])).toBe(false)
    expect(equalJson(null, {})).toBe(false)
  })

  it('keeps the value of next, and is previous itself just when both are equal', () => {
    fc.assert(
      fc.property(json, json, (a, b) => {
        const previous = frozenCopy(a)
        const next = frozenCopy(b)
        const shared = shareEqual(previous, next)
        expect(equalJson(shared, next)).toBe(true)
        if (previous !== null && typeof previous === 'object')
          expect(shared === previous).toBe(equalJson(previous, next))
      }),
      { numRuns: 500 },
    )
  })

  it('takes over equal parts of the previous value', () => {
    const previous = deepFreeze({ a: { b: [1, { c: 2 }] }, d: { e: 1 } })
    const shared = shareEqual(previous, deepFreeze({ a: { b: [1, { c: 2 }] }, d: { e: 2 } }))
    expect(shared.a).toBe(previous.a)
    expect(shared.d).toEqual({ e: 2 })
  })
})

describe('copies', () => {
  it('drop undefined and keep __proto__ as data', () => {
    expect(cloneJson({ a: undefined, b: [undefined] })).toEqual({ b: [null] })
    const hostile = JSON.parse('{"__proto__":{"x":1}}') as object
    expect(JSON.stringify(cloneJson(hostile))).toBe('{"__proto__":{"x":1}}')
    expect(JSON.stringify(copyFields(hostile))).toBe('{"__proto__":{"x":1}}')
  })
})

describe('applyMergePatch', () => {
  // RFC 7386, appendix A
  it.each([
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [
      ['a', 'b'],
      ['c', 'd'],
      ['c', 'd'],
    ],
    [{ a: 'b' }, ['c'], ['c']],
    [{ a: 'foo' }, null, null],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: 'b', c: null }, { a: 'b' }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])('%j with %j is %j', (target, patch, expected) => {
    expect(applyMergePatch(target, patch)).toEqual(expected)
  })
})

describe('identity values', () => {
  it('makes uids that are UUIDs, equal for equal incarnations and different otherwise', () => {
    const uids = new Set<string>()
    for (const kind of ['/pods', 'apps/deployments']) {
      for (const namespace of ['a', 'b']) {
        for (let n = 0; n < 200; n++)
          for (let incarnation = 0; incarnation < 5; incarnation++)
            uids.add(uidOf(kind, namespace, `x-${n}`, incarnation))
      }
    }
    expect(uids.size).toBe(2 * 2 * 200 * 5)
    for (const uid of uids) expect(uid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(uidOf('/pods', 'a', 'x-1', 0)).toBe(uidOf('/pods', 'a', 'x-1', 0))
  })

  it('encodes the number of a generated name in five characters', () => {
    expect(generatedSuffix(0)).toBe('zbbbb')
    fc.assert(fc.property(fc.nat(GENERATED_SUFFIXES - 1), (n) => parseGeneratedSuffix(generatedSuffix(n)) === n))
    expect(parseGeneratedSuffix('abcde')).toBeUndefined()
    expect(parseGeneratedSuffix('zbbb')).toBeUndefined()
    expect(() => generatedSuffix(-1)).toThrow(RangeError)
    const long = 'p'.repeat(70)
    expect(generatedName(long, 3)).toHaveLength(63)
    expect(numberOfGeneratedName(long, generatedName(long, 3))).toBe(3)
    expect(numberOfGeneratedName('web-', 'web-0')).toBeUndefined()
  })

  it('reads and writes resourceVersions and times', () => {
    expect(formatResourceVersion(12)).toBe('12')
    expect([undefined, '', '0', '12', 'x', '-1'].map(parseResourceVersion)).toEqual([0, 0, 0, 12, undefined, undefined])
    expect(formatTimestamp(Date.UTC(2024, 0, 2, 3, 4, 5, 678))).toBe('2024-01-02T03:04:05Z')
  })
})
