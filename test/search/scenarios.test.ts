/** Small controllers written by hand, each for one thing that the simulated control plane must get right. */
import { describe, expect, test } from 'vitest'
import { create, patch, remove } from '#cluster/scenario.ts'
import type { ControllerDefinition, ReconcileRequest, Reconciler } from '#controller/controller.ts'
import { type AnyObject, app, appType, controllerOf, part, partType, searchScenario } from './scenario-search.ts'

const key = { namespace: 'default', name: 'a' }

describe('deletion and creation anew', () => {
  test('churn of one name is finite: uids and incarnations are renumbered', async () => {
    const churning = controllerOf(
      'churner',
      async (client, request) => {
        const child = await client.tryGet<AnyObject>(partType, request)
        if (child === undefined) await client.create(part('a'))
        else await client.delete(child)
      },
      { watches: [{ ...partType, requests: () => [key] }] },
    )
    const { violated, cuts, states } = await searchScenario({ controllers: [churning] }, { statesMax: 200 })
    expect({ violated, cuts }).toEqual({ violated: ['comes-to-rest'], cuts: [] })
    expect(states).toBeLessThan(20)
  })

  test('a reference to the uid of an earlier incarnation is another outcome than one to the live object', async () => {
    const remembering = controllerOf(
      'rememberer',
      async (client, request) => {
        const self = await client.tryGet<AnyObject>(appType, request)
        const source = await client.tryGet<AnyObject>(partType, request)
        if (self === undefined || source === undefined || self.metadata.ownerReferences !== undefined) return
        const { name = '', uid = '' } = source.metadata
        const ownerReferences = [{ ...partType, name, uid }]
        await client.update({ ...self, metadata: { ...self.metadata, ownerReferences } })
      },
      { watches: [{ ...partType, requests: () => [key] }] },
    )
    const { outcomes, violated } = await searchScenario({
      controllers: [remembering],
      objects: [app('a'), part('a')],
      actions: [remove({ ...partType, ...key }), create(part('a'))],
    })
    expect(outcomes.length).toBe(2)
    expect(violated).toContain('same-outcome')
  })

  test('an update with the resourceVersion of an earlier incarnation is a conflict', async () => {
    const reasons = new Set<string>()
    const overwriting = controllerOf(
      'overwriter',
      async (client, request) => {
        const source = await client.tryGet<AnyObject>(partType, request)
        if (source === undefined || source.spec?.seen === true) return
        await client.patch(appTarget(request), { spec: { tried: true } }, merge)
        try {
          await client.update({ ...source, spec: { seen: true } })
        } catch (error) {
          const { reason } = (error as { status: { reason: string } }).status
          reasons.add(reason)
          throw error
        }
      },
      { watches: [{ ...partType, requests: () => [key] }] },
    )
    await searchScenario(
      {
        controllers: [overwriting],
        objects: [app('a'), part('a')],
        actions: [remove({ ...partType, ...key }), create(part('a'))],
      },
      { granularity: 'write' },
    )
    // Also while nothing has the name: the uid in the body is a precondition, and it is checked first.
    expect([...reasons]).toEqual(['Conflict'])
  })
})

interface Counting extends Reconciler {
  seen: number
}

const counted: Pick<ControllerDefinition, 'memory'> = {
  memory: {
    snapshot: ({ seen }: Counting) => ({ seen }),
    restore: (reconciler: Counting, memory) => {
      reconciler.seen = (memory as { seen: number }).seen
    },
  },
}

describe('memory', () => {
  /** Writes how many passes it has seen, at most two. */
  const counting = controllerOf('counter', async () => undefined, {
    reconciler: ({ client }) =>
      ({
        seen: 0,
        async reconcile(request) {
          this.seen = Math.min(this.seen + 1, 2)
          await client.status().patch(appTarget(request), { status: { seen: this.seen } }, merge)
        },
      }) as Counting,
    ...counted,
  })

  test('is kept between reconciles', async () => {
    const { outcomes, cuts } = await searchScenario({ controllers: [counting] })
    expect(cuts).toEqual([])
    expect(outcomes.map((outcome) => statusOf(outcome, 'App default/a'))).toEqual([{ seen: 2 }])
  })

  test('is lost in a crash', async () => {
    // After the first write the new process counts to 1 again, which changes nothing: nobody wakes it for 2.
    const { outcomes, violated } = await searchScenario({ controllers: [counting] }, { faults: 1, stale: 0 })
    expect(outcomes.map((outcome) => statusOf(outcome, 'App default/a')?.seen).sort()).toEqual([1, 2])
    expect(violated).toContain('same-outcome')
  })

  test('is that of its beginning for a reconcile in flight, whatever another one has remembered since', async () => {
    const twice = controllerOf('twice', async () => undefined, {
      maxConcurrentReconciles: 2,
      reconciler: ({ client }) =>
        ({
          seen: 0,
          async reconcile(request) {
            this.seen = Math.min(this.seen + 1, 2)
            await client.status().patch(appTarget(request), { status: { first: this.seen } }, merge)
            await client.status().patch(appTarget(request), { status: { second: this.seen } }, merge)
          },
        }) as Counting,
      ...counted,
    })
    const objects = [app('a'), app('b')]
    const { outcomes, cuts } = await searchScenario({ controllers: [twice], objects }, { granularity: 'write' })
    expect(cuts).toEqual([])
    for (const outcome of outcomes) {
      for (const name of ['App default/a', 'App default/b']) {
        const { first, second } = statusOf(outcome, name) as { first: number; second: number }
        expect(first).toBe(second)
      }
    }
  })

  test('a timer whose reconcile only changes memory is not idle', async () => {
    const patient = controllerOf('patient', async () => undefined, {
      reconciler: ({ client }) => {
        const memory = { passes: 0 }
        return {
          memory,
          async reconcile(request) {
            memory.passes = Math.min(memory.passes + 1, 4)
            if (memory.passes === 4) await client.status().patch(appTarget(request), { status: { ready: true } }, merge)
            return memory.passes < 4 ? { requeueAfterMs: 100 } : {}
          },
        }
      },
      memory: {
        snapshot: (reconciler: { memory: { passes: number } }) => reconciler.memory,
        restore: (reconciler: { memory: { passes: number } }, memory) => Object.assign(reconciler.memory, memory),
      },
    })
    const { outcomes, violated } = await searchScenario({ controllers: [patient] })
    expect(outcomes.map((outcome) => statusOf(outcome, 'App default/a'))).toEqual([{ ready: true }])
    expect(violated).toEqual([])
  })
})

describe('mapping functions that read', () => {
  const copying = controllerOf(
    'copier',
    async (client, request) => {
      const self = await client.tryGet<AnyObject>(appType, request)
      const source = await client.tryGet<AnyObject>(partType, key)
      if (self === undefined || self.spec?.x === source?.spec?.x) return
      await client.patch(appTarget(request), { spec: { x: source?.spec?.x } }, merge)
    },
    {
      watches: [
        {
          ...partType,
          requests: async (_object, { cached }) => {
            const apps = await cached.list<AnyObject>(appType, { namespace: 'default' })
            return apps.map(({ metadata }) => ({ namespace: 'default', name: metadata.name ?? '' }))
          },
        },
      ],
    },
  )
  const scenario = {
    controllers: [copying],
    objects: [app('a', { x: 'old' }), app('b', { x: 'old' }), part('a', { x: 'old' })],
    actions: [patch({ ...partType, ...key }, { spec: { x: 'new' } }), create(app('c', { x: 'old' }))],
  }

  test.each([false, true])('wake what there is when the event comes (no-ops absorbed: %s)', async (absorbNoOps) => {
    for (const granularity of ['reconcile', 'write'] as const) {
      const { violated, outcomes, cuts } = await searchScenario(scenario, { absorbNoOps, granularity })
      expect({ violated, cuts, outcomes: outcomes.length }).toEqual({ violated: [], cuts: [], outcomes: 1 })
    }
  })

  test('work with views that lag', async () => {
    const { violated, cuts } = await searchScenario(scenario, { faults: 1 })
    expect({ violated, cuts }).toEqual({ violated: [], cuts: [] })
  })

  test('that throw are an error of the scenario', async () => {
    const throwing = controllerOf('thrower', async () => undefined, {
      watches: [
        {
          ...partType,
          requests: async () => {
            throw new Error('not mapped')
          },
        },
      ],
    })
    const search = searchScenario({ controllers: [throwing], objects: [app('a'), part('a')] })
    await expect(search).rejects.toThrow(/mapping function failed on Part a: not mapped/)
  })
})

describe('generations', () => {
  const other = part('b', { x: 1 })
  const writingTwice = (fields: (generation: number) => object) =>
    controllerOf('writer', async (client, request) => {
      const self = await client.get<AnyObject>(appType, request)
      await client.patch(appTarget(request), { spec: { x: 1 } }, merge)
      const made = await client.tryGet<AnyObject>(partType, { namespace: 'default', name: 'b' })
      if (made === undefined) await client.create({ ...other, spec: fields(self.metadata.generation as number) })
    })

  test.each(['reconcile', 'write'] as const)('are data only for who uses them so, by %s', async (granularity) => {
    const asData = async (fields: (generation: number) => object) => {
      const { cluster } = await searchScenario({ controllers: [writingTwice(fields)] }, { granularity })
      return cluster.counters.generationsAsData.size > 0
    }
    expect(await asData(() => ({ x: 1 }))).toBe(false)
    expect(await asData((generation) => ({ made: `from-${generation}` }))).toBe(true)
  })
})

describe('chance', () => {
  const choosing = (allowRandom: boolean) =>
    controllerOf(
      'chooser',
      async (client, request) => {
        const self = await client.get<AnyObject>(appType, request)
        if (self.status === undefined) await client.status().update({ ...self, status: { token: Math.random() } })
      },
      { allowRandom },
    )

  test('a use of random numbers is a finding, unless it is declared', async () => {
    expect((await searchScenario({ controllers: [choosing(false)] })).violated).toEqual(['nondeterministic'])
    expect((await searchScenario({ controllers: [choosing(true)] })).violated).toEqual([])
  })

  test('two objects get two values', async () => {
    const { outcomes } = await searchScenario({ controllers: [choosing(true)], objects: [app('a'), app('b')] })
    const [outcome] = outcomes
    expect(statusOf(outcome, 'App default/a')?.token).not.toBe(statusOf(outcome, 'App default/b')?.token)
  })
})

const merge = { patchType: 'merge' } as const

function appTarget(request: ReconcileRequest) {
  return { type: appType, key: request }
}

function statusOf(outcome: Readonly<Record<string, unknown>> | undefined, name: string) {
  return (outcome?.[name] as AnyObject | undefined)?.status as Record<string, unknown> | undefined
}
