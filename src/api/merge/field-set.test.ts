import { expect, test } from 'vitest'
import {
  decodeFieldSet,
  difference,
  EMPTY_SET,
  encodeFieldSet,
  type FieldSet,
  intersection,
  pathsOf,
  setOfPaths,
  union,
} from './field-set.ts'

const PATHS = [[], ['f:a'], ['f:a', 'f:b'], ['f:a', 'f:c'], ['f:d']]

/** Every set of `PATHS`. */
const SETS: readonly FieldSet[] = Array.from({ length: 2 ** PATHS.length }, (_, bits) =>
  setOfPaths(PATHS.filter((_path, index) => (bits >> index) & 1)),
)

test('the algebra of sets is that of their paths, and a set that does not change stays itself', () => {
  for (const a of SETS)
    for (const b of SETS) {
      const [inA, inB] = [pathsOf(a), pathsOf(b)]
      expect(pathsOf(union(a, b))).toEqual([...new Set([...inA, ...inB])].sort())
      expect(pathsOf(difference(a, b))).toEqual(inA.filter((path) => !inB.includes(path)))
      expect(pathsOf(intersection(a, b))).toEqual(inA.filter((path) => inB.includes(path)))
      if (inB.every((path) => inA.includes(path))) expect(union(a, b)).toBe(a)
      if (inB.every((path) => !inA.includes(path))) expect(difference(a, b)).toBe(a)
    }
  expect(difference(SETS[31] as FieldSet, SETS[31] as FieldSet)).toBe(EMPTY_SET)
})

test('a set that is written and read again is the same', () => {
  for (const set of SETS) {
    if (set.isMember) continue
    expect(pathsOf(decodeFieldSet(encodeFieldSet(set)) as FieldSet)).toEqual(pathsOf(set))
  }
})
