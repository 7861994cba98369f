/** Environment events: a budget of their own, a history, no fairness; pods that fail, systems that move by themselves. */
import { describe, expect, it } from 'vitest'
import type { EnvironmentEvent } from '#cluster/environment.ts'
import { defineExternal } from '#cluster/external.ts'
import { defineScenario, patch, type ScenarioDefinition, scale } from '#cluster/scenario.ts'
import { always, eventually } from '#properties/user.ts'
import type { ExploreReport } from '#trace/report.ts'
import { explore } from '../../src/explore.ts'
import { app, appType, controllerOf, part, partType } from './scenario-search.ts'

const kinds = [appType, partType].map((type) => ({ ...type, statusSubresource: true }))

function search(
  definition: Partial<ScenarioDefinition>,
  options: Parameters<typeof explore>[1] = {},
): Promise<ExploreReport> {
  const scenario = defineScenario({
    name: 'environment',
    kinds,
    controllers: [],
    garbageCollection: false,
    ...definition,
  })
  return explore(scenario, { faults: 0, environment: 1, reduction: 'none', ...options })
}

/** Can happen once to each object. */
function touches(name: string): EnvironmentEvent {
  return { name: `${name} is touched`, act: () => patch({ ...appType, name }, { spec: { touched: true } }) }
}

const twoApps = { objects: [app('a'), app('b')], environment: [touches('a'), touches('b')] }

const counts = (report: ExploreReport) => ({
  states: report.statistics.statesDistinct,
  transitions: report.statistics.transitions,
  outcomes: report.outcomes.length,
})

describe('environment events', () => {
  it('happen within their budget, in every order, and are told apart by history', async () => {
    expect(counts(await search(twoApps, { environment: 0 }))).toEqual({ states: 1, transitions: 0, outcomes: 1 })
    expect(counts(await search(twoApps))).toEqual({ states: 3, transitions: 2, outcomes: 3 })
    // Nothing, a, b, a then b, b then a.
    expect(counts(await search(twoApps, { environment: 2 }))).toEqual({ states: 5, transitions: 4, outcomes: 5 })
    // Each can happen once: a third finds nothing that it would change.
    expect(counts(await search(twoApps, { environment: 3 }))).toEqual({ states: 5, transitions: 4, outcomes: 5 })
  })

  it('count in no total of faults', async () => {
    const report = await search(twoApps, { environment: 2, faults: 1 })
    expect(report.levels.map(({ faults }) => faults)).toEqual([0, 1])
    expect(report.bounds).toMatchObject({ faults: 1, environment: 2 })
    expect(report.levels.map(({ statesDistinct }) => statesDistinct)).toEqual([5, 5])
  })

  it('are a choice for each item, and carry its name', async () => {
    const environment: EnvironmentEvent[] = [
      {
        name: 'an app is touched',
        each: (cluster) => cluster.list(appType),
        when: (_, item) => item.metadata.name !== 'b',
        act: (_, item) => patch({ ...appType, name: item.metadata.name }, { spec: { touched: true } }),
      },
    ]
    const never = always('untouched', (cluster) => cluster.list(appType).every(({ spec }) => !spec.touched))
    const report = await search({ ...twoApps, environment, properties: [never] })
    expect(counts(report)).toEqual({ states: 2, transitions: 1, outcomes: 2 })
    const [step] = report.findings[0]?.path.steps ?? []
    expect(step).toMatchObject({
      type: 'environment',
      title: 'environment: an app is touched: App default/a',
      faults: [],
    })
    expect(step?.writes[0]).toMatchObject({ op: 'patch', object: 'App default/a', outcome: 'committed' })
  })

  it('do not happen where nothing would change: absent, being deleted, there already', async () => {
    const environment: EnvironmentEvent[] = [
      { name: 'absent', act: () => patch({ ...appType, name: 'x' }, { spec: { x: 1 } }) },
      { name: 'same', act: () => patch({ ...appType, name: 'a' }, { spec: {} }) },
      { name: 'there', act: () => ({ type: 'create', manifest: app('a') }) },
      { name: 'none', act: () => undefined },
    ]
    expect(counts(await search({ objects: [app('a')], environment }))).toMatchObject({ transitions: 0 })
  })

  it('open lag episodes and are waited for by no fair run', async () => {
    const copy = controllerOf('copy', async (client, key) => {
      const { spec } = await client.get<ReturnType<typeof app>>(appType, key)
      await client
        .status()
        .patch({ type: appType, key }, { status: { seen: spec.touched === true } }, { patchType: 'merge' })
    })
    const report = await search(
      { objects: [app('a')], environment: [touches('a')], controllers: [copy] },
      { faults: 1 },
    )
    expect(report.verdict).toBe('holds')
    // One without and one with the event: what it leads to is not what the run without it must come to.
    expect(report.outcomes).toHaveLength(2)
  })

  it('make a difference that timing makes, within one history, a finding', async () => {
    // Takes what it sees first for what will always be.
    const once = controllerOf('once', async (client, key) => {
      const { spec, status } = await client.get<ReturnType<typeof app>>(appType, key)
      if (status?.seen !== undefined) return
      await client
        .status()
        .patch({ type: appType, key }, { status: { seen: spec.touched === true } }, { patchType: 'merge' })
    })
    const report = await search({ objects: [app('a')], environment: [touches('a')], controllers: [once] })
    expect(report.findings.map(({ oracle }) => oracle)).toEqual(['same-outcome'])
  })

  it('are searched write by write where they touch what a reconcile reads', async () => {
    const sums = controllerOf('sums', async (client, key) => {
      const { status } = await client.get<ReturnType<typeof app>>(appType, key)
      if (status !== undefined) return
      await client.create(part('p'))
      await client.status().patch({ type: appType, key }, { status: { done: true } }, { patchType: 'merge' })
    })
    const scenario = { objects: [app('a')], controllers: [sums] }
    const granularities = async (definition: Partial<ScenarioDefinition>, environment: number) =>
      (await search(definition, { environment })).levels.map(({ granularity }) => granularity)
    expect(await granularities({ ...scenario, environment: [touches('a')] }, 1)).toEqual(['reconcile', 'write'])
    expect(await granularities({ ...scenario, environment: [touches('a')] }, 0)).toEqual(['reconcile'])
  })
})

describe('histories name generated things by what they look like', () => {
  const child = (of: string) => ({ ...partType, metadata: { namespace: 'default', generateName: 'p-' }, spec: { of } })
  const makes = controllerOf('makes', async (client, { name }) => {
    const parts = await client.list<ReturnType<typeof part>>(partType)
    if (!parts.some(({ spec }) => spec.of === name)) await client.create(child(name))
  })
  const fails: EnvironmentEvent = {
    name: 'a part fails',
    each: (cluster) => cluster.list(partType),
    act: (_, item) =>
      patch({ ...partType, name: item.metadata.name }, { status: { failed: true } }, { subresource: 'status' }),
  }

  it('so that the first of two alike and the second of two unlike are different events', async () => {
    const report = await search({ objects: [app('a'), app('b')], controllers: [makes], environment: [fails] })
    // The part of a fails, or that of b, whichever was made first; each before or after the other is there.
    expect(report.findings).toEqual([])
    expect(report.verdict).toBe('holds')
  })
})

describe('moves of an external system', () => {
  type Machines = { readonly machines: Readonly<Record<string, string>> }
  const cloud = defineExternal<Machines>({
    name: 'cloud',
    state: { machines: {} },
    methods: {
      create(state, owner: string) {
        const id = this.newId('vm-')
        return { state: { machines: { ...state.machines, [id]: owner } }, result: id }
      },
    },
    queries: { has: (state, owner: string) => Object.values(state.machines).includes(owner) },
    moves: {
      vanish: {
        each: (state) => Object.keys(state.machines),
        move: (state, id) => ({
          machines: Object.fromEntries(Object.entries(state.machines).filter(([key]) => key !== id)),
        }),
      },
    },
  })
  const provided = (again: boolean) =>
    controllerOf('operator', async (client, key, { external }) => {
      const { status } = await client.get<ReturnType<typeof app>>(appType, key)
      if (again || status === undefined) {
        if (!(await external('cloud').has(key.name))) await external('cloud').create(key.name)
      }
      await client.status().patch({ type: appType, key }, { status: { provided: true } }, { patchType: 'merge' })
      return { requeueAfterMs: 60_000 }
    })

  it('happen under --environment, and are repaired by who polls', async () => {
    const scenario = { objects: [app('a')], externals: [cloud], controllers: [provided(true)] }
    const report = await search(scenario, { environment: 2 })
    expect(report.verdict).toBe('holds')
    expect(new Set(report.outcomes.map(({ objects }) => objects.join())).size).toBe(1)
  })

  it('change what a run rests in when nobody looks again', async () => {
    const scenario = {
      objects: [app('a')],
      externals: [cloud],
      controllers: [provided(false)],
      properties: [
        eventually(
          'a has a machine',
          (cluster) => Object.keys(cluster.external<Machines>('cloud').machines).length > 0,
        ),
      ],
    }
    const report = await search(scenario)
    expect(report.findings).toEqual([])
    expect(new Set(report.outcomes.map(({ fingerprint }) => fingerprint)).size).toBe(2)
  })
})

describe('an environment that cannot be asked is refused with the place', () => {
  const refused = (event: unknown) => search({ objects: [app('a')], environment: [event as EnvironmentEvent] })

  it('by what it throws, returns, or lacks', async () => {
    await expect(refused({ name: 'x' })).rejects.toThrow(/environment\[0\] has no function act/)
    await expect(refused({ act: () => undefined })).rejects.toThrow(/environment\[0\] has no name/)
    await expect(refused({ name: 'x', act: () => undefined, if: true })).rejects.toThrow(
      /a field if, which has no effect/,
    )
    await expect(refused({ name: 'x', act: (c: never) => (c as { a: { b: 1 } }).a.b })).rejects.toThrow(
      /environment\[0\] \(x\) threw TypeError.*asked in every state/,
    )
    await expect(refused({ name: 'x', act: () => 7 })).rejects.toThrow(/something else than apply, create, patch/)
    await expect(refused({ name: 'x', each: () => 'no', act: () => undefined })).rejects.toThrow(
      /each returned no array/,
    )
    const nobody = { name: 'x', act: () => scale({ apiVersion: 'nobody/v1', kind: 'None', name: 'a' }, 1) }
    await expect(refused(nobody)).rejects.toThrow(/environment\[0\] \(x\): scale: nobody serves kind None/)
    const wrong = { name: 'x', act: () => patch({ ...appType, name: 'a' }, { metadata: { labels: { a: '/' } } }) }
    await expect(refused(wrong)).rejects.toThrow(
      /environment\[0\] \(x\): the API server refuses to patch App default\/a/,
    )
  })
})
