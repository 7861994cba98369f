/** Every example through the real command line: what `expected.json` says, with reductions and without, twice alike. */
import type { ExploreReport } from 'kamera'
import { describe, expect, it } from 'vitest'
import { type Example, explored, findExamples, kamera } from './run-example.ts'

const examples = findExamples()
const named = (name: string) => examples.find((example) => example.name === name) as Example
const paths = (list: readonly Example[]) => list.map(({ scenario }) => scenario)
const unique = (names: readonly string[]) => [...new Set(names)].sort()

/** One run of each example with its own options serves all tests that look at it. */
const firstRuns = new Map<string, ReturnType<typeof explored>>()
function firstRun({ scenario, expected }: Example): ReturnType<typeof explored> {
  let run = firstRuns.get(scenario)
  if (run === undefined) firstRuns.set(scenario, (run = explored(scenario, ...(expected.options ?? []))))
  return run
}

/** What an `expected.json` speaks of. */
function summary({ verdict, findings, outcomes }: ExploreReport) {
  return {
    verdict,
    oracles: unique(findings.map(({ oracle }) => oracle)),
    profiles: unique(findings.flatMap(({ profiles }) => profiles)),
    outcomes: outcomes.length,
  }
}

describe('an example', () => {
  it.concurrent.each(examples)('$name is as expected', async (example) => {
    const { options: _, ...expected } = example.expected
    const { reports, run } = await firstRun(example)
    expect(reports.map(summary)).toEqual([
      { ...expected, oracles: unique(expected.oracles), profiles: unique(expected.profiles) },
    ])
    expect(run.status).toBe(expected.verdict === 'violated' ? 1 : 0)
    // A bug stands whatever was cut; that there is none is said of all runs only.
    if (expected.verdict === 'holds') expect(reports[0]?.exhaustive).toBe(true)
  })

  it.concurrent.each(examples.filter(({ expected }) => expected.verdict === 'violated'))(
    '$name: its findings are there again in a replay',
    async (example) => {
      const { reports, run } = await firstRun(example)
      const findings = reports.flatMap((report) => report.findings)
      expect(findings.length).toBeGreaterThan(0)
      for (const { replay } of findings) {
        const [program, verb, file = ''] = replay.split(' ')
        expect([program, verb]).toEqual(['kamera', 'replay'])
        expect(await kamera(['replay', file], run.folder)).toMatchObject({ status: 1 })
      }
    },
  )

  it.concurrent.each([named('parity/mode-flip'), named('corpus/AC17/faulty'), named('zookeeper')])(
    '$name gives the same report twice',
    async (example) => {
      const again = await explored(example.scenario, ...(example.expected.options ?? []))
      const once = await firstRun(example)
      expect(timeless(again.run.out)).toBe(timeless(once.run.out))
    },
  )
})

/** Without what no two runs have in common: time and memory. */
function timeless(json: string): string {
  return json.replaceAll(/"(elapsedMs|statesPerSecond|peakRssBytes)":\d+/g, '"$1":0')
}

describe('reductions change no outcome and no verdict', () => {
  const withAndWithout = async (list: readonly Example[], options: readonly string[]) => {
    const [none, all] = await Promise.all(
      ['none', 'all'].map(async (reduction) => explored(...paths(list), ...options, '--reduction', reduction)),
    )
    const seen = (reports: readonly ExploreReport[] = []) =>
      reports.map((report) => ({
        scenario: report.scenario,
        ...summary(report),
        fingerprints: unique(report.outcomes.map(({ fingerprint }) => fingerprint)),
      }))
    expect(seen(none?.reports)).toHaveLength(list.length)
    expect(seen(all?.reports)).toEqual(seen(none?.reports))
    const states = (reports: readonly ExploreReport[] = []) =>
      reports.reduce((sum, { statistics }) => sum + statistics.statesDistinct, 0)
    expect(states(all?.reports)).toBeLessThan(states(none?.reports))
  }

  // The rollout takes half a minute without reductions (156,421 states): `npm run bench` is the place for it.
  const small = examples.filter(({ name }) => name !== 'rollout')
  it.concurrent('of any example, by whole reconciles', () => withAndWithout(small, ['--granularity', 'reconcile']))

  it.concurrent('of the systems of the reference, write by write, without faults', () => {
    const parity = examples.filter(({ name }) => name.startsWith('parity/'))
    return withAndWithout(parity, ['--faults', '0'])
  })
})

describe('counts that are known', () => {
  const independent = named('independent').scenario
  it.concurrent.each([
    {
      set: ['n=4', 'w=1'],
      reduction: 'none',
      statesDistinct: 81,
      transitions: 216,
      storesDistinct: 16,
      reconcilesExecuted: 8,
    },
    {
      set: ['n=6', 'w=1'],
      reduction: 'none',
      statesDistinct: 729,
      transitions: 2916,
      storesDistinct: 64,
      reconcilesExecuted: 12,
    },
    {
      set: ['n=4', 'w=2'],
      reduction: 'none',
      statesDistinct: 256,
      transitions: 768,
      storesDistinct: 81,
      reconcilesExecuted: 12,
    },
    {
      set: ['n=6', 'w=1'],
      reduction: 'no-op-absorption',
      statesDistinct: 256,
      transitions: 384,
      storesDistinct: 64,
      reconcilesExecuted: 12,
    },
  ])('independent $set, reduction $reduction: $statesDistinct states', async ({ set, reduction, ...statistics }) => {
    const parameters = set.flatMap((parameter) => ['--set', parameter])
    const { reports } = await explored(independent, '--faults', '0', '--reduction', reduction, ...parameters)
    expect(reports).toMatchObject([
      {
        verdict: 'holds',
        exhaustive: true,
        statistics: { ...statistics, statesGenerated: statistics.transitions + 1 },
      },
    ])
    expect(reports[0]?.outcomes).toHaveLength(1)
  })

  it.concurrent.each([
    { name: 'parity/trivial', statesDistinct: 6 },
    { name: 'parity/mode-flip', statesDistinct: 17 },
    { name: 'parity/toggle', statesDistinct: 7 },
  ])('$name has the $statesDistinct states of the reference', async ({ name, statesDistinct }) => {
    const options = ['--faults', '0', '--granularity', 'reconcile', '--reduction', 'none']
    const { reports } = await explored(named(name).scenario, ...options)
    expect(reports[0]?.statistics.statesDistinct).toBe(statesDistinct)
  })
})
