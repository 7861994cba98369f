import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { getFrom, type SortedMap, sizeOf, valuesOf, withEntry, withoutEntry } from './sorted-map.ts'

describe('SortedMap', () => {
  it('holds what a Map holds, in the order of keys, and leaves earlier versions alone', () => {
    const keys = fc.constantFrom(
      ...'abcdefghijklmnop'.split('').flatMap((letter) => [letter, `n/${letter}`, `n-x/${letter}`]),
    )
    const operation = fc.tuple(keys, fc.option(fc.nat(99), { nil: undefined }))
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 120 }), (operations) => {
        const plain = new Map<string, number>()
        let map: SortedMap<number>
        for (const [key, value] of operations) {
          const before = map
          const sizeBefore = sizeOf(before)
          map = value === undefined ? withoutEntry(map, key) : withEntry(map, key, value)
          if (value === undefined) plain.delete(key)
          else plain.set(key, value)
          expect(sizeOf(before)).toBe(sizeBefore)
          expect(getFrom(map, key)).toBe(value)
        }
        const sorted = [...plain.keys()].sort()
        expect(valuesOf(map)).toEqual(sorted.map((key) => plain.get(key)))
        expect(valuesOf(map, 'n/')).toEqual(sorted.filter((key) => key.startsWith('n/')).map((key) => plain.get(key)))
        expect(sizeOf(map)).toBe(plain.size)
        expect(map?.height ?? 0).toBeLessThanOrEqual(1.45 * Math.log2(plain.size + 2))
      }),
    )
  })
})
