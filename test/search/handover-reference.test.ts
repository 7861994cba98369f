/** The fault handover against the reference search: also with what else may be paid, and write by write. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { anySystem } from '../reference/arbitrary.ts'
import { fixedSystems, independent } from '../reference/fixed-systems.ts'
import { type ReferenceResult, referenceSearch } from '../reference/search.ts'
import type { System } from '../reference/system.ts'
import { type RealOptions, realSearch } from './real-search.ts'

/**
 * With `counted`, states and transitions are compared too. In flight the reference keeps all that a program reads, the
 * explorer what may be read again, so write by write only the fixed systems have equal counts.
 */
const comparisons: readonly (RealOptions & { readonly counted: boolean })[] = [
  { faults: 1, stale: 0, crash: 0, handover: 1, counted: true },
  { faults: 1, handover: 1, counted: true },
  { faults: 1, handover: 1, profile: 'linearizable', counted: true },
  { faults: 2, crash: 0, handover: 1, counted: true },
  { faults: 2, stale: 0, crash: 1, apiError: 1, handover: 1, counted: true },
  { faults: 2, stale: 0, crash: 0, handover: 2, counted: true },
  { faults: 1, handover: 1, granularity: 'write', counted: true },
  { faults: 2, crash: 0, handover: 1, granularity: 'write', counted: false },
  { faults: 2, stale: 0, crash: 0, handover: 2, granularity: 'write', counted: false },
  { faults: 1, handover: 1, profile: 'read-your-writes', counted: false },
  { faults: 2, crash: 0, handover: 1, profile: 'read-your-writes', granularity: 'write', counted: false },
  { faults: 2, crash: 0, handover: 1, profile: 'consistency-store', counted: false },
  { faults: 2, stale: 0, handover: 1, profile: 'legacy-restart', counted: false },
  { faults: 2, crash: 0, relist: 1, handover: 1, profile: 'legacy-fifo', granularity: 'write', counted: false },
  { faults: 1, handover: 1, absorbNoOps: true, counted: false },
  { faults: 2, crash: 0, handover: 1, absorbNoOps: true, counted: false },
  { faults: 1, handover: 1, granularity: 'write', absorbNoOps: true, counted: false },
]

function observable({ stores, outcomes, outcomesByHistory, violations, cut }: ReferenceResult) {
  const [all, rest, byHistory] = [stores, outcomes, outcomesByHistory].map((forms) => [...forms].sort())
  return { stores: all, outcomes: rest, outcomesByHistory: byHistory, violations, cut }
}

async function compare(
  system: System,
  { counted, ...options }: (typeof comparisons)[number],
  statesMax: number,
): Promise<void> {
  const { absorbNoOps, ...ofReference } = options
  const reference = referenceSearch(system, { ...ofReference, statesMax })
  if (!reference.complete) return
  const real = await realSearch(system, options)
  // What is absorbed comes later to the bound of a queue.
  const cut = absorbNoOps === true ? {} : { cut: reference.cut }
  expect(observable(real)).toMatchObject({ ...observable(reference), ...cut })
  // Stores are split by the age of objects, which the reference does not have.
  if (!counted || real.storesDistinct > real.stores.size) return
  expect(real.states).toBe(reference.states)
  // Whether a path is cut may depend on what is left of the budget; the two count such transitions differently.
  if (!real.cut) expect(real.transitions).toBe(reference.transitions)
}

describe.each(comparisons)('%j', (options) => {
  test.each([independent(1, 1), independent(2, 1), ...fixedSystems].map((system) => [system.name, system] as const))(
    '%s',
    (_name, system) => compare(system, options, 300),
  )

  test('random systems', async () => {
    const counted = options.counted && options.granularity !== 'write'
    const property = fc.asyncProperty(anySystem, (system) => compare(system, { ...options, counted }, 60))
    await fc.assert(property, { numRuns: 15, seed: 5 })
  })
})
