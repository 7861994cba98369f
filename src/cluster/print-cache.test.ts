import { expect, test } from 'vitest'
import { print } from './fingerprint.ts'
import { createPrintCache, keepPrint, recallPrint } from './print-cache.ts'

test('an encoding is recalled with its own fingerprint, whatever lay in its place before', () => {
  const cache = createPrintCache()
  const kept = new Map<string, number>()
  let recalled = 0
  let wrong = 0
  let seed = 7
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0
    return (seed >>> 8) % below
  }
  for (let i = 0; i < 300_000; i++) {
    const length = 1 + random(4)
    const state = Int32Array.from({ length }, () => random(24))
    const text = state.join()
    const known = kept.get(text)
    if (recallPrint(cache, state, length)) {
      recalled++
      if (print.high !== known || print.low !== ~print.high) wrong++
    } else {
      print.high = known ?? kept.size
      print.low = ~print.high
      kept.set(text, print.high)
      keepPrint(cache)
    }
  }
  expect(wrong).toBe(0)
  expect(recalled).toBeGreaterThan(10_000)
})

test('an encoding and the same with a part more are different', () => {
  const cache = createPrintCache()
  const state = Int32Array.from([1, 2, 0])
  expect(recallPrint(cache, state, 2)).toBe(false)
  keepPrint(cache)
  expect(recallPrint(cache, state, 3)).toBe(false)
})
