/** Walks over real scenarios: what they find is a finding like any other, and says what was not searched. */
import { describe, expect, test } from 'vitest'
import { explore } from '#explore.ts'
import { replay } from '#replay.ts'
import type { ExploreReport } from '#trace/report.ts'
import { counting, fileOf, withoutTimes } from './counting.ts'

const options = { granularity: 'reconcile', auditPercent: 0 } as const

describe('after a limit on states', () => {
  const given = { ...options, statesMax: 40 }

  test('walks find what lies beyond, with a path that is minimised and replays', async () => {
    const found = await explore(counting(3), given)
    expect(found.verdict).toBe('violated')
    const finding = found.findings.find(({ oracle }) => oracle === 'always')
    expect(finding).toMatchObject({ faults: 1, property: 'one part' })
    expect(finding?.steps).toBeLessThanOrEqual(5)
    for (const each of found.findings)
      expect(await replay(counting(3), fileOf(each, given))).toMatchObject({ status: 'reproduced' })
    expect(found.levels.at(-1)).toMatchObject({ exhaustive: false, walks: { when: 'beyond' } })
  })

  test('the same seed finds the same, and the verdict without a finding is inconclusive, with an estimate', async () => {
    const again = async (): Promise<unknown> => withoutTimes(await explore(counting(3), given))
    expect(await again()).toEqual(await again())
    const quiet = { ...counting(3), properties: [], oracles: { 'same-outcome': false } }
    const report = await explore(quiet, { ...given, faults: 0 })
    expect(report).toMatchObject({ verdict: 'inconclusive', exhaustive: false })
    const { walks } = report.levels[0] as ExploreReport['levels'][number]
    if (walks?.when !== 'beyond') throw new Error('nothing was walked')
    expect(walks.explored).toBeGreaterThan(0)
    expect(walks.explored).toBeLessThan(1)
  })

  test('nothing is walked where the search ends by itself, or at a bound of depth', async () => {
    const whole = await explore(counting(0), options)
    const shallow = await explore(counting(2), { ...options, depthMax: 3 })
    expect([...whole.levels, ...shallow.levels].some(({ walks }) => walks !== undefined)).toBe(false)
  })
})

describe.each(['random', 'pct'] as const)('the strategy %s', (strategy) => {
  test('finds the bug in seeded runs, which replays, and never says that anything holds', async () => {
    const given = { ...options, strategy, runs: 1000, seed: 5 }
    const report = await explore(counting(2), given)
    expect(report.verdict).toBe('violated')
    for (const each of report.findings)
      expect(await replay(counting(2), fileOf(each, given))).toMatchObject({ status: 'reproduced' })
    expect(withoutTimes(await explore(counting(2), given))).toEqual(withoutTimes(report))
    const harmless = { ...counting(2), properties: [], oracles: { 'same-outcome': false } }
    const none = await explore(harmless, { ...given, faults: 0, runs: 20 })
    expect(none).toMatchObject({ verdict: 'inconclusive', exhaustive: false })
    expect(none.levels[0]?.walks).toMatchObject({ when: 'instead', runs: 20, ended: { end: 20, steps: 0, cut: 0 } })
  })

  test('finds nothing that the search does not, and without faults all that it does', async () => {
    const searched = await explore(counting(1), options)
    const walked = await explore(counting(1), { ...options, strategy, runs: 1000 })
    const keys = new Set(searched.findings.map(({ key }) => key))
    expect(walked.findings.map(({ key }) => key).filter((key) => !keys.has(key))).toEqual([])
    const [[none, one], [noneWalked, oneWalked]] = [searched, walked].map(({ levels }) =>
      levels.map(({ statesDistinct }) => statesDistinct),
    ) as [[number, number], [number, number]]
    expect(noneWalked).toBe(none)
    expect(oneWalked).toBeLessThanOrEqual(one)
  })
})
