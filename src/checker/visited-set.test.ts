import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { collisionProbability, find, findOrAdd, visitedSet } from './visited-set.ts'

/** Few values of each half, and some extreme ones, so that halves collide often. */
const anyHalf = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constantFrom(-(2 ** 31), 2 ** 31 - 1), fc.integer())
const anyFingerprint = fc.tuple(anyHalf, anyHalf)

describe('the visited set', () => {
  test('numbers fingerprints as a map does, in the order in which they come', () => {
    fc.assert(
      fc.property(fc.array(anyFingerprint, { maxLength: 200 }), (fingerprints) => {
        const set = visitedSet(16)
        const model = new Map<string, number>()
        for (const [high, low] of fingerprints) {
          const key = `${high} ${low}`
          expect(find(set, high, low)).toBe(model.get(key) ?? -1)
          if (!model.has(key)) model.set(key, model.size)
          expect(findOrAdd(set, high, low)).toBe(model.get(key))
          expect(set.size).toBe(model.size)
        }
      }),
      { numRuns: 200, seed: 1 },
    )
  })

  test('keeps the numbers when it grows', () => {
    const set = visitedSet(4)
    const places = 1000
    for (let i = 0; i < places; i++) expect(findOrAdd(set, i * 7, i % 5)).toBe(i)
    for (let i = 0; i < places; i++) expect(find(set, i * 7, i % 5)).toBe(i)
    expect(set.size).toBe(places)
    expect(set.mask + 1).toBe(2048)
  })

  test('fingerprints that differ only in their high half are two', () => {
    const set = visitedSet()
    expect(findOrAdd(set, 1, 9)).toBe(0)
    expect(findOrAdd(set, 2, 9)).toBe(1)
    expect(find(set, 3, 9)).toBe(-1)
  })

  test('a fingerprint of zeros is one like all others', () => {
    const set = visitedSet()
    expect(find(set, 0, 0)).toBe(-1)
    expect(findOrAdd(set, 0, 0)).toBe(0)
    expect(findOrAdd(set, 0, 0)).toBe(0)
  })

  test('bounds the probability of a collision', () => {
    expect(collisionProbability(0)).toBe(0)
    expect(collisionProbability(2 ** 32)).toBe(0.5)
    expect(collisionProbability(2 ** 40)).toBe(1)
  })
})
