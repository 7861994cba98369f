/**
 * What `no-delete-on-stale-evidence` flags, against the reference search: there a counterfactual is a second run of the
 * program, in step with the first as long as both make the same calls.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { anyDeletionSystem } from '../reference/arbitrary-deletions.ts'
import { deletesInPassing, deletesWhatIsThere, deletesWhatItAnnounced } from '../reference/fault-systems.ts'
import { staleSwitch } from '../reference/fixed-systems.ts'
import { referenceSearch } from '../reference/search.ts'
import type { System } from '../reference/system.ts'
import { type RealOptions, realSearch } from './real-search.ts'

const everyOption: readonly RealOptions[] = [
  { faults: 1 },
  { faults: 1, absorbNoOps: true },
  { faults: 1, apiError: 1, absorbNoOps: true },
  { faults: 1, granularity: 'write', remembersTruths: true },
]

async function compare(system: System, options: RealOptions): Promise<readonly string[]> {
  const { absorbNoOps: _, ...ofReference } = options
  const reference = referenceSearch(system, { ...ofReference, statesMax: 150 })
  if (!reference.complete) return []
  const real = await realSearch(system, options)
  const findings = [...reference.findings].sort()
  expect([...real.findings].sort()).toEqual(findings)
  expect([...real.stores].sort()).toEqual([...reference.stores].sort())
  return findings
}

describe.each(everyOption)('%j', (options) => {
  test.each([
    [deletesInPassing, []],
    [deletesWhatIsThere, []],
    [deletesWhatItAnnounced, ['no-delete-on-stale-evidence deleter B']],
    [staleSwitch, ['no-delete-on-stale-evidence switcher B']],
  ] as const)('$name', async (system, findings) => {
    expect(await compare(system, { ...options, crash: 0 })).toEqual(findings)
  })

  test('random systems', async () => {
    let found = 0
    const property = fc.asyncProperty(anyDeletionSystem, async (system) => {
      found += (await compare(system, options)).length
    })
    await fc.assert(property, { numRuns: 20, seed: 8 })
    expect(found).toBeGreaterThan(0)
  })
})
