/**
 * The explorer against the reference search under every consistency profile, and with broken watches: both were written
 * from the text of the semantics, by themselves. Counts are compared where both keep the same states: under
 * `legacy-restart` the explorer takes a bookmark only with the event that makes it an old one, and of the differences of
 * a broken watch it does not keep in which order the process wrote them itself.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { anyRichSystem } from '../reference/arbitrary.ts'
import { type ReferenceResult, referenceSearch } from '../reference/search.ts'
import type { System } from '../reference/system.ts'
import { type RealOptions, type RealResult, realSearch } from './real-search.ts'

type Comparison = RealOptions & { readonly counted?: boolean }

const profiles = ['read-your-writes', 'consistency-store', 'legacy-restart', 'legacy-fifo'] as const

const comparisons: readonly Comparison[] = [
  { faults: 1, relist: 1, counted: true },
  { faults: 1, relist: 1, granularity: 'write' },
  { faults: 1, relist: 1, absorbNoOps: true },
  { faults: 2, relist: 1 },
  ...profiles.flatMap((profile): Comparison[] => [
    { profile, faults: 1, relist: 1, counted: profile === 'legacy-fifo' },
    { profile, faults: 1, counted: profile !== 'legacy-restart' },
    { profile, faults: 1, granularity: 'write' },
    { profile, faults: 1, relist: 1, absorbNoOps: true },
    { profile, faults: 2 },
  ]),
]

function observable({ stores, outcomes, outcomesByHistory, violations, cut }: ReferenceResult) {
  const sorted = [stores, outcomes, outcomesByHistory].map((forms) => [...forms].sort())
  return { stores: sorted[0], outcomes: sorted[1], outcomesByHistory: sorted[2], violations, cut }
}

function countsOf(result: ReferenceResult, real: RealResult) {
  if (real.storesDistinct > real.stores.size) return {}
  const { states, transitions } = result
  return { states, transitions }
}

async function compare(system: System, { counted, ...options }: Comparison): Promise<void> {
  const { absorbNoOps: _, ...ofReference } = options
  const reference = referenceSearch(system, { ...ofReference, statesMax: 400 })
  if (!reference.complete) return
  const real = await realSearch(system, options)
  expect(observable(real)).toEqual(observable(reference))
  if (counted === true) expect(countsOf(real, real)).toEqual(countsOf(reference, real))
}

const numRuns = 12

test.each(comparisons)('%j', { timeout: 600_000 }, async (options) => {
  const property = fc.asyncProperty(anyRichSystem, (system) => compare(system, options))
  await fc.assert(property, { numRuns, seed: 5 })
})
