/**
 * The explorer against the reference search on random systems with what faults and profiles are about: generated
 * names, evidence from lists, errors that are caught. Every profile and fault alone, and some together.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { anyRichSystem } from '../reference/arbitrary.ts'
import { type ReferenceResult, referenceSearch } from '../reference/search.ts'
import type { System } from '../reference/system.ts'
import { type RealOptions, type RealResult, realSearch } from './real-search.ts'

/** With it, counts are compared too, where no reduction changes them. */
type Comparison = RealOptions & { readonly counted?: boolean }

const comparisons: readonly Comparison[] = [
  { counted: true },
  { faults: 1, counted: true },
  { faults: 1, profile: 'linearizable', counted: true },
  { faults: 1, granularity: 'write' },
  { faults: 1, apiError: 1, counted: true },
  { faults: 1, apiError: 1, profile: 'linearizable', counted: true },
  { faults: 2, apiError: 2, stale: 0, crash: 0, granularity: 'write' },
  { faults: 1, apiError: 1, absorbNoOps: true },
  { faults: 1, absorbNoOps: true },
  { faults: 1, environment: 1, counted: true },
  { faults: 1, environment: 2, slow: 1, absorbNoOps: true },
]

function observable({ stores, outcomes, outcomesByHistory, violations, cut }: ReferenceResult) {
  const sorted = [stores, outcomes, outcomesByHistory].map((forms) => [...forms].sort())
  return { stores: sorted[0], outcomes: sorted[1], outcomesByHistory: sorted[2], violations, cut }
}

/** Stores are split by the age of objects, which the reference does not have: see `reference.test.ts`. */
function countsOf(result: ReferenceResult, real: RealResult) {
  if (real.storesDistinct > real.stores.size) return {}
  const { states, transitions } = result
  return { states, transitions }
}

async function compare(system: System, { counted, ...options }: Comparison): Promise<void> {
  const { absorbNoOps: _, ...ofReference } = options
  const reference = referenceSearch(system, { ...ofReference, statesMax: 60 })
  if (!reference.complete) return
  const real = await realSearch(system, options)
  expect(observable(real)).toEqual(observable(reference))
  if (counted === true) expect(countsOf(real, real)).toEqual(countsOf(reference, real))
}

test.each(comparisons)('%j', async (options) => {
  const property = fc.asyncProperty(anyRichSystem, (system) => compare(system, options))
  await fc.assert(property, { numRuns: 20, seed: 3 })
})
