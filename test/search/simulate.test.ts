/** Seeded runs: the same seed gives the same run, and a finding's seed alone shows it again. */
import { describe, expect, test } from 'vitest'
import { replay } from '#replay.ts'
import { simulate } from '#simulate.ts'
import { counting, fileOf, withoutTimes } from './counting.ts'

const quick = { auditPercent: 0 } as const

describe.each(['random', 'pct'] as const)('simulate with %s', (strategy) => {
  test('finds the bug, says with which seed, and that run alone shows it', async () => {
    const given = { ...quick, strategy, runs: 600, seed: 3 }
    const report = await simulate(counting(0), given)
    expect(report).toMatchObject({
      verdict: 'violated',
      exhaustive: false,
      simulation: { runs: 600, seed: 3, strategy },
    })
    const finding = report.findings.find(({ oracle }) => oracle === 'always')
    const [seed] = finding?.seeds ?? []
    expect(seed).toBeGreaterThanOrEqual(3)
    const alone = await simulate(counting(0), { ...given, seed: seed as number, runs: 1 })
    expect(alone.findings.map(({ key }) => key)).toContain(finding?.key)
    for (const each of report.findings) {
      const file = fileOf(each, { auditPercent: 0, strategy, reduction: 'none' })
      expect(await replay(counting(0), file)).toMatchObject({ status: 'reproduced' })
    }
  })

  test('is the same every time', async () => {
    const once = async (): Promise<unknown> => {
      const { simulation, ...report } = await simulate(counting(1), { ...quick, strategy, runs: 200, seed: 9 })
      return [withoutTimes(report), { ...simulation, runsPerSecond: 0 }]
    }
    expect(await once()).toEqual(await once())
  })
})

test('without a finding nothing is said to hold', async () => {
  const report = await simulate(counting(0), { ...quick, faults: 0, runs: 30 })
  expect(report).toMatchObject({ verdict: 'inconclusive', findings: [], simulation: { ended: { end: 30 } } })
})

test('with stop-at-first it stops with the round that finds something', async () => {
  const report = await simulate(counting(0), { ...quick, runs: 10_000, stopAtFirst: true })
  expect(report.verdict).toBe('violated')
  expect(report.simulation.runs).toBeLessThan(10_000)
})

test('what was run before an interruption is judged', async () => {
  const controller = new AbortController()
  let calls = 0
  const onProgress = (): void => {
    if (++calls === 3) controller.abort()
  }
  let now = 0
  const wallClock = (): number => (now += 10)
  const report = await simulate(counting(1), {
    ...quick,
    runs: 100_000,
    signal: controller.signal,
    onProgress,
    wallClock,
  })
  expect(report.simulation.runs).toBeGreaterThan(0)
  expect(report.simulation.runs).toBeLessThan(100_000)
})
