/**
 * The explorer against the reference search, which is written from `semantics.md` alone and without any reduction:
 * the same states, transitions, stores, outcomes and verdicts.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { anySystem } from '../reference/arbitrary.ts'
import { blink, fixedSystems, independent, race } from '../reference/fixed-systems.ts'
import { type ReferenceResult, referenceSearch } from '../reference/search.ts'
import type { System } from '../reference/system.ts'
import { type RealOptions, type RealResult, realSearch } from './real-search.ts'

/** What a reduction must not change. Sorted, so that a difference shows as one. */
function observable({ stores, outcomes, outcomesByHistory, violations }: ReferenceResult) {
  const [all, rest, byHistory] = [stores, outcomes, outcomesByHistory].map((forms) => [...forms].sort())
  return { stores: all, outcomes: rest, outcomesByHistory: byHistory, violations }
}

function counted({ states, transitions, cut }: ReferenceResult) {
  return { states, transitions, cut }
}

/** Objects are stored with the rank of their creationTimestamp, which the reference does not have: the same store
 *  is several when objects are made before and after a timer. */
function hasTimeSplitStores(real: RealResult): boolean {
  return real.storesDistinct > real.stores.size
}

function expectSame(real: RealResult, reference: ReferenceResult, options: RealOptions): void {
  expect(observable(real)).toEqual(observable(reference))
  expect(real.storesDistinct).toBeGreaterThanOrEqual(real.stores.size)
  if (options.absorbNoOps !== true && !hasTimeSplitStores(real)) expect(counted(real)).toEqual(counted(reference))
}

const everyOption: readonly RealOptions[] = [
  {},
  { faults: 1, crash: 0 },
  { faults: 1, stale: 0 },
  { faults: 2 },
  { granularity: 'write' },
  { granularity: 'write', faults: 1 },
  { faults: 1, stale: 0, crash: 0, apiError: 1 },
  { faults: 2, apiError: 2 },
  { faults: 2, apiError: 1, crash: 0, profile: 'linearizable' },
  { granularity: 'write', faults: 1, apiError: 1 },
  { faults: 1, stale: 0, crash: 0, slow: 1 },
  { faults: 2, crash: 0, slow: 2 },
  { faults: 1, slow: 1, stale: 0, granularity: 'write' },
  { absorbNoOps: true, faults: 1, slow: 1 },
  { absorbNoOps: true, faults: 1, apiError: 1 },
  { absorbNoOps: true, faults: 1, apiError: 1, profile: 'linearizable' },
  { absorbNoOps: true, faults: 2, stale: 0, apiError: 2, granularity: 'write' },
  { absorbNoOps: true },
  { absorbNoOps: true, faults: 1 },
  { absorbNoOps: true, granularity: 'write' },
]

const systems = [
  independent(2, 2),
  independent(3, 1),
  race(300, 700),
  race(700, 300),
  race(300, 300),
  blink(500),
  blink(1000),
  ...fixedSystems,
]

describe.each(systems.map((system) => [system.name, system] as const))('%s', (_name, system) => {
  test.each(everyOption)('%j', async (options) => {
    const { absorbNoOps: _, ...ofReference } = options
    expectSame(await realSearch(system, options), referenceSearch(system, ofReference), options)
  })
})

/** In flight the reference keeps views of all kinds that a program reads, and the explorer those that may be read
 *  again: so states are not compared at granularity `write`. */
async function compareRandom(system: System, options: RealOptions): Promise<void> {
  const { absorbNoOps: _, ...ofReference } = options
  const reference = referenceSearch(system, { ...ofReference, statesMax: 80 })
  if (!reference.complete) return
  const real = await realSearch(system, options)
  if (options.granularity === 'write') expect(observable(real)).toEqual(observable(reference))
  else expectSame(real, reference, options)
}

describe('random systems', () => {
  test.each(everyOption)('%j', async (options) => {
    const property = fc.asyncProperty(anySystem, (system) => compareRandom(system, options))
    await fc.assert(property, { numRuns: 40, seed: 21 })
  })
})
