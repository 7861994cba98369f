/** Webhooks and quotas in the explorer against the reference search, which admits by a table of its own. */
import { describe, expect, test } from 'vitest'
import { admittedSystems } from '../reference/admitted-systems.ts'
import { type ReferenceResult, referenceSearch } from '../reference/search.ts'
import { type RealOptions, realSearch } from './real-search.ts'

const everyOption: readonly RealOptions[] = [
  {},
  { faults: 1 },
  { faults: 1, stale: 0, crash: 0, apiError: 1 },
  { faults: 2, crash: 0 },
  { faults: 1, slow: 1, stale: 0 },
  { faults: 1, apiError: 1, profile: 'linearizable' },
  { granularity: 'write' },
  { granularity: 'write', faults: 1, crash: 0 },
  { absorbNoOps: true, faults: 1, apiError: 1 },
  { absorbNoOps: true, granularity: 'write' },
]

function observable({ stores, outcomes, outcomesByHistory, violations }: ReferenceResult) {
  const [all, rest, byHistory] = [stores, outcomes, outcomesByHistory].map((forms) => [...forms].sort())
  return { stores: all, outcomes: rest, outcomesByHistory: byHistory, violations }
}

describe.each(admittedSystems.map((system) => [system.name, system] as const))('%s', (_name, system) => {
  test.each(everyOption)('%j', { timeout: 120_000 }, async (options) => {
    const { absorbNoOps, ...ofReference } = options
    const real = await realSearch(system, options)
    const reference = referenceSearch(system, ofReference)
    expect(observable(real)).toEqual(observable(reference))
    // In flight the reference keeps views that the explorer has no more need of.
    if (absorbNoOps === true || options.granularity === 'write') return
    expect([real.states, real.transitions]).toEqual([reference.states, reference.transitions])
  })
})

test('the systems meet what admission does', () => {
  const verdicts = admittedSystems.map((system) => {
    const { name, outcomes, violations } = { ...referenceSearch(system), name: system.name }
    return [name, outcomes.size, violations.sameOutcome, violations.errorLoop]
  })
  expect(verdicts).toEqual([
    ['one-for-two', 1, false, false],
    ['painted', 2, true, false],
    ['never-made', 0, false, true],
  ])
  const without = admittedSystems.map(({ admission: _, ...system }) => referenceSearch(system).violations.errorLoop)
  expect(without).toEqual([false, false, false])
})
