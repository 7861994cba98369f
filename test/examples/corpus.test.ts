/** What the acceptance corpus is to be beside its verdicts: twins close to each other, counterexamples without slack. */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type ExploreReport, explore, type ReportFinding, type Scenario } from 'kamera'
import { describe, expect, it } from 'vitest'
import { type Example, explored, findExamples } from './run-example.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const faulty = findExamples().filter(({ name }) => /^corpus\/AC\d+\/faulty$/.test(name))
const twinOf = ({ scenario }: Example) => join(dirname(scenario), 'fixed.ts')

/** Explored as `expected.json` says, once for all tests. */
const known = new Map<string, ReturnType<typeof explored>>()
function asExpected(scenario: string, options: readonly string[] = []): ReturnType<typeof explored> {
  const found = known.get(scenario) ?? explored(scenario, ...options)
  known.set(scenario, found)
  return found
}

describe('a faulty controller and its fixed twin', () => {
  it.each(faulty)('$name: differ in at most 20 lines', ({ scenario }) => {
    const [left, right] = ['controller.ts', 'controller-fixed.ts'].map((file) => codeOf(join(dirname(scenario), file)))
    expect(differingLines(left ?? [], right ?? [])).toBeLessThanOrEqual(20)
  })

  it.concurrent.each(faulty)('$name: rest in the same objects without faults', async (example) => {
    const options = [...(example.expected.options ?? []), '--faults', '0', '--handover', '0']
    const [wrong, right] = await Promise.all(
      [example.scenario, twinOf(example)].map(async (scenario) =>
        restOf((await explored(scenario, ...options)).reports),
      ),
    )
    expect(right).toHaveLength(1)
    // AC13 leaks without any fault, in some of its runs; AC24 never rests.
    const { name } = example
    if (name === 'corpus/AC13/faulty') expect(wrong).toContainEqual(right?.[0])
    else expect(wrong).toEqual(name === 'corpus/AC24/faulty' ? [] : right)
  })
})

describe('a counterexample', () => {
  it.each(faulty.filter(({ expected }) => expected.verdict === 'violated'))(
    '$name: is gone without any one of its faults or user actions',
    async ({ scenario: file, expected }) => {
      const scenario: Scenario = (await import(file)).default
      const { options = [] } = expected
      const handover = options.includes('--handover') ? 1 : 0
      const { reports } = await asExpected(file, options)
      const findings = reports.flatMap((report) => report.findings)
      expect(findings.length).toBeGreaterThan(0)
      for (const finding of findings) {
        const keys = (actions: readonly number[], faults: number) =>
          keysFound(scenario, finding, actions, { faults, handover })
        // A bound that cuts the whole search may leave the smaller ones whole; it is never the other way round.
        if (reports.every(({ exhaustive }) => exhaustive)) expect(finding.minimal).toBe(true)
        expect(await keys([], finding.faults)).toContain(finding.key)
        if (finding.faults > 0) expect(await keys([], finding.faults - 1)).not.toContain(finding.key)
        for (const index of actionsOf(scenario, finding))
          expect(await keys([index], finding.faults)).not.toContain(finding.key)
      }
    },
  )
})

/** The rows of the acceptance corpus: its oracle, its profiles, and how many steps it may take to show it. */
const EVERYWHERE = ['lagging', 'linearizable', 'read-your-writes', 'consistency-store', 'legacy-restart', 'legacy-fifo']
/** Where a process may miss what it wrote itself: what may happen under `lagging` may happen under both legacies. */
const LATE_FOR_OWN = ['lagging', 'legacy-restart', 'legacy-fifo']
const LATE = [...LATE_FOR_OWN, 'read-your-writes', 'consistency-store']
const ROWS: Readonly<Record<string, readonly [oracle: string, profiles: readonly string[], steps: number]>> = {
  AC01: ['no-delete-on-stale-evidence', ['legacy-restart'], 12],
  AC03: ['no-delete-on-stale-evidence', LATE, 12],
  AC05: ['no-delete-on-stale-evidence', LATE, 12],
  AC08: ['same-outcome', EVERYWHERE, 6],
  AC10: ['no-error-loop', EVERYWHERE, 12],
  AC13: ['no-leak', EVERYWHERE, 10],
  AC14: ['history-independent', EVERYWHERE, 10],
  AC16: ['no-create-for-dead-owner', EVERYWHERE, 8],
  AC17: ['always', LATE_FOR_OWN, 6],
  AC19: ['always', LATE_FOR_OWN, 10],
  AC20: ['no-leak', LATE_FOR_OWN, 8],
  AC21: ['no-leak', EVERYWHERE, 6],
  AC23: ['no-lost-update', EVERYWHERE, 8],
  AC24: ['comes-to-rest', EVERYWHERE, 6],
  AC25: ['always', LATE_FOR_OWN, 8],
  AC28: ['always', EVERYWHERE, 10],
}

describe('the row of a bug', () => {
  it('is there for each', () => {
    expect(faulty.map(({ name }) => name.split('/')[1])).toEqual(Object.keys(ROWS))
  })

  it.each(faulty)(
    '$name: has its oracle, exactly its profiles, and no more steps',
    async ({ name, scenario, expected }) => {
      const [oracle, profiles, steps] = ROWS[name.split('/')[1] ?? ''] ?? ['', [], 0]
      const { reports } = await asExpected(scenario, expected.options)
      const findings = reports.flatMap((report) => report.findings).filter((finding) => finding.oracle === oracle)
      expect(findings.length).toBeGreaterThan(0)
      const found = new Set(findings.flatMap((finding) => finding.profiles))
      expect([...found].sort()).toEqual([...profiles].sort())
      expect(Math.min(...findings.map((finding) => finding.steps))).toBeLessThanOrEqual(steps)
    },
  )

  it('AC01: is found under no other profile', async () => {
    const scenario = faulty.find(({ name }) => name === 'corpus/AC01/faulty')?.scenario ?? ''
    const others = EVERYWHERE.filter((profile) => profile !== 'legacy-restart')
    const { reports } = await explored(scenario, ...others.flatMap((profile) => ['--profile', profile]))
    expect(reports.map(({ verdict, exhaustive }) => ({ verdict, exhaustive }))).toEqual([
      { verdict: 'holds', exhaustive: true },
    ])
  })
})

describe('AC17, where a process sees its own writes', () => {
  const scenario = faulty.find(({ name }) => name === 'corpus/AC17/faulty')?.scenario ?? ''
  it.each([
    ['is clean, also with a crash', [], 'holds', []],
    ['is back with a second instance', ['--handover', '1'], 'violated', ['always', 'same-outcome']],
  ] as const)('%s', async (_, options, verdict, oracles) => {
    for (const profile of ['read-your-writes', 'consistency-store']) {
      const { reports } = await explored(scenario, '--profile', profile, ...options)
      expect(reports.map((report) => report.verdict)).toEqual([verdict])
      expect(reports.flatMap(({ findings }) => findings.map(({ oracle }) => oracle)).sort()).toEqual(oracles)
    }
  })
})

it('npm run corpus prints a row each', async () => {
  const command = [join(root, 'scripts/corpus.mjs'), '--json', 'AC17', 'T2']
  const { stdout } = await promisify(execFile)('node', command, { cwd: root })
  const rows = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(rows).toMatchObject([
    { id: 'AC17', variant: 'faulty', verdict: 'violated', oracle: 'always', steps: 3 },
    { id: 'AC17', variant: 'fixed', verdict: 'holds', profiles: [] },
    { id: 'T2', variant: 'scenario', verdict: 'holds' },
  ])
  expect(rows.every(({ states, reconcilesExecuted, ms }) => Math.min(states, reconcilesExecuted, ms) > 0)).toBe(true)
})

/** Lines of code, without the comment at the top, which says what differs. */
function codeOf(file: string): readonly string[] {
  const text = readFileSync(file, 'utf8')
  return text.slice(text.indexOf('*/\n') + 3).split('\n')
}

/** Lines that only one of them has, by a longest common subsequence. */
function differingLines(left: readonly string[], right: readonly string[]): number {
  let common = right.map(() => 0).concat(0)
  for (const line of left) {
    const before = common
    common = [0]
    for (const [index, other] of right.entries()) {
      common.push(line === other ? (before[index] ?? 0) + 1 : Math.max(before[index + 1] ?? 0, common[index] ?? 0))
    }
  }
  return left.length + right.length - 2 * (common.at(-1) ?? 0)
}

/** The objects of each outcome. Siblings are counted, not told apart: AC28 mends a name. */
function restOf(reports: readonly ExploreReport[]): readonly (readonly string[])[] {
  const sibling = (name: string) => name.replace(/-(<\d+>|\d+)$/, '-*')
  const all = reports.flatMap(({ outcomes }) => outcomes.map(({ objects }) => objects.map(sibling).sort().join()))
  return [...new Set(all)].map((objects) => objects.split(','))
}

/** Places in the scenario of the user's actions that a finding needs. */
function actionsOf({ actions = [] }: Scenario, { without, path }: ReportFinding): readonly number[] {
  const left = new Set(without?.actions.map(({ index }) => index))
  const taken = path.actions.filter((name) => name === 'user' || name.startsWith('user ')).length
  return actions
    .map((_, index) => index)
    .filter((index) => !left.has(index))
    .slice(0, taken)
}

/** What the level of a finding finds when its scenario lacks what the finding does without, and `actions` besides. */
async function keysFound(
  scenario: Scenario,
  { without, level }: ReportFinding,
  actions: readonly number[],
  budget: { readonly faults: number; readonly handover: number },
): Promise<readonly string[]> {
  const leftOut = new Set([...actions, ...(without?.actions ?? []).map(({ index }) => index)])
  const objects = new Set((without?.objects ?? []).map(({ index }) => index))
  const smaller = {
    ...scenario,
    ...(scenario.actions === undefined ? {} : { actions: scenario.actions.filter((_, index) => !leftOut.has(index)) }),
    ...(scenario.objects === undefined ? {} : { objects: scenario.objects.filter((_, index) => !objects.has(index)) }),
  }
  const { profile, granularity } = level
  const report = await explore(smaller, { ...budget, granularity, profiles: [profile] })
  return report.findings.map(({ key }) => key)
}
