/** What is made of violations: as little as shows them, and the profiles under which they are found. */
import { describe, expect, test } from 'vitest'
import { create, defineScenario, patch, type Scenario } from '#cluster/scenario.ts'
import { defineController } from '#controller/define-controller.ts'
import type { Progress } from '#exploration/options.ts'
import { explore } from '#explore.ts'
import { always, eventually, sometimes } from '#properties/user.ts'
import { replay } from '#replay.ts'
import type { ReportFinding } from '#trace/report.ts'
import { superfluousParts } from './one-minimal.ts'

const set = { apiVersion: 'example.com/v1', kind: 'Set' }
const member = { apiVersion: 'example.com/v1', kind: 'Member' }
const note = { apiVersion: 'v1', kind: 'ConfigMap' }
const web = { namespace: 'default', name: 'web' }

/** Counts its members in a cache, and gives them generated names. */
const counting = defineController({
  name: 'set-operator',
  for: set,
  owns: [member],
  reconciler: ({ client }) => ({
    async reconcile({ namespace = '', name }) {
      const wanted = await client.tryGet(set, { namespace, name })
      if (wanted === undefined) return
      const members = await client.list(member, { namespace })
      const ownerReferences = [{ ...set, name, uid: wanted.metadata.uid, controller: true }]
      for (let count = members.length; count < wanted.spec.size; count++)
        await client.create({ ...member, metadata: { namespace, generateName: `${name}-`, ownerReferences } })
      await client.status().update({ ...wanted, status: { size: wanted.spec.size } })
    },
  }),
})

/** A Secret, then a second one that nobody makes if the process dies between them. */
const pair = defineController({
  name: 'pair-operator',
  for: set,
  reconciler: ({ client }) => ({
    async reconcile({ namespace = '', name }) {
      const secret = (which: string) => ({
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { namespace, name: `${name}-${which}` },
      })
      if ((await client.tryGet(set, { namespace, name })) === undefined) return
      const first = await client.tryGet({ apiVersion: 'v1', kind: 'Secret' }, { namespace, name: `${name}-a` })
      if (first !== undefined) return
      await client.create(secret('a'))
      await client.create(secret('b'))
    },
  }),
})

const kinds = [set, member]
const createWeb = create({ ...set, metadata: web, spec: { size: 1 } })
const oneMember = always('at most one member', (cluster) => cluster.list(member).length <= 1)

function withNoise(name: string, controllers: Scenario['controllers']): Scenario {
  return defineScenario({
    name,
    kinds,
    objects: [{ ...note, metadata: { namespace: 'default', name: 'there' } }],
    controllers,
    actions: [
      create({ ...note, metadata: { namespace: 'default', name: 'early' } }),
      createWeb,
      patch({ ...note, namespace: 'default', name: 'early' }, { data: { late: 'yes' } }),
    ],
    properties: [oneMember],
  })
}

async function findingsOf(scenario: Scenario): Promise<readonly ReportFinding[]> {
  const report = await explore(scenario, { auditPercent: 0 })
  expect(report.exhaustive).toBe(true)
  return report.findings
}

describe('a counterexample', () => {
  const noisy = withNoise('noisy', [counting])

  test('leaves out the user actions and objects that it does not need', async () => {
    const [broken, ...others] = await findingsOf(noisy)
    expect(broken?.oracle).toBe('always')
    expect(broken?.without?.actions.map(({ index }) => index)).toEqual([0, 2])
    expect(broken?.without?.objects).toEqual([{ index: 0, title: 'ConfigMap default/there' }])
    expect(broken).toMatchObject({ faults: 1, steps: 3, minimal: true })
    expect(others.map(({ oracle }) => oracle)).toEqual(['same-outcome'])
    expect(others[0]).toMatchObject({ faults: 1, steps: 4, minimal: true })
  })

  test('has no fault and no user action that it could do without', async () => {
    for (const finding of await findingsOf(noisy)) expect(await superfluousParts(noisy, finding)).toEqual([])
  })
})

describe('the profiles of a finding', () => {
  const profilesOf = async (controllers: Scenario['controllers']): Promise<readonly (readonly string[])[]> => {
    const scenario = defineScenario({
      name: 'labels',
      kinds,
      controllers,
      actions: [createWeb],
      properties: [oneMember],
    })
    return (await findingsOf(scenario)).map(({ profiles }) => profiles)
  }

  test('are those in which a cache may be late, for a count in a cache', async () => {
    for (const profiles of await profilesOf([counting]))
      expect([...profiles].sort()).toEqual(['lagging', 'legacy-fifo', 'legacy-restart'])
  })

  test('are all, for a crash between two writes', async () => {
    const [profiles = []] = await profilesOf([pair])
    expect([...profiles].sort()).toEqual([
      'consistency-store',
      'lagging',
      'legacy-fifo',
      'legacy-restart',
      'linearizable',
      'read-your-writes',
    ])
  })
})

describe('a baseline', () => {
  const scenario = defineScenario({
    name: 'known',
    kinds,
    controllers: [counting],
    actions: [createWeb],
    properties: [oneMember],
  })
  const known = ['always "at most one member": set-operator create Member', 'same-outcome: set-operator create Member']

  test('takes known findings out of the verdict, whatever search finds them', async () => {
    for (const granularity of ['reconcile', 'write'] as const) {
      const report = await explore(scenario, { baseline: [...known, 'always "gone"'], granularity, auditPercent: 0 })
      expect(report).toMatchObject({ verdict: 'holds', findings: [], baselineUnmatched: ['always "gone"'] })
      expect(report.accepted?.map(({ key }) => key)).toEqual(known)
    }
  })

  test('leaves what it does not know', async () => {
    const report = await explore(scenario, { baseline: known.slice(1), auditPercent: 0, stopAtFirst: true })
    expect(report.verdict).toBe('violated')
    expect(report.findings.map(({ key }) => key)).toEqual(known.slice(0, 1))
  })
})

describe('what should be true sometimes', () => {
  const twoMembers = sometimes('two members', (cluster) => cluster.list(member).length === 2)
  const scenario = defineScenario({
    name: 'sometimes',
    kinds,
    controllers: [counting],
    actions: [createWeb],
    properties: [twoMembers],
    oracles: { 'same-outcome': false },
  })

  test('may take a fault, when faults are searched', async () => {
    expect((await explore(scenario, { auditPercent: 0, faults: 0 })).findings.map(({ key }) => key)).toEqual([
      'sometimes two members',
    ])
    expect((await explore(scenario, { auditPercent: 0, faults: 1 })).findings).toEqual([])
    const linearizable = await explore(scenario, { auditPercent: 0, profiles: ['linearizable'] })
    expect(linearizable.findings.map(({ key }) => key)).toEqual(['sometimes two members'])
  })
})

describe('a finding of a property that is promised', () => {
  const scenario = defineScenario({
    name: 'promised',
    kinds,
    controllers: [pair],
    actions: [createWeb],
    properties: [
      eventually('both secrets', (cluster) => cluster.list({ apiVersion: 'v1', kind: 'Secret' }).length === 2),
      eventually('one secret', (cluster) => cluster.list({ apiVersion: 'v1', kind: 'Secret' }).length > 0),
    ],
    oracles: { 'same-outcome': false },
  })

  test('is there again in a replay, and judged by itself', async () => {
    const options = { auditPercent: 0 }
    const { findings } = await explore(scenario, options)
    expect(findings.map(({ property }) => property)).toEqual(['both secrets'])
    const [finding] = findings as [ReportFinding]
    const { level } = finding
    const at = { profile: level.profile, granularity: level.granularity, scenario: '', set: {} }
    const file = { formatVersion: 1 as const, type: 'counterexample' as const, ...at, options, finding }
    expect((await replay(scenario, file)).status).toBe('reproduced')
    const kept = { ...file, finding: { ...finding, property: 'one secret' } }
    expect((await replay(scenario, kept)).status).toBe('gone')
  })

  test('that has no path is searched for under its own profile', async () => {
    const never = sometimes('three secrets', (cluster) => cluster.list({ apiVersion: 'v1', kind: 'Secret' }).length > 2)
    const other = defineScenario({ ...scenario, properties: [never] })
    const { findings } = await explore(other, { auditPercent: 0, profiles: ['linearizable'] })
    const [finding] = findings as [ReportFinding]
    expect(finding.level.profile).toBe('linearizable')
    const at = { profile: 'linearizable', granularity: 'reconcile' as const, scenario: '', set: {} }
    const file = { formatVersion: 1 as const, type: 'counterexample' as const, ...at, options: {}, finding }
    expect(await replay(other, file)).toMatchObject({ status: 'reproduced', finding: { profiles: ['linearizable'] } })
  })
})

describe('whoever stops a search while its findings are made', () => {
  const scenario = withNoise('stopped', [counting])

  /** Stops at the first report of progress that `when` says; how often it was reported after that. */
  async function stoppedWhen(when: (progress: Progress) => boolean) {
    const stopping = new AbortController()
    let nowMs = 0
    const after: Progress[] = []
    const report = await explore(scenario, {
      auditPercent: 0,
      signal: stopping.signal,
      // Time passes at each look, so that progress is reported each time.
      wallClock: () => (nowMs += 100),
      onProgress: (progress) => {
        if (stopping.signal.aborted) after.push(progress)
        else if (when(progress)) stopping.abort()
      },
    })
    expect(stopping.signal.aborted).toBe(true)
    return { report, after }
  }

  test.each([
    ['described', ({ findings, statesOnQueue }: Progress) => findings > 0 && statesOnQueue === 0],
    ['labelled', ({ level }: Progress) => level.startsWith('label ')],
    ['made smaller', ({ level }: Progress) => level.startsWith('minimise ')],
  ])('%s: gets what was found so far, at once', async (_, when) => {
    const { report, after } = await stoppedWhen(when)
    expect(report).toMatchObject({ verdict: 'violated', exhaustive: false })
    expect(report.findings.length).toBeGreaterThan(0)
    for (const finding of report.findings) expect(finding).toMatchObject({ minimal: false })
    expect(report.findings.every(({ path }) => path.steps.length > 0)).toBe(true)
    // Each of the searches and of the findings looks up once more, and no other search begins.
    expect(after.length).toBeLessThan(12)
  })
})
