/** External systems: their state is part of a state, their calls are steps, their ids are renamed. */
import { describe, expect, it } from 'vitest'
import { createCluster } from '#cluster/cluster.ts'
import { defineExternal, type External, type ExternalDefinition } from '#cluster/external.ts'
import { callEffect, externalResources, externalState, systemOf } from '#cluster/external-systems.ts'
import { defineScenario, type UserProperty } from '#cluster/scenario.ts'
import type { ReconcilerTools } from '#controller/controller.ts'
import type { Controller } from '#controller/define-controller.ts'
import type { ExploreReport } from '#trace/report.ts'
import { explore } from '../../src/explore.ts'
import { app, appType, controllerOf } from './scenario-search.ts'

const noHost = { run: () => Promise.reject(new Error('nothing runs here')), close: async () => {} }

type Machines = { readonly machines: Readonly<Record<string, { readonly owner: string }>> }

const cloud = defineExternal<Machines>({
  name: 'cloud',
  state: { machines: {} },
  methods: {
    create(state, owner: string) {
      const id = this.newId('vm-')
      return { state: { machines: { ...state.machines, [id]: { owner } } }, result: id }
    },
    ensure(state, token: string) {
      const known = Object.keys(state.machines).find((id) => state.machines[id]?.owner === token)
      if (known !== undefined) return { result: known }
      const id = this.newId('vm-')
      return { state: { machines: { ...state.machines, [id]: { owner: token } } }, result: id }
    },
    refuse() {
      throw Object.assign(new Error('no quota left'), { code: 'QUOTA' })
    },
  },
  queries: { ids: (state) => Object.keys(state.machines) },
  resources: (state) => Object.keys(state.machines),
})

interface Given {
  readonly externals?: readonly External[]
  readonly apps?: readonly string[]
  readonly properties?: readonly UserProperty[]
}

function search(
  reconcile: (tools: ReconcilerTools, name: string) => Promise<void>,
  options: Parameters<typeof explore>[1] = {},
  { externals = [cloud], apps = ['a'], properties = [] }: Given = {},
  others: readonly Controller[] = [],
): Promise<ExploreReport> {
  const scenario = defineScenario({
    name: 'externals',
    kinds: [{ ...appType, statusSubresource: true }],
    objects: apps.map((name) => app(name)),
    controllers: [controllerOf('operator', (_, { name }, tools) => reconcile(tools, name)), ...others],
    externals,
    properties,
    garbageCollection: false,
  })
  return explore(scenario, { faults: 0, ...options })
}

const key = (name: string) => ({ namespace: 'default', name })

/** As AC21: the id is written to the object only after the machine is there. */
async function createThenRecord({ client, external }: ReconcilerTools, name: string): Promise<void> {
  // biome-ignore lint/suspicious/noExplicitAny: fields of the tests' kinds
  const object = await client.get<any>(appType, key(name))
  if (object.status?.id !== undefined) return
  const id = await external('cloud').create(object.metadata.uid)
  await client.status().update({ ...object, status: { id } })
}

async function ensureThenRecord({ client, external }: ReconcilerTools, name: string): Promise<void> {
  // biome-ignore lint/suspicious/noExplicitAny: fields of the tests' kinds
  const object = await client.get<any>(appType, key(name))
  if (object.status?.id !== undefined) return
  const id = await external('cloud').ensure(object.metadata.uid)
  await client.status().update({ ...object, status: { id } })
}

describe('the state of an external system', () => {
  it('is part of states and outcomes, one for each set of calls that were made', async () => {
    const names = defineExternal<{ readonly names: Readonly<Record<string, true>> }>({
      name: 'cloud',
      state: { names: {} },
      methods: { add: (state, name: string) => ({ state: { names: { ...state.names, [name]: true } } }) },
    })
    const { statistics } = await search(
      async ({ external }, name) => void (await external('cloud').add(name)),
      { reduction: 'none' },
      { apps: ['a', 'b', 'c'], externals: [names] },
    )
    // Three requests, each done or not.
    expect(statistics).toMatchObject({ statesDistinct: 8, transitions: 12, storesDistinct: 1 })
  })

  it('tells ids apart by the order in which they were given, and outcomes only up to renaming', async () => {
    const { statistics, outcomes } = await search(
      async ({ external }, name) => void (await external('cloud').create(name)),
      { reduction: 'none' },
      { apps: ['a', 'b', 'c'] },
    )
    // 1 + 3 + 3·2 + 3·2·1 orders of three machines.
    expect(statistics).toMatchObject({ statesDistinct: 16, transitions: 15 })
    expect(outcomes).toHaveLength(1)
    expect(outcomes[0]?.objects).toContain('External cloud')
  })

  it('is seen by properties', async () => {
    const seen: UserProperty = {
      type: 'always',
      name: 'at most one machine',
      holds: (cluster) => Object.keys(cluster.external<Machines>('cloud').machines).length <= 1,
    }
    const report = await search(createThenRecord, {}, { apps: ['a', 'b'], properties: [seen] })
    expect(report.findings.map(({ oracle }) => oracle)).toContain('always')
  })

  it('makes two controllers that look before they call interfere, write by write', async () => {
    const lookThenCreate = async ({ external }: ReconcilerTools): Promise<void> => {
      if ((await external('cloud').ids()).length === 0) await external('cloud').create('me')
    }
    const other = controllerOf('other', (_client, _request, tools) => lookThenCreate(tools))
    const report = await search(lookThenCreate, {}, {}, [other])
    expect(report.levels.map(({ granularity }) => granularity)).toContain('write')
    expect(report.levels.find(({ granularity }) => granularity === 'reconcile')).toMatchObject({ outcomes: 1 })
    expect(report.levels.find(({ granularity }) => granularity === 'write')).toMatchObject({ outcomes: 2 })
  })
})

describe('what a system holds', () => {
  it('is what its definition says, for each version of its state', async () => {
    const scenario = defineScenario({ name: 'held', controllers: [], externals: [cloud], garbageCollection: false })
    const cluster = createCluster(scenario, { host: noHost, controllers: [], liveProcesses: [], currentProcesses: [] })
    const system = systemOf(cluster, 'cloud', 'a test asks for')
    const call = { method: 'create', args: ['a'], before: system.initial, given: 0 }
    const { after } = callEffect(cluster, system, call)
    expect(externalResources(cluster, system, system.initial)).toEqual([])
    expect(externalResources(cluster, system, after)).toEqual(
      Object.keys((externalState(cluster, after) as Machines).machines),
    )
  })
})

describe('a crash around a call', () => {
  it('leaves a machine that nobody knows, when the id is recorded afterwards', async () => {
    const calm = await search(createThenRecord)
    expect(calm.verdict).toBe('holds')
    const report = await search(createThenRecord, { faults: 1, stale: 0 })
    expect(report.findings.map(({ oracle }) => oracle)).toContain('same-outcome')
    const finding = report.findings.find(({ oracle }) => oracle === 'same-outcome')
    const calls = finding?.path.steps.flatMap(({ writes }) => writes).filter(({ op }) => op === 'call')
    expect(calls?.map(({ call, outcome }) => [call?.slice(0, 13), outcome])).toEqual([
      ['cloud.create(', 'committed'],
      ['cloud.create(', 'committed'],
    ])
  })

  it('does no harm when the call is idempotent', async () => {
    for (const granularity of ['reconcile', 'write'] as const) {
      const report = await search(ensureThenRecord, { faults: 2, stale: 0, granularity })
      expect(report.findings).toEqual([])
      expect(report.verdict).toBe('holds')
    }
  })
})

describe('a call that times out', () => {
  it('may have been applied, which only an idempotent call survives', async () => {
    const options = { faults: 1, stale: 0, crash: 0, apiError: 1 }
    const report = await search(createThenRecord, options)
    const finding = report.findings.find(({ oracle }) => oracle === 'same-outcome')
    const calls = finding?.path.steps.flatMap(({ writes }) => writes).filter(({ op }) => op === 'call')
    expect(calls?.map(({ outcome, answerLost, answer }) => [outcome, answerLost, answer?.slice(0, 9)])).toEqual([
      ['committed', true, 'the call '],
      ['committed', undefined, '"vm-zngmq'],
    ])
    for (const granularity of ['reconcile', 'write'] as const) {
      expect((await search(ensureThenRecord, { ...options, granularity })).findings).toEqual([])
    }
  })

  it('is an error with a code, also for a query', async () => {
    const seen = new Set<unknown>()
    await search(
      async ({ external }) => {
        await external('cloud')
          .ids()
          .catch((error: Error & { code?: string }) => seen.add(`${error.name} ${error.code}`))
      },
      { faults: 1, apiError: 1 },
    )
    expect([...seen]).toEqual(['TimeoutError ETIMEDOUT'])
  })
})

describe('what a system answers', () => {
  it('is an error with message and code, when the method throws', async () => {
    const seen: unknown[] = []
    await search(async ({ external }) => {
      await external('cloud')
        .refuse()
        .catch((error: Error & { code?: string }) => seen.push([error.message, error.code]))
    })
    expect(seen[0]).toEqual(['no quota left', 'QUOTA'])
  })

  it('is told apart only up to renaming, also while a reconcile holds it', async () => {
    const none = await search(createThenRecord, { granularity: 'write', reduction: 'none' }, { apps: ['a', 'b'] })
    // Each request: pending, before its call, before its write, done and pending again, done: 5 states, one worker.
    expect(none.outcomes).toHaveLength(1)
  })
})

const touch = async ({ external }: ReconcilerTools): Promise<void> => void (await external('cloud').call())

function broken(parts: Partial<ExternalDefinition<{ readonly n: number }>>): Promise<ExploreReport> {
  const system = defineExternal<{ readonly n: number }>({ name: 'cloud', state: { n: 0 }, ...parts })
  return search(touch, {}, { externals: [system] })
}

describe('a system that cannot be searched is refused with the place', () => {
  it('hidden state, by a second run with the same state', async () => {
    let calls = 0
    await expect(broken({ methods: { call: (state) => ({ state: { n: state.n + ++calls } }) } })).rejects.toThrow(
      /externals\[0\] \(cloud\)\.methods\.call keeps hidden state/,
    )
  })

  it('hidden state that only a later call shows', async () => {
    const known = new Set<string>()
    const sly = defineExternal<{ readonly n: number }>({
      name: 'cloud',
      state: { n: 0 },
      methods: {
        call(state, name: string) {
          known.add(name)
          return { state: { n: state.n + 1 } }
        },
      },
      queries: { all: () => [...known] },
    })
    const report = search(
      async ({ external }, name) => {
        await external('cloud').all()
        await external('cloud').call(name)
      },
      {},
      { externals: [sly] },
    )
    await expect(report).rejects.toThrow(/externals\[0\] \(cloud\)\.queries\.all keeps hidden state/)
  })

  it('an unknown system, or an unknown method', async () => {
    await expect(search(async ({ external }) => void (await external('clowd').create('a')))).rejects.toThrow(
      /external system clowd, which is not in the scenario. There are: cloud/,
    )
    await expect(search(async ({ external }) => void (await external('cloud').crate('a')))).rejects.toThrow(
      /has no method or query crate, which a controller calls. It has: create, ensure, refuse, ids/,
    )
  })

  it('results that are no JSON, promises, and states that are changed in place', async () => {
    await expect(broken({ queries: { call: () => new Map() } })).rejects.toThrow(/queries.call.*instance of Map/)
    await expect(broken({ methods: { call: (async () => ({})) as never } })).rejects.toThrow(/returned a promise/)
    await expect(broken({ methods: { call: () => 7 as never } })).rejects.toThrow(/Expected is { state, result }/)
    const changed = broken({
      methods: {
        call(state) {
          ;(state as { n: number }).n = 1
        },
      },
    })
    await expect(changed).rejects.toThrow(/methods.call threw TypeError.*return a new one/)
    await expect(
      broken({ methods: { call: (state: object) => (state as never as { x: { y: 1 } }).x.y } as never }),
    ).rejects.toThrow(/methods.call threw TypeError.*mistake of the scenario/)
  })

  it('an id that the state does not keep', async () => {
    const forgets = defineExternal({
      name: 'cloud',
      state: {},
      methods: {
        call() {
          return { result: this.newId() }
        },
      },
    })
    await expect(search(touch, {}, { externals: [forgets] })).rejects.toThrow(
      /takes an id from newId and leaves the state/,
    )
  })
})

describe('defineExternal', () => {
  it('names the field that is wrong', () => {
    expect(() => defineExternal({ name: 'a b', state: {} })).toThrow(/name is 'a b'/)
    expect(() => defineExternal({ name: 'a', state: [] })).toThrow(/state is an array/)
    expect(() => defineExternal({ name: 'a', state: {}, method: {} } as never)).toThrow(/no field method/)
    expect(() => defineExternal({ name: 'a', state: {}, methods: { b: 1 } } as never)).toThrow(/methods.b is 1/)
    expect(() => defineExternal({ name: 'a', state: {}, methods: { b() {} }, queries: { b: () => 1 } })).toThrow(
      /b is a method and a query/,
    )
  })
})
