import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hashJson, hashNumber, hashString, lanes, lanesKey } from './structural-hash.ts'

function hashOf(value: unknown): string {
  hashJson(value)
  return `${lanes.high} ${lanes.low}`
}

/** Keys and values from few letters, so that equal parts come in many places. */
const anyKey = fc.constantFrom('a', 'b', 'ab', '', 'x')
const anyJson = fc.letrec((tie) => ({
  json: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(null, true, false, 0, 1, -1, 0.5, '', 'a', 'b', 'ab', '0', '1', 'null'),
    fc.array(tie('json'), { maxLength: 3 }),
    fc.dictionary(anyKey, tie('json'), { maxKeys: 3 }),
  ),
})).json

/** JSON with sorted keys. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => {
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part
    return Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
  })
}

function withReversedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withReversedKeys)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, field]) => [key, withReversedKeys(field)]),
  )
}

describe('the structural hash', () => {
  test('does not see the order of keys', () => {
    fc.assert(
      fc.property(anyJson, (value) => {
        expect(hashOf(withReversedKeys(value))).toBe(hashOf(value))
      }),
      { numRuns: 300, seed: 1 },
    )
  })

  test('sees the order of elements', () => {
    expect(hashOf([1, 2])).not.toBe(hashOf([2, 1]))
    expect(hashOf([[1], 2])).not.toBe(hashOf([1, [2]]))
    expect(hashOf([[], []])).not.toBe(hashOf([[[]]]))
  })

  test('takes a field that is undefined for absent', () => {
    expect(hashOf({ a: 1, b: undefined })).toBe(hashOf({ a: 1 }))
    expect(hashOf({ a: 1, b: null })).not.toBe(hashOf({ a: 1 }))
  })

  test('tells types apart', () => {
    const values = [
      0,
      '0',
      false,
      null,
      '',
      [],
      {},
      'null',
      'false',
      [0],
      { 0: 0 },
      -1,
      1,
      0.5,
      '#0.5',
      1e21,
      '#1e+21',
      2 ** 31,
      -(2 ** 31),
    ]
    const distinct = new Set(values.map(hashOf))
    expect(distinct.size).toBe(values.length)
  })

  test('has no collision among many small values', () => {
    const seen = new Map<string, string>()
    for (const value of fc.sample(anyJson, { numRuns: 20_000, seed: 3 })) {
      const text = canonical(value)
      const hash = hashOf(value)
      expect(seen.get(hash) ?? text).toBe(text)
      seen.set(hash, text)
    }
    expect(seen.size).toBeGreaterThan(3000)
  })

  test('has no collision among numbers and short strings, in each half alone few', () => {
    const hashes = new Set<number>()
    const highs = new Set<number>()
    const lows = new Set<number>()
    const count = 50_000
    for (let i = 0; i < count; i++) {
      for (const hash of [() => hashNumber(i), () => hashString(`object-${i}`)]) {
        hash()
        hashes.add(lanesKey())
        highs.add(lanes.high)
        lows.add(lanes.low)
      }
    }
    expect(hashes.size).toBe(2 * count)
    // Of n values of 32 bits about n²/2³³ meet by chance.
    expect(highs.size).toBeGreaterThan(2 * count - 10)
    expect(lows.size).toBeGreaterThan(2 * count - 10)
  })

  test('substitutes leaves, and tells which field they are in', () => {
    const forgetful = (value: string | number, key: string) => (key === 'generation' ? 0 : value)
    const hashed = (value: unknown): string => {
      hashJson(value, forgetful)
      return `${lanes.high} ${lanes.low}`
    }
    expect(hashed({ generation: 7, x: 7 })).toBe(hashed({ generation: 8, x: 7 }))
    expect(hashed({ generation: 7, x: 7 })).not.toBe(hashed({ generation: 7, x: 8 }))
    expect(hashed([{ generation: [1] }])).toBe(hashed([{ generation: [2] }]))
  })
})
