/** Every fault and profile of the reference on systems so small that their counts can be worked out by hand. */
import { describe, expect, test } from 'vitest'
import { childByCount } from './fault-systems.ts'
import { independent, poll } from './fixed-systems.ts'
import { type ReferenceOptions, referenceSearch } from './search.ts'
import type { System } from './system.ts'

function counts(system: System, options: ReferenceOptions): { states: number; transitions: number; outcomes: number } {
  const { states, transitions, outcomes } = referenceSearch(system, { stale: 0, crash: 0, ...options })
  return { states, transitions, outcomes: outcomes.size }
}

/** The states of `one` without faults: written or not yet, pending or not. Two runs. */
const one = independent(1, 1)

describe('counts of one fault on one controller with one write', () => {
  // Five errors of the update: one of them leads to where the write leads, the others back.
  test('api errors', () => {
    expect(counts(one, { faults: 1, apiError: 1 })).toEqual({ states: 3, transitions: 7, outcomes: 1 })
  })

  // The first run may be followed by a state in which the watch is broken, and that by a new list.
  test('relist', () => {
    expect(counts(one, { faults: 1, relist: 1 })).toEqual({ states: 4, transitions: 4, outcomes: 1 })
  })

  // The standby may miss the write, before and after the second run; then the second instance begins behind: it meets
  // a conflict until it catches up. Handing over is possible in the 5 states before.
  test('handover', () => {
    expect(counts(one, { faults: 1, handover: 1 })).toEqual({ states: 6, transitions: 11, outcomes: 1 })
  })

  test('handover under linearizable, where nobody is behind', () => {
    const options: ReferenceOptions = { profile: 'linearizable', faults: 1, handover: 1 }
    expect(counts(one, options)).toEqual({ states: 3, transitions: 5, outcomes: 1 })
  })

  // Without a bookmark 3 states, with one of the first list 3, with one of the second list 2, and one after a restart
  // that went back: it meets a conflict until it catches up.
  test('a restart that goes back', () => {
    const { states, outcomes } = counts(one, { profile: 'legacy-restart', faults: 1, crash: 1 })
    expect({ states, outcomes }).toEqual({ states: 9, outcomes: 1 })
  })

  test('environment events are not paid from the total, and are a history of their own', () => {
    const moved: System = {
      ...one,
      environment: [{ name: 'reset', kind: 'K1', object: 'a', type: 'set', field: 'written', value: 0 }],
    }
    expect(counts(moved, {})).toEqual({ states: 3, transitions: 2, outcomes: 1 })
    // The event is possible in the two states after the write; from the state that it leads to it is 3 states more.
    expect(counts(moved, { environment: 1 })).toEqual({ states: 6, transitions: 6, outcomes: 1 })
    expect(referenceSearch(moved, { environment: 1 }).outcomesByHistory.size).toBe(1)
  })

  // Pending, or armed and idle: a timer that is idle is not passed.
  test('an idle timer is not passed over other work', () => {
    expect(counts(poll, { faults: 1, slow: 1 })).toEqual(counts(poll, {}))
  })
})

describe('a child that is counted before it is made, with a name that the server gives', () => {
  function childrenAtRest(options: ReferenceOptions): number {
    const { outcomes, complete } = referenceSearch(childByCount, { stale: 0, crash: 0, ...options, statesMax: 4000 })
    expect(complete).toBe(true)
    return Math.max(...[...outcomes].map((outcome) => outcome.split('"kind":"B","name"').length - 1))
  }

  // Behind by one kind, the change of the status wakes the second one.
  test.each<[ReferenceOptions, number]>([
    [{}, 1],
    [{ faults: 1, crash: 1 }, 1],
    [{ faults: 1, stale: 1 }, 2],
    [{ faults: 1, relist: 1 }, 2],
    [{ profile: 'linearizable', faults: 1, stale: 1, crash: 1, relist: 1 }, 1],
    [{ profile: 'read-your-writes', faults: 1, stale: 1, crash: 1 }, 1],
    [{ profile: 'read-your-writes', faults: 1, relist: 1 }, 1],
    [{ profile: 'consistency-store', faults: 1, stale: 1, crash: 1, relist: 1 }, 1],
    [{ profile: 'read-your-writes', faults: 1, handover: 1 }, 2],
    [{ profile: 'consistency-store', faults: 1, handover: 1 }, 2],
    // One before the crash; from the old list one that changes the status, which wakes the third.
    [{ profile: 'legacy-restart', faults: 1, crash: 1 }, 3],
    [{ profile: 'legacy-fifo', faults: 1, relist: 1 }, 2],
    [{ profile: 'read-your-writes', faults: 2, crash: 1, stale: 1 }, 1],
    [{ profile: 'read-your-writes', faults: 1, apiError: 1 }, 1],
    [{ profile: 'read-your-writes', faults: 2, apiError: 1, stale: 1 }, 2],
  ])('%j: %i at rest', (options, children) => {
    expect(childrenAtRest(options)).toBe(children)
  })
})
