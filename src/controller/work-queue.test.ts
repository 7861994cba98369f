import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  add,
  addAfter,
  addRateLimited,
  backOffMs,
  createWorkQueue,
  done,
  finish,
  forget,
  get,
  lowPriority,
  nextReadyAtMs,
  type QueueMode,
  readyKeys,
  type WorkQueue,
} from './work-queue.ts'

const at = (nowMs: number, priority = 0) => ({ nowMs, priority })

function take(queue: WorkQueue, nowMs = 0): { queue: WorkQueue; key: string } {
  const taken = get(queue, nowMs)
  if (taken === undefined) throw new Error('nothing is ready')
  return taken
}

describe.each<QueueMode>(['fifo', 'priority'])('the work queue in mode %s', (mode) => {
  const empty = createWorkQueue(mode)

  it('serves in the order of addition, each key once', () => {
    const queue = add(add(add(empty, 'a'), 'b'), 'a')
    expect(readyKeys(queue, 0)).toEqual(['a', 'b'])
  })

  it('does not hand out a key that is being processed, but does so again when it was added meanwhile', () => {
    const first = take(add(empty, 'a'))
    const again = add(add(first.queue, 'a'), 'a')
    expect(get(again, 0)).toBeUndefined()
    expect(readyKeys(done(again, 'a'), 0)).toEqual(['a'])
    expect(readyKeys(done(first.queue, 'a'), 0)).toEqual([])
  })

  it('hands a delayed key out when its instant has come', () => {
    const queue = addAfter(empty, 'a', 100, at(1000))
    expect(nextReadyAtMs(queue)).toBe(1100)
    expect(readyKeys(queue, 1099)).toEqual([])
    expect(readyKeys(queue, 1100)).toEqual(['a'])
  })

  it('keeps the earlier of two delays', () => {
    expect(nextReadyAtMs(addAfter(addAfter(empty, 'a', 100, at(0)), 'a', 200, at(0)))).toBe(100)
    expect(nextReadyAtMs(addAfter(addAfter(empty, 'a', 100, at(0)), 'a', 50, at(0)))).toBe(50)
  })

  it('serves delayed keys in the order in which they became ready', () => {
    const queue = addAfter(addAfter(empty, 'late', 20, at(0)), 'early', 10, at(0))
    expect(readyKeys(queue, 30)).toEqual(['early', 'late'])
  })

  it('takes no delay for an addition now', () => {
    expect(readyKeys(addAfter(empty, 'a', 0, at(5)), 5)).toEqual(['a'])
  })

  it('backs off from 5 ms to 1000 s, and anew after forget', () => {
    expect([0, 1, 2, 17, 18, 2000].map(backOffMs)).toEqual([5, 10, 20, 655_360, 1_000_000, 1_000_000])
    let queue = empty
    const delays: (number | undefined)[] = []
    for (let failure = 0; failure < 3; failure++) {
      queue = addRateLimited(queue, 'a', at(0))
      delays.push(nextReadyAtMs(queue))
      queue = done(take(queue, 1_000_000).queue, 'a')
    }
    expect(delays).toEqual([5, 10, 20])
    expect(nextReadyAtMs(addRateLimited(forget(queue, 'a'), 'a', at(0)))).toBe(5)
    expect(forget(queue, 'a').failures).toEqual({})
  })

  it('does with a finished key what its result says', () => {
    const { queue } = take(add({ ...empty, failures: { a: 3 } }, 'a'))
    expect(finish(queue, 'a', {}, at(0))).toEqual(empty)
    expect(nextReadyAtMs(finish(queue, 'a', 'error', at(0)))).toBe(40)
    expect(nextReadyAtMs(finish(queue, 'a', { requeue: true }, at(0)))).toBe(40)
    const delayed = finish(queue, 'a', { requeueAfterMs: 7, requeue: true }, at(0))
    expect(nextReadyAtMs(delayed)).toBe(7)
    expect(delayed.failures).toEqual({})
  })
})

describe('what the modes do differently', () => {
  it('an addition pulls a delayed entry forward in mode priority, and leaves it waiting in mode fifo', () => {
    const fifo = add(addAfter(createWorkQueue('fifo'), 'a', 100, at(0)), 'a')
    expect(readyKeys(fifo, 0)).toEqual(['a'])
    expect(nextReadyAtMs(fifo)).toBe(100)
    const priority = add(addAfter(createWorkQueue('priority'), 'a', 100, at(0)), 'a')
    expect(readyKeys(priority, 0)).toEqual(['a'])
    expect(nextReadyAtMs(priority)).toBeUndefined()
  })

  it('a higher priority goes first, in mode priority only', () => {
    const fill = (mode: QueueMode) => add(add(createWorkQueue(mode), 'listed', lowPriority), 'event')
    expect(readyKeys(fill('fifo'), 0)).toEqual(['listed', 'event'])
    expect(readyKeys(fill('priority'), 0)).toEqual(['event', 'listed'])
  })

  it('a key whose priority rises goes behind those that had it before', () => {
    const queue = add(add(add(createWorkQueue('priority'), 'a', lowPriority), 'b'), 'a')
    expect(readyKeys(queue, 0)).toEqual(['b', 'a'])
  })
})

// client-go's own structures, mutable and naive: a slice, three sets and a map.
class NaiveFifo {
  order: string[] = []
  readonly dirty = new Set<string>()
  readonly processing = new Set<string>()
  readonly waiting = new Map<string, number>()
  readonly failures = new Map<string, number>()

  add(key: string): void {
    if (this.dirty.has(key)) return
    this.dirty.add(key)
    if (!this.processing.has(key)) this.order.push(key)
  }
  addAfter(key: string, delayMs: number, nowMs: number): void {
    if (delayMs <= 0) this.add(key)
    else this.waiting.set(key, Math.min(this.waiting.get(key) ?? Number.POSITIVE_INFINITY, nowMs + delayMs))
  }
  addRateLimited(key: string, nowMs: number): void {
    const failures = this.failures.get(key) ?? 0
    this.failures.set(key, failures + 1)
    this.addAfter(key, Math.min(5 * 2 ** failures, 1_000_000), nowMs)
  }
  get(nowMs: number): string | undefined {
    const due = [...this.waiting].filter(([, at]) => at <= nowMs).sort((left, right) => left[1] - right[1])
    for (const [key] of due) {
      this.waiting.delete(key)
      this.add(key)
    }
    const key = this.order.shift()
    if (key === undefined) return undefined
    this.processing.add(key)
    this.dirty.delete(key)
    return key
  }
  done(key: string): void {
    this.processing.delete(key)
    if (this.dirty.has(key)) this.order.push(key)
  }
}

describe('against a naive model', () => {
  const key = fc.constantFrom('a', 'b', 'c')
  const step = fc.oneof(
    fc.record({ type: fc.constant('add' as const), key }),
    // The test makes all instants different: client-go leaves the order of equal ones open.
    fc.record({ type: fc.constant('addAfter' as const), key, delayMs: fc.nat(40) }),
    fc.record({ type: fc.constant('addRateLimited' as const), key }),
    fc.record({ type: fc.constant('forget' as const), key }),
    fc.record({ type: fc.constant('get' as const) }),
    fc.record({ type: fc.constant('done' as const) }),
    fc.record({ type: fc.constant('wait' as const), ms: fc.nat(50) }),
  )

  type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

  it('mode fifo hands out what client-go does', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let queue = createWorkQueue('fifo')
        const naive = new NaiveFifo()
        let nowMs = 0
        const offset: Record<string, number> = { a: 0.1, b: 0.2, c: 0.3 }
        for (const [index, action] of steps.entries()) {
          const unique = index / 1000
          switch (action.type) {
            case 'add':
              queue = add(queue, action.key)
              naive.add(action.key)
              break
            case 'addAfter': {
              const delayMs = action.delayMs === 0 ? 0 : action.delayMs + (offset[action.key] as number) + unique
              queue = addAfter(queue, action.key, delayMs, { nowMs })
              naive.addAfter(action.key, delayMs, nowMs)
              break
            }
            case 'addRateLimited':
              nowMs += unique
              queue = addRateLimited(queue, action.key, { nowMs })
              naive.addRateLimited(action.key, nowMs)
              break
            case 'forget':
              queue = forget(queue, action.key)
              naive.failures.delete(action.key)
              break
            case 'get': {
              const taken = get(queue, nowMs)
              expect(taken?.key).toBe(naive.get(nowMs))
              queue = taken?.queue ?? queue
              break
            }
            case 'done': {
              const [processed] = naive.processing
              if (processed === undefined) break
              queue = done(queue, processed)
              naive.done(processed)
              break
            }
            case 'wait':
              nowMs += action.ms
          }
          expect(new Set(queue.processing)).toEqual(naive.processing)
        }
      }),
    )
  })

  it('mode priority never has a key twice, never hands out one that is processed, and loses none', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let queue = createWorkQueue('priority')
        let nowMs = 0
        for (const action of steps) {
          if (action.type === 'wait') nowMs += action.ms
          const before = queue
          queue = perform(before, action, nowMs)
          const keys = queue.entries.map((entry) => entry.key)
          expect(new Set(keys).size).toBe(keys.length)
          expect(new Set(queue.processing).size).toBe(queue.processing.length)
          if ('key' in action && action.type !== 'forget') expect(keys).toContain(action.key)
          if (action.type !== 'get')
            expect(keys).toEqual(expect.arrayContaining(before.entries.map((entry) => entry.key)))
        }
      }),
    )
  })

  function perform(queue: WorkQueue, action: Step, nowMs: number): WorkQueue {
    switch (action.type) {
      case 'add':
        return add(queue, action.key)
      case 'addAfter':
        return addAfter(queue, action.key, action.delayMs, { nowMs })
      case 'addRateLimited':
        return addRateLimited(queue, action.key, { nowMs })
      case 'forget':
        return forget(queue, action.key)
      case 'get':
        return get(queue, nowMs)?.queue ?? queue
      case 'done':
        return queue.processing[0] === undefined ? queue : done(queue, queue.processing[0])
      case 'wait':
        return queue
    }
  }
})
