import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { enqueue, type StateQueue, stateQueue, type Taken, takeFirst, takeLast } from './state-queue.ts'

interface Entry {
  readonly entry: number
  readonly state: readonly number[]
}

function taken(queue: StateQueue, from: 'first' | 'last'): Entry | undefined {
  const into: Taken = { entry: -1, state: new Int32Array(1), length: 0 }
  const found = from === 'first' ? takeFirst(queue, into) : takeLast(queue, into)
  return found ? { entry: into.entry, state: [...into.state.subarray(0, into.length)] } : undefined
}

const anyState = fc.oneof(
  fc.array(fc.integer(), { maxLength: 5 }),
  // Long ones, to cross the borders of chunks.
  fc.nat({ max: 40_000 }).map((length) => Array.from({ length }, (_, index) => index ^ length)),
)
const anyStep = fc.oneof(
  { arbitrary: anyState.map((state) => ({ put: state })), weight: 3 },
  { arbitrary: fc.constantFrom('first' as const, 'last' as const), weight: 2 },
)

describe('the queue of states', () => {
  test('gives and takes at both ends as an array does', () => {
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 60 }), (steps) => {
        const queue = stateQueue()
        const model: Entry[] = []
        for (const [entry, step] of steps.entries()) {
          if (typeof step === 'object') {
            enqueue(queue, entry, Int32Array.from(step.put), step.put.length)
            model.push({ entry, state: step.put })
          } else expect(taken(queue, step)).toEqual(step === 'first' ? model.shift() : model.pop())
          expect(queue.count).toBe(model.length)
        }
        while (model.length > 0) expect(taken(queue, 'first')).toEqual(model.shift())
        expect(taken(queue, 'last')).toBeUndefined()
      }),
      { numRuns: 60, seed: 1 },
    )
  })

  test('keeps only the given length of a state', () => {
    const queue = stateQueue()
    enqueue(queue, 7, Int32Array.of(1, 2, 3, 4), 2)
    expect(taken(queue, 'last')).toEqual({ entry: 7, state: [1, 2] })
  })

  test('drops the chunks that have been taken', () => {
    const queue = stateQueue()
    const state = new Int32Array(1000)
    for (let entry = 0; entry < 1000; entry++) {
      enqueue(queue, entry, state, state.length)
      if (entry >= 10) expect(taken(queue, 'first')?.entry).toBe(entry - 10)
    }
    expect(queue.chunks.length).toBeLessThanOrEqual(2)
    const stack = stateQueue()
    for (let entry = 0; entry < 1000; entry++) enqueue(stack, entry, state, state.length)
    for (let entry = 999; entry >= 0; entry--) expect(taken(stack, 'last')?.entry).toBe(entry)
    expect(stack.chunks.length).toBeLessThanOrEqual(2)
  })
})
