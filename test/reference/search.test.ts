import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { anySystem } from './arbitrary.ts'
import {
  blink,
  failing,
  failingForATime,
  fight,
  finalizer,
  forgottenFinalizer,
  independent,
  lateFinalizer,
  mirror,
  missingWatch,
  modeFlip,
  poll,
  race,
  staleSwitch,
  toggle,
  trivial,
  trustsItsView,
  twoSecrets,
} from './fixed-systems.ts'
import { takesTurns } from './queue-systems.ts'
import { type ReferenceOptions, type ReferenceResult, referenceSearch } from './search.ts'
import type { System } from './system.ts'

function counts(result: ReferenceResult): { states: number; transitions: number; stores: number; outcomes: number } {
  const { states, transitions, stores, outcomes } = result
  return { states, transitions, stores: stores.size, outcomes: outcomes.size }
}

function violated(system: System, options?: ReferenceOptions): string[] {
  const { violations } = referenceSearch(system, options)
  return Object.entries(violations).flatMap(([name, isViolated]) => (isViolated ? [name] : []))
}

describe('exact counts', () => {
  test.each([
    [1, 1],
    [1, 3],
    [2, 2],
    [3, 1],
    [4, 1],
    [3, 2],
  ])('independent(%i, %i)', (n, w) => {
    expect(counts(referenceSearch(independent(n, w)))).toEqual({
      states: (w + 2) ** n,
      transitions: n * (w + 1) * (w + 2) ** (n - 1),
      stores: (w + 1) ** n,
      outcomes: 1,
    })
  })

  // A controller is pending with 0…w writes done, in flight before one of w writes, or done: a chain of 2w+2 states.
  test.each([
    [1, 1],
    [2, 2],
    [3, 1],
  ])('independent(%i, %i), write by write', (n, w) => {
    expect(counts(referenceSearch(independent(n, w), { granularity: 'write' }))).toEqual({
      states: (2 * w + 2) ** n,
      transitions: n * (2 * w + 1) * (2 * w + 2) ** (n - 1),
      stores: (w + 1) ** n,
      outcomes: 1,
    })
  })

  // Beside the runs: the write with a lag, the catch-up after it, the write with a crash, a restart of 3 states; with
  // two units also a restart of the lagging one.
  test.each([
    [1, 4, 8],
    [2, 4, 9],
  ])('independent(1, 1) with %i faults', (faults, states, transitions) => {
    const result = referenceSearch(independent(1, 1), { faults })
    expect(counts(result)).toEqual({ states, transitions, stores: 2, outcomes: 1 })
  })

  // For each of the two kinds, 2 values with an undelivered change times 4 states of the other controller. Beside the
  // 24 runs: 16 writes with a lag, 16 catch-ups, 12 runs beside a lag, 16 writes with a crash, 16 restarts.
  test('independent(2, 2) with 1 fault', () => {
    const result = referenceSearch(independent(2, 2), { faults: 1 })
    expect(counts(result)).toEqual({ states: 32, transitions: 100, stores: 9, outcomes: 1 })
  })

  test.each([
    [trivial, { states: 6, transitions: 8, stores: 3, outcomes: 1 }],
    [modeFlip, { states: 17, transitions: 23, stores: 8, outcomes: 2 }],
    [toggle, { states: 7, transitions: 9, stores: 3, outcomes: 1 }],
  ])('parity with the Go Kamera: $name', (system, expected) => {
    expect(counts(referenceSearch(system))).toEqual(expected)
  })
})

describe('verdicts', () => {
  test.each<[System, ReferenceOptions, string[]]>([
    [trivial, { faults: 2 }, []],
    [modeFlip, {}, ['sameOutcome']],
    [fight, {}, ['fairCycleWrites']],
    [failing, {}, ['errorLoop']],
    [failing, { granularity: 'write' }, ['errorLoop']],
    [failingForATime, { faults: 1 }, []],
    [blink(500), {}, ['fairCycleWrites']],
    [blink(1000), {}, []],
    [poll, { faults: 1 }, []],
    [forgottenFinalizer, {}, ['stuckUserAction']],
    [finalizer, { faults: 1 }, []],
    [lateFinalizer, {}, ['errorLoop', 'stuckUserAction']],
    [twoSecrets, {}, []],
    [twoSecrets, { faults: 1, crash: 0 }, []],
    [twoSecrets, { faults: 1 }, ['sameOutcome']],
    [twoSecrets, { faults: 1, granularity: 'write' }, ['sameOutcome']],
    [staleSwitch, { faults: 2 }, []],
    [trustsItsView, {}, []],
    [trustsItsView, { faults: 1, crash: 0 }, ['sameOutcome']],
    [missingWatch, {}, ['sameOutcome', 'restUnstable']],
    [mirror, { faults: 1 }, []],
    [takesTurns, { granularity: 'write' }, []],
    [race(300, 700), {}, []],
    [race(300, 300), {}, ['sameOutcome']],
  ])('$name with %j: %j', (system, options, expected) => {
    expect(violated(system, options)).toEqual(expected)
  })

  test('the timer that is due first is taken first', () => {
    const [outcome] = referenceSearch(race(700, 300)).outcomes
    expect(outcome).toContain('"first":"right"')
  })

  test('with a stale view, the two aborts of a child that nobody else made are outcomes', () => {
    const { outcomes } = referenceSearch(trustsItsView, { faults: 1, crash: 0 })
    expect([...outcomes].map((outcome) => /"phase":"(\w+)"/.exec(outcome)?.[1]).sort()).toEqual(['Aborted', 'Made'])
  })

  test('a path on which an episode grows beyond lagMax is cut', () => {
    expect(referenceSearch(fight, { faults: 1 }).cut).toBe(true)
    expect(referenceSearch(independent(1, 3), { faults: 1, lagMax: 1 }).cut).toBe(false)
    expect(referenceSearch(independent(1, 3), { faults: 1, lagMax: 0 }).cut).toBe(true)
  })

  test('statesMax leaves the search incomplete', () => {
    expect(referenceSearch(fight, { statesMax: 2 }).complete).toBe(false)
    expect(referenceSearch(fight, { statesMax: 5 }).complete).toBe(true)
  })
})

describe('random systems', () => {
  /** Every store and outcome of the smaller search is among those of the larger one. */
  function expectToContain(system: System, smaller: ReferenceOptions, larger: ReferenceOptions): void {
    const few = referenceSearch(system, { ...smaller, statesMax: 400 })
    const many = referenceSearch(system, { ...larger, statesMax: 400 })
    if (!few.complete || !many.complete) return
    expect(few.states).toBeLessThanOrEqual(many.states)
    expect([...few.stores].filter((store) => !many.stores.has(store))).toEqual([])
    expect([...few.outcomes].filter((outcome) => !many.outcomes.has(outcome))).toEqual([])
    expect(many.violations.sameOutcome || !few.violations.sameOutcome).toBe(true)
  }

  test('a fault more reaches no less', () => {
    fc.assert(
      fc.property(anySystem, (system) => {
        expectToContain(system, {}, { faults: 1 })
        expectToContain(system, { faults: 1, crash: 0 }, { faults: 1 })
      }),
      { numRuns: 15, seed: 7 },
    )
  })

  test('writes one by one reach no less than whole reconciles', () => {
    fc.assert(
      fc.property(anySystem, (system) => expectToContain(system, {}, { granularity: 'write' })),
      { numRuns: 25, seed: 7 },
    )
  })

  test('every run without faults rests, or is in a fair cycle, or waits for the user', () => {
    fc.assert(
      fc.property(anySystem, (system) => {
        const { outcomes, violations, complete } = referenceSearch(system, { statesMax: 1000 })
        const { fairCycleWrites, errorLoop, stuckUserAction } = violations
        // A system without a rest may still only blink, by a timer of 5 s.
        const blinks = JSON.stringify(system).includes('"requeueAfterMs":5000')
        if (complete) expect(outcomes.size > 0 || fairCycleWrites || errorLoop || stuckUserAction || blinks).toBe(true)
      }),
      { numRuns: 60, seed: 7 },
    )
  })
})
