import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runCommandLine } from '#cli/command-line.ts'
import type { ExploreFunction, ReplayFunction, SimulateFunction, Verbs } from '#cli/verbs.ts'
import { SEARCHED_PROFILES } from '#exploration/options.ts'
import type { ExploreReport } from '#trace/report.ts'
import { forkedOutcome, pathWithStaleRead, reportWith, staleDeletion } from './reports.ts'
import { type FakeTerminal, fakeTerminal } from './terminal.ts'

const scenarios = join(import.meta.dirname, 'scenarios')

interface Run {
  readonly status: number
  readonly out: string
  readonly error: string
  readonly terminal: FakeTerminal
  /** What the search was asked for, one entry a call. */
  readonly asked: readonly Parameters<ExploreFunction>[]
}

/** Runs a command line whose `{parametrised}` stands for a scenario; `explore` answers with the report. */
async function run(
  line: string,
  report: ExploreReport = reportWith([]),
  more: Partial<{
    terminal: FakeTerminal
    explore: ExploreFunction
    replay: ReplayFunction
    simulate: SimulateFunction
  }> = {},
): Promise<Run> {
  const terminal = more.terminal ?? fakeTerminal()
  const asked: Parameters<ExploreFunction>[] = []
  const explore: ExploreFunction = async (scenario, options) => {
    asked.push([scenario, options])
    return more.explore === undefined ? report : more.explore(scenario, options)
  }
  const verbs: Verbs = {
    explore: async () => explore,
    simulate: async () => more.simulate ?? (() => Promise.reject(new Error('not asked for'))),
    replay: async () => more.replay ?? (async () => ({ status: 'gone', message: '', path: pathWithStaleRead })),
    replayTrace: async () => () => Promise.reject(new Error('not asked for')),
    record: async () => () => Promise.reject(new Error('not asked for')),
    serve: async () => (await import('#serve.ts')).serve,
  }
  const words = line
    .split(' ')
    .map((word) => word.replace(/^\{(.*)\}$/, (_, name) => relative(terminal.workingDirectory, join(scenarios, name))))
  const status = await runCommandLine(words, terminal, verbs)
  return { status, out: terminal.outs.join(''), error: terminal.errors.join(''), terminal, asked }
}

describe('kamera explore', () => {
  it('exits with 0 when nothing is violated and with 1 when something is', async () => {
    expect(await run('explore {parametrised.ts}')).toMatchObject({
      status: 0,
      error: '',
      out: expect.stringContaining('✓ zookeeper: holds'),
    })
    expect(await run('explore {parametrised.ts}', reportWith([staleDeletion]))).toMatchObject({
      status: 1,
      out: expect.stringContaining('✗ zookeeper: violated'),
    })
  })

  it('exits with 3 for an inconclusive search only where an exhaustive one is required', async () => {
    const inconclusive = reportWith([], { verdict: 'inconclusive', exhaustive: false })
    expect((await run('explore {parametrised.ts}', inconclusive)).status).toBe(0)
    expect((await run('explore {parametrised.ts} --require-exhaustive', inconclusive)).status).toBe(3)
    expect(
      (await run('explore {parametrised.ts} --require-exhaustive', reportWith([staleDeletion], { exhaustive: false })))
        .status,
    ).toBe(1)
  })

  it('tells the search only what the user said', async () => {
    const line =
      'explore {parametrised.ts} --faults 2 --api-error 1 --lag-max 4 --time-max 1h --profile lagging --profile linearizable --queue priority ' +
      '--granularity write --shuffle-lists --reduction symmetry,partition --memory-max 500 --time-limit 60s --seed 7 --audit 5 --stop-at-first'
    const { asked } = await run(line)
    const { signal, onProgress, wallClock, ...told } = asked[0]![1]
    expect(told).toEqual({
      faults: 2,
      apiError: 1,
      lagMax: 4,
      timeMaxMs: 3_600_000,
      profiles: ['lagging', 'linearizable'],
      queue: 'priority',
      granularity: 'write',
      shuffleLists: true,
      reduction: ['symmetry', 'partition'],
      memoryMaxMb: 500,
      timeLimitMs: 60_000,
      seed: 7,
      auditPercent: 5,
      stopAtFirst: true,
    })
    expect(Object.keys((await run('explore {parametrised.ts}')).asked[0]![1]).sort()).toEqual([
      'onProgress',
      'signal',
      'wallClock',
    ])
    expect((await run('explore {parametrised.ts} --profile all --reduction none')).asked[0]![1]).toMatchObject({
      profiles: [...SEARCHED_PROFILES],
      reduction: 'none',
    })
  })

  it('passes parameters to the scenario', async () => {
    const { asked } = await run('explore {parametrised.ts} --set n=3 --set label=7')
    expect(asked[0]![0].objects).toHaveLength(3)
    expect(asked[0]![0].objects?.[0]).toMatchObject({ metadata: { labels: { label: 7 } } })
  })

  it('warns of a parameter that nobody reads', async () => {
    const { status, error } = await run('explore {parametrised.ts} --set lable=x')
    expect(status).toBe(0)
    expect(error).toMatch(
      /^warning: The scenario .*parametrised\.ts does not read the parameter lable \(did you mean "label"\?\)\.\n$/,
    )
  })

  it('prints one JSON object a line, and writes counterexamples with that too', async () => {
    const { out, terminal } = await run(
      'explore --json {parametrised.ts} {settled.ts}',
      reportWith([staleDeletion, forkedOutcome]),
    )
    const reports = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as ExploreReport)
    expect(reports.map((report) => report.findings.map((finding) => finding.replay))).toEqual([
      [
        'kamera replay .kamera/zookeeper/no-delete-on-stale-evidence-1f3a.json',
        'kamera replay .kamera/zookeeper/same-outcome-77.json',
      ],
      [
        'kamera replay .kamera/zookeeper-2/no-delete-on-stale-evidence-1f3a.json',
        'kamera replay .kamera/zookeeper-2/same-outcome-77.json',
      ],
    ])
    expect(readdirSync(join(terminal.workingDirectory, '.kamera'))).toEqual(['zookeeper', 'zookeeper-2'])
    const file = JSON.parse(
      readFileSync(join(terminal.workingDirectory, '.kamera/zookeeper/same-outcome-77.json'), 'utf8'),
    )
    expect(file).toMatchObject({
      formatVersion: 1,
      type: 'counterexample',
      set: {},
      profile: 'lagging',
      granularity: 'reconcile',
      finding: { id: 'same-outcome-77' },
    })
  })

  it('explores every scenario below a folder, and sums up', async () => {
    const { status, out, asked } = await run('explore {folder}')
    expect(asked.map(([scenario]) => scenario.name)).toEqual(['two-maps', 'one-map'])
    expect(status).toBe(0)
    expect(out).toMatch(
      /scenario +verdict +states +time +findings\n.*folder\/a\/scenario\.ts +holds .*\n.*folder\/b\/scenario\.ts +holds .*\n$/,
    )
  })

  it('goes on after a scenario that cannot be used, and exits with 2', async () => {
    const { status, out, error } = await run(
      'explore {manifest-missing.ts} {parametrised.ts}',
      reportWith([staleDeletion]),
    )
    expect(status).toBe(2)
    expect(error.replace(/\s+/g, ' ')).toContain('manifest-missing.ts, objects[0] names does not exist.')
    expect(out).toContain('✗ zookeeper: violated')
    expect(out).toMatch(/manifest-missing\.ts +error/)
  })

  it('resolves the manifests of objects and actions beside the scenario', async () => {
    const { asked } = await run('explore {folder/a/scenario.ts}')
    const scenario = asked[0]![0]
    expect(scenario.objects).toMatchObject([{ metadata: { name: 'one' } }, { metadata: { name: 'two' } }])
    expect(scenario.actions).toEqual([
      { type: 'apply', at: 'rest', manifest: expect.objectContaining({ metadata: { name: 'one' } }) },
      { type: 'apply', manifest: expect.objectContaining({ metadata: { name: 'two' } }) },
      { type: 'remove', target: { apiVersion: '', kind: 'ConfigMap', name: 'one' } },
    ])
    expect(scenario.directory).toBe(join(scenarios, 'folder/a'))
  })

  it('prints what was found so far at Ctrl-C, begins no other scenario, and ends at once at the second', async () => {
    const terminal = fakeTerminal()
    const explore: ExploreFunction = async (_scenario, { signal }) => {
      terminal.interrupt()
      expect(signal?.aborted).toBe(true)
      expect(terminal.exits).toEqual([])
      terminal.interrupt()
      return reportWith([staleDeletion], { exhaustive: false })
    }
    const { status, out, error, asked } = await run('explore {parametrised.ts} {settled.ts}', undefined, {
      terminal,
      explore,
    })
    expect(error).toContain('Stopping; what was found so far follows')
    expect(out).toContain('✗ zookeeper: violated')
    expect(out).toContain('1 scenario not explored (interrupted)')
    expect([status, asked.length, terminal.exits]).toEqual([1, 1, [130]])
  })

  it('calls a fault of its own by that name, with the stack only for --debug', async () => {
    const explore: ExploreFunction = async () => {
      throw new RangeError('index out of range')
    }
    const plain = await run('explore {parametrised.ts}', undefined, { explore })
    expect(plain).toMatchObject({
      status: 70,
      error: expect.stringContaining('internal error: RangeError: index out of range'),
    })
    expect(plain.error).not.toContain('    at ')
    expect((await run('explore {parametrised.ts} --debug', undefined, { explore })).error).toContain('    at ')
  })

  it('keeps the verdict when counterexamples cannot be written', async () => {
    const terminal = fakeTerminal()
    writeFileSync(join(terminal.workingDirectory, '.kamera'), 'a file where the folder should be')
    const { status, error } = await run('explore {parametrised.ts}', reportWith([staleDeletion]), { terminal })
    expect(status).toBe(1)
    expect(error).toContain(
      'warning: The counterexample .kamera/zookeeper/no-delete-on-stale-evidence-1f3a.json was not written',
    )
  })
})

describe('kamera replay', () => {
  async function written(): Promise<FakeTerminal> {
    const terminal = fakeTerminal()
    await run('explore {parametrised.ts} --set n=1', reportWith([staleDeletion]), { terminal })
    terminal.outs.length = 0
    return terminal
  }
  const file = '.kamera/zookeeper/no-delete-on-stale-evidence-1f3a.json'

  it.each([
    ['reproduced', 1, '✗ reproduced: no-delete-on-stale-evidence is violated again.'],
    ['gone', 0, '✓ gone: the path can be followed to its end'],
    ['diverged', 3, '? diverged: the path cannot be followed, step 2 is the first that differs.'],
  ] as const)('says that the finding is %s, and exits with %i', async (status, exitStatus, verdict) => {
    const terminal = await written()
    const replay: ReplayFunction = async (scenario) => {
      expect(scenario.objects).toHaveLength(1)
      return { status, divergedAt: 1, message: 'the message of the replay', path: pathWithStaleRead }
    }
    const result = await run(`replay ${file}`, undefined, { terminal, replay })
    expect(result.status).toBe(exitStatus)
    expect(result.out).toContain(' 2  zookeeper-operator reconciles default/zk')
    expect(result.out).toContain(verdict)
    expect(result.out).toContain('the message of the replay')
    terminal.outs.length = 0
    const json = JSON.parse((await run(`replay ${file} --json`, undefined, { terminal, replay })).out)
    expect(json).toMatchObject({
      formatVersion: 1,
      status,
      message: 'the message of the replay',
      path: { actions: ['a0', 'a1', 'a2'] },
    })
  })

  it('refuses a file that is not a counterexample, and says when the scenario is gone', async () => {
    const terminal = await written()
    writeFileSync(join(terminal.workingDirectory, 'bad.json'), '{')
    expect(await run('replay bad.json', undefined, { terminal })).toMatchObject({
      status: 2,
      error: expect.stringContaining('The file bad.json is not JSON'),
    })
    const content = JSON.parse(readFileSync(join(terminal.workingDirectory, file), 'utf8'))
    writeFileSync(
      join(terminal.workingDirectory, 'gone.json'),
      JSON.stringify({ ...content, scenario: 'gone/scenario.ts' }),
    )
    const gone = await run('replay gone.json', undefined, { terminal })
    expect(gone.status).toBe(2)
    expect(gone.error).toContain('The scenario gone/scenario.ts of the counterexample gone.json is gone.')
  })
})

describe('kamera explain', () => {
  it('explains an oracle and a profile, lists all, and as JSON', async () => {
    expect((await run('explain no-churn')).out).toMatch(
      /^no-churn \(oracle\)[\s\S]*What it flags[\s\S]*Why it is a bug[\s\S]*What it can miss[\s\S]*How to switch it off/,
    )
    expect((await run('explain lagging')).out).toMatch(/^lagging \(profile\)/)
    expect((await run('explain')).out).toContain('same-outcome')
    expect(JSON.parse((await run('explain no-churn --json')).out)).toMatchObject({ type: 'oracle', name: 'no-churn' })
  })

  it('suggests the name that was meant', async () => {
    expect(await run('explain same-outcom')).toMatchObject({
      status: 2,
      error: expect.stringContaining('did you mean "same-outcome"?'),
    })
  })
})

describe('wrong usage', () => {
  it.each([
    ['exploer {parametrised.ts}', 'There is no verb exploer (did you mean "explore"?).'],
    ['help exploer', 'There is no verb exploer'],
    ['explore', 'No scenario is given.'],
    ['explore --fautls 1 {parametrised.ts}', "Unknown option '--fautls' (did you mean --faults?)."],
    ['explore --faults', "Option '--faults <n>' argument missing."],
    ['explore --faults -1 {parametrised.ts}', '--faults -1 is not a number that it can have.'],
    ['explore --profile legacy {parametrised.ts}', '--profile legacy is not known.'],
    ['explore --strategy bfs {parametrised.ts}', '--strategy bfs is not known.'],
    ['explore --reduction symetry {parametrised.ts}', '--reduction symetry is not known (did you mean "symmetry"?).'],
    ['explore --reduction none,symmetry {parametrised.ts}', '--reduction none,symmetry says both none and names.'],
    ['explore --granularity reconciles {parametrised.ts}', 'is not known (did you mean "reconcile"?)'],
    ['explore --time-limit 60 {parametrised.ts}', 'Write --time-limit 60s.'],
    ['explore --set n {parametrised.ts}', '--set n is not of the form NAME=VALUE.'],
    ['explore {settled.ts} --set n=1', 'takes no parameters, but --set gives n.'],
    ['explore nothing.ts', 'There is no scenario at nothing.ts.'],
    ['explore {folder/maps.yaml}', 'is not a scenario.'],
    ['replay', "Missing required argument 'file'."],
    ['replay a b', 'Too many arguments'],
  ])('%s exits with 2 and says why', async (line, message) => {
    const { status, out, error, asked } = await run(line)
    expect(error.replace(/\s+/g, ' ')).toContain(message)
    expect(error).toMatch(/^kamera: [\s\S]*\nwhy: [\s\S]*\ndo: {2}/)
    expect({ status, out, asked: asked.length }).toEqual({ status: 2, out: '', asked: 0 })
  })
})

describe('help', () => {
  it.each(['--help', 'explore --help', 'replay --help', 'explain --help', 'help explore', 'help'])(
    '%s goes to stdout and exits with 0',
    async (line) => {
      const { status, out, error, terminal } = await run(line)
      expect({ status, error }).toEqual({ status: 0, error: '' })
      expect(out).toMatch(/^Usage: kamera/)
      expect(readdirSync(terminal.workingDirectory)).toEqual([])
    },
  )

  it('has every option of the search', async () => {
    const { out } = await run('explore --help')
    for (const option of 'faults stale crash lag-max time-max profile queue granularity strategy reduction verify-reductions depth-max states-max memory-max time-limit seed set audit stop-at-first require-exhaustive json'.split(
      ' ',
    )) {
      expect(out).toContain(`  --${option}`)
    }
  })
})

describe('kamera simulate', () => {
  const simulation = {
    strategy: 'random',
    seed: 5,
    runs: 3,
    steps: 30,
    runsPerSecond: 100,
    ended: { end: 2, steps: 1, cut: 0 },
    stepsMax: 20,
  } as const

  it('prints how the runs went and the seed of a finding, and exits with 1', async () => {
    const report = { ...reportWith([staleDeletion]), simulation, findings: [{ ...staleDeletion, seeds: [6] }] }
    const simulate: SimulateFunction = async (_, options) => {
      expect(options).toMatchObject({ strategy: 'pct', seed: 5, runs: 3, faults: 2, profile: 'lagging' })
      return report
    }
    const line = 'simulate {parametrised.ts} --strategy pct --seed 5 --runs 3 --faults 2 --profile lagging'
    const { status, out } = await run(line, undefined, { simulate })
    expect(status).toBe(1)
    expect(out).toContain('3 runs (random, seeds 5 to 7) · 30 steps · 100 runs/s · 2 until nothing was left to do')
    expect(out).toMatch(/seed 6: kamera simulate \S+parametrised.ts --seed 6 --runs 1/)
  })

  it('prints one object with --json, and exits with 0 when nothing is violated', async () => {
    const report = { ...reportWith([], { verdict: 'inconclusive', exhaustive: false }), simulation }
    const { status, out } = await run('simulate {parametrised.ts} --json', undefined, { simulate: async () => report })
    expect(status).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ verdict: 'inconclusive', simulation: { runs: 3 } })
  })

  it.each([
    ['--strategy breadth-first', '--strategy breadth-first is not known'],
    ['--seed x', '--seed x is not a number'],
    ['--profile eventual', '--profile eventual is not known'],
    ['--reduction all', "Unknown option '--reduction'"],
  ])('refuses %s', async (words, message) => {
    const { status, error } = await run(`simulate {parametrised.ts} ${words}`)
    expect([status, error]).toEqual([2, expect.stringContaining(message)])
  })
})
