/**
 * Private writes first, against the reference search, which knows no reduction: the same outcomes and verdicts. What lies
 * between may be left out, so stores are not compared.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { anyRichSystem, anySystem } from '../reference/arbitrary.ts'
import { blink, fixedSystems, independent, race } from '../reference/fixed-systems.ts'
import { takesTurns } from '../reference/queue-systems.ts'
import { type ReferenceResult, referenceSearch } from '../reference/search.ts'
import type { System } from '../reference/system.ts'
import { type RealOptions, type RealResult, realSearch } from './real-search.ts'

const WRITES: RealOptions = { granularity: 'write', privateWrites: true, remembersTruths: true }

/** What the reduction must not change. Sorted, so that a difference shows as one. */
function observable({ outcomes, outcomesByHistory, violations, findings }: ReferenceResult) {
  const [rest, byHistory, found] = [outcomes, outcomesByHistory, findings].map((forms) => [...forms].sort())
  return { outcomes: rest, outcomesByHistory: byHistory, violations, found }
}

function referenceOf(system: System, options: RealOptions): ReferenceResult {
  const { absorbNoOps: _, privateWrites: __, ...ofReference } = options
  return referenceSearch(system, ofReference)
}

async function expectSame(system: System, options: RealOptions): Promise<RealResult | undefined> {
  const reference = referenceOf(system, options)
  if (!reference.complete) return undefined
  const real = await realSearch(system, options)
  expect(observable(real)).toEqual(observable(reference))
  return real
}

const everyOption: readonly RealOptions[] = [
  { granularity: 'write', remembersTruths: true },
  WRITES,
  { ...WRITES, absorbNoOps: true },
  { ...WRITES, faults: 1 },
  { ...WRITES, faults: 1, absorbNoOps: true },
  { ...WRITES, faults: 1, apiError: 1, absorbNoOps: true },
  { ...WRITES, faults: 1, stale: 0, slow: 1 },
  { ...WRITES, faults: 2, stale: 0, apiError: 2, absorbNoOps: true },
  { ...WRITES, faults: 1, profile: 'linearizable' },
  { ...WRITES, faults: 1, relist: 1, profile: 'legacy-restart' },
  { ...WRITES, remembersTruths: false },
]

const systems = [
  independent(2, 2),
  independent(3, 1),
  race(300, 700),
  race(300, 300),
  blink(500),
  blink(1000),
  takesTurns,
  ...fixedSystems,
]

describe.each(systems.map((system) => [system.name, system] as const))('%s', (_name, system) => {
  test.each(everyOption)('%j', async (options) => {
    await expectSame(system, { ...options, statesMax: 400 })
  })
})

/**
 * Of `independent(n, w)` each controller has w + 2 states between reconciles, and is in one of w in the middle of one only
 * while no other is: (w+2)^n + n·w·(w+2)^(n-1) states.
 */
describe('independent controllers write by write', () => {
  test.each([
    { n: 2, w: 2, states: 32 },
    { n: 3, w: 1, states: 54 },
    { n: 4, w: 1, states: 189 },
  ])('$n with $w writes: $states states', async ({ n, w, states }) => {
    expect((await realSearch(independent(n, w), WRITES)).states).toBe(states)
  })
})

describe('random systems', () => {
  test.each(everyOption)('%j', async (options) => {
    let compared = 0
    const property = fc.asyncProperty(anySystem, async (system) => {
      const real = await expectSame(system, { ...options, statesMax: 120 })
      if (real !== undefined) compared++
    })
    await fc.assert(property, { numRuns: 40, seed: 31 })
    expect(compared).toBeGreaterThan(10)
  })

  test('with environment events', async () => {
    const options: RealOptions = { ...WRITES, absorbNoOps: true, environment: 1, statesMax: 120 }
    await fc.assert(
      fc.asyncProperty(anyRichSystem, async (system) => {
        await expectSame(system, options)
      }),
      { numRuns: 40, seed: 32 },
    )
  })
})
