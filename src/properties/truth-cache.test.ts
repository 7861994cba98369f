import { expect, test } from 'vitest'
import { type Cluster, PART_EXTERNAL, PART_IN_FLIGHT, PART_OBJECT } from '#cluster/tables.ts'
import { createTruthCache, remember } from './truth-cache.ts'

/** Parts: two objects with a revision part each, a reconcile in flight, an external system. */
const cluster = { partType: [PART_OBJECT, 0, PART_OBJECT, 0, PART_IN_FLIGHT, PART_EXTERNAL] } as unknown as Cluster

function answered(state: readonly number[], cache = createTruthCache()) {
  let asked = 0
  const ask = (values: readonly number[], question = 'q', answer = true): boolean =>
    remember(cache, { cluster, state: Int32Array.from(values) }, question, () => {
      asked++
      return answer
    })
  ask(state)
  return { ask, asked: () => asked }
}

test('a property is asked once of the same objects, whatever else a state holds', () => {
  const { ask, asked } = answered([1, 7, 2, 8, 0, 5])
  expect(ask([1, 7, 2, 8, 9, 5], 'q', false)).toBe(true)
  expect(asked()).toBe(1)
})

test('another object, another external state and another property are asked of', () => {
  const { ask, asked } = answered([1, 7, 2, 8, 0, 5])
  expect(ask([1, 7, 3, 8, 0, 5], 'q', false)).toBe(false)
  expect(ask([1, 7, 2, 8, 0, 6], 'q', false)).toBe(false)
  expect(ask([1, 7, 2, 8, 0, 5], 'other', false)).toBe(false)
  expect(ask([2, 7, 1, 8, 0, 5], 'q', false)).toBe(false)
  expect(asked()).toBe(5)
})

test('what is thrown is not remembered', () => {
  const cache = createTruthCache()
  const state = Int32Array.from([1, 0, 0, 0, 0, 0])
  const fails = (): boolean => {
    throw new Error('no such object')
  }
  expect(() => remember(cache, { cluster, state }, 'q', fails)).toThrow('no such object')
  expect(remember(cache, { cluster, state }, 'q', () => true)).toBe(true)
})

test('a hundred thousand clusters are answered as they would be without it', () => {
  const cache = createTruthCache()
  let seed = 7
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0
    return (seed >>> 8) % below
  }
  const questions = [3, 5, 7]
  let wrong = 0
  let saved = 0
  for (let i = 0; i < 100_000; i++) {
    const state = Int32Array.from({ length: 6 }, () => random(12))
    const divisor = questions[random(questions.length)] as number
    const truth = ((state[0] as number) * 31 + (state[2] as number) * 17 + (state[5] as number)) % divisor === 0
    let isAsked = false
    const answer = remember(cache, { cluster, state }, divisor, () => {
      isAsked = true
      return truth
    })
    if (answer !== truth) wrong++
    if (!isAsked) saved++
  }
  expect(wrong).toBe(0)
  expect(saved).toBeGreaterThan(50_000)
})
