/** Walks over real scenarios: what they find is a finding like any other, and says what was not searched. */
import { describe, expect, test } from 'vitest'
import { create, defineScenario, type Scenario } from '#cluster/scenario.ts'
import { explore } from '#explore.ts'
import { always } from '#properties/user.ts'
import { replay } from '#replay.ts'
import type { CounterexampleFile, ExploreReport, ReportFinding } from '#trace/report.ts'
import { type AnyObject, app, appType, controllerOf, part, partType } from './scenario-search.ts'

const kinds = [{ ...appType, statusSubresource: true }, partType]

/** Creates parts by count from its cache, under generated names: too many when it lags behind its own writes. */
function counting(noise: number): Scenario {
  const counts = controllerOf(
    'counter',
    async (client, request) => {
      const self = await client.tryGet<AnyObject>(appType, request)
      if (self === undefined || self.status?.made === true) return
      const parts = await client.list(partType, { namespace: 'default' })
      if (parts.length < 1)
        await client.create({ ...part('x'), metadata: { generateName: 'p-', namespace: 'default' } } as never)
      await client.status().update({ ...self, status: { made: parts.length > 0 } })
    },
    { owns: [partType], watches: [{ ...partType, requests: () => [{ namespace: 'default', name: 'a' }] }] },
  )
  /** Others that only enlarge the space. */
  const noisy = Array.from({ length: noise }, (_, index) =>
    controllerOf(
      `noise-${index}`,
      async (client, request) => {
        const self = await client.tryGet<AnyObject>(appType, request)
        const done = self?.metadata.labels?.[`n${index}`]
        if (self === undefined || done === '3') return
        await client.patch(
          { type: appType, key: request },
          { metadata: { labels: { [`n${index}`]: String(Number(done ?? 0) + 1) } } },
          { patchType: 'merge' },
        )
      },
      { process: `noise-${index}` },
    ),
  )
  return defineScenario({
    name: 'counting',
    kinds,
    controllers: [counts, ...noisy],
    actions: [create(app('a'))],
    properties: [always('one part', (cluster) => cluster.list(partType, {}).length <= 1)],
  })
}

const options = { granularity: 'reconcile', auditPercent: 0 } as const

function fileOf(finding: ReportFinding, given: object): CounterexampleFile {
  const { profile, granularity } = finding.level
  return {
    formatVersion: 1,
    type: 'counterexample',
    scenario: 's',
    set: {},
    profile,
    granularity,
    options: { ...given },
    finding,
  }
}

function withoutTimes(report: ExploreReport): unknown {
  const { statistics: _, levels, ...rest } = report
  return { ...rest, levels: levels.map(({ elapsedMs: __, ...level }) => level) }
}

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
