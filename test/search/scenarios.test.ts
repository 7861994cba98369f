/** Small controllers written by hand, each for one thing that the simulated control plane must get right. */
import { describe, expect, test } from 'vitest'
import { LONG_TIMER } from '#checker/model.ts'
import { create, patch, remove } from '#cluster/scenario.ts'
import type { ControllerDefinition, ReconcileRequest, Reconciler } from '#controller/controller.ts'
import { type AnyObject, app, appType, controllerOf, part, partType, searchScenario } from './scenario-search.ts'

const key = { namespace: 'default', name: 'a' }

describe('the clock', () => {
  const stamping = controllerOf('stamper', async (client, request) => {
    const self = await client.get<AnyObject>(appType, request)
    await client.status().update({ ...self, status: { lastSeen: new Date().toISOString() } })
  })

  test.each(['reconcile', 'write'] as const)(
    'a time that is written on every pass is a hot loop in finitely many states, by %s',
    async (granularity) => {
      const options = { granularity, statesMax: 500 }
      const { violated, states, cuts, level } = await searchScenario({ controllers: [stamping] }, options)
      expect({ violated, cuts, rests: level.rests.length }).toEqual({ violated: ['comes-to-rest'], cuts: [], rests: 0 })
      expect(states).toBeLessThan(10)
    },
  )

  test.each(['reconcile', 'write'] as const)(
    'two that stamp do so in finitely many states too, by %s',
    async (granularity) => {
      const other = controllerOf('other', async (client, request) => {
        const self = await client.get<AnyObject>(appType, request)
        await client.status().update({ ...self, status: { ...self.status, alsoSeen: new Date().toISOString() } })
      })
      const options = { granularity, statesMax: 2000 }
      const { violated, states, cuts } = await searchScenario({ controllers: [stamping, other] }, options)
      expect(violated).toContain('comes-to-rest')
      expect(cuts).toEqual([])
      expect(states).toBeLessThan(granularity === 'write' ? 1000 : 100)
    },
  )

  test.each(['reconcile', 'write'] as const)(
    'a time that is written once comes to rest in one outcome, by %s',
    async (granularity) => {
      const reporting = controllerOf('reporter', async (client, request) => {
        const self = await client.get<AnyObject>(appType, request)
        if (self.status?.conditions !== undefined) return
        const lastTransitionTime = new Date().toISOString()
        const conditions = [{ type: 'Ready', status: 'True', lastTransitionTime }]
        await client.status().update({ ...self, status: { conditions } })
      })
      const { violated, outcomes, cuts } = await searchScenario(
        { controllers: [reporting], objects: [app('a'), app('b')] },
        { granularity },
      )
      expect({ violated, cuts, outcomes: outcomes.length }).toEqual({ violated: [], cuts: [], outcomes: 1 })
    },
  )

  test('an instant that is read is later than any that an earlier reconcile was given', async () => {
    const first = controllerOf('first', async (client, request, { clock }) => {
      const self = await client.get<AnyObject>(appType, request)
      const time = clock.now().toISOString()
      if (self.status?.first === undefined)
        await client.status().patch(appTarget(request), { status: { first: time } }, merge)
    })
    const second = controllerOf('second', async (client, request, { clock }) => {
      const self = await client.get<AnyObject>(appType, request)
      if (self.status?.first === undefined || self.status.order !== undefined) return
      const order = clock.now().getTime() - Date.parse(self.status.first) >= 1000 ? 'later' : 'not later'
      await client.status().patch(appTarget(request), { status: { order } }, merge)
    })
    const { outcomes } = await searchScenario({ controllers: [first, second] })
    expect(outcomes.map((outcome) => statusOf(outcome, 'App default/a')?.order)).toEqual(['later'])
  })

  test('within one reconcile time goes on by milliseconds', async () => {
    const measuring = controllerOf('measurer', async (client, request) => {
      const self = await client.get<AnyObject>(appType, request)
      if (self.status !== undefined) return
      const start = Date.now()
      const took = Date.now() - start
      await client.status().update({ ...self, status: { took } })
    })
    const { outcomes } = await searchScenario({ controllers: [measuring] })
    expect(outcomes.map((outcome) => statusOf(outcome, 'App default/a'))).toEqual([{ took: 1 }])
  })
})

describe('timers', () => {
  test('polling that changes nothing is idle: it rests', async () => {
    const polling = controllerOf('poller', async (client, request) => {
      await client.get(appType, request)
      return { requeueAfterMs: 500 }
    })
    const { violated, outcomes, states } = await searchScenario({ controllers: [polling] })
    expect({ violated, states, outcomes: outcomes.length }).toEqual({ violated: [], states: 2, outcomes: 1 })
  })

  test('polling that writes what is there already is idle', async () => {
    const polling = controllerOf('poller', async (client, request) => {
      await client.status().patch(appTarget(request), { status: { phase: 'Ready' } }, merge)
      return { requeueAfterMs: 500 }
    })
    for (const granularity of ['reconcile', 'write'] as const) {
      const { violated, outcomes } = await searchScenario({ controllers: [polling] }, { granularity })
      expect({ violated, outcomes: outcomes.length }).toEqual({ violated: [], outcomes: 1 })
    }
  })

  test('polling that waits for a time fires until it has come', async () => {
    const waiting = controllerOf('waiter', async (client, request) => {
      const self = await client.get<AnyObject>(appType, request)
      if (self.status?.done !== undefined) return
      if (self.status?.since === undefined) {
        await client.status().update({ ...self, status: { since: new Date().toISOString() } })
        return { requeueAfterMs: 10_000 }
      }
      if (Date.now() - Date.parse(self.status.since) < 25_000) return { requeueAfterMs: 10_000 }
      await client.status().update({ ...self, status: { ...self.status, done: true } })
    })
    const { violated, outcomes, cuts } = await searchScenario({ controllers: [waiting] })
    expect({ violated, cuts, outcomes: outcomes.length }).toEqual({ violated: [], cuts: [], outcomes: 1 })
    expect(outcomes.map((outcome) => statusOf(outcome, 'App default/a')?.done)).toEqual([true])
  })

  test('a cycle through a timer of a second or more is not a violation, one through a shorter one is', async () => {
    const blinking = (requeueAfterMs: number) =>
      controllerOf('blinker', async (client, request) => {
        const self = await client.tryGet<AnyObject>(partType, request)
        const light = self?.status?.light === 'on' ? 'off' : 'on'
        await client.status().patch({ type: partType, key: request }, { status: { light } }, merge)
        return { requeueAfterMs }
      })
    const objects = [app('a'), part('a')]
    const slow = await searchScenario({ controllers: [blinking(1000)], objects })
    expect(slow.violated).toEqual([])
    expect([...slow.level.graph.edgeLabel.values].some((label) => (label & LONG_TIMER) !== 0)).toBe(true)
    expect((await searchScenario({ controllers: [blinking(999)], objects })).violated).toEqual(['comes-to-rest'])
  })

  test('a timer beyond the horizon is not taken', async () => {
    const late = controllerOf('late', async (client, request) => {
      const self = await client.get<AnyObject>(appType, request)
      if (self.status?.armed !== undefined) return
      await client.status().update({ ...self, status: { armed: true } })
      return { requeueAfterMs: 60_000 }
    })
    const { level } = await searchScenario({ controllers: [late] }, { timeMaxMs: 59_999 })
    expect(level.rests.map(({ horizon }) => horizon)).toEqual([true])
  })

  test('idle timers of other periods do not delay one that is due', async () => {
    const polling = controllerOf('poller', async () => ({ requeueAfterMs: 300 }))
    const ending = controllerOf(
      'ender',
      async (client, request) => {
        const self = await client.get<AnyObject>(appType, request)
        if (self.status?.phase === 'Done') return
        const phase = self.status?.phase === 'Waiting' ? 'Done' : 'Waiting'
        await client.status().update({ ...self, status: { phase } })
        if (phase === 'Waiting') return { requeueAfterMs: 5000 }
      },
      { for: { ...appType, predicate: ({ type }) => type !== 'MODIFIED' } },
    )
    const { violated, outcomes } = await searchScenario({ controllers: [polling, ending] })
    expect(violated).toEqual([])
    expect(outcomes.map((outcome) => statusOf(outcome, 'App default/a')?.phase)).toEqual(['Done'])
  })
})

describe('generated names', () => {
  const making = controllerOf('maker', async (client, request) => {
    const parts = await client.list<AnyObject>(partType, { namespace: 'default' })
    if (parts.some(({ spec }) => spec?.of === request.name)) return
    const metadata = { namespace: 'default', generateName: 'part-' }
    await client.create({ ...partType, metadata, spec: { of: request.name } } as AnyObject)
  })

  test('outcomes that differ in who got which name are one', async () => {
    const { violated, outcomes } = await searchScenario({
      controllers: [making],
      objects: [app('a'), app('b'), app('c')],
    })
    expect({ violated, outcomes: outcomes.length }).toEqual({ violated: [], outcomes: 1 })
  })

  test('outcomes that differ in what a name refers to are two', async () => {
    const referring = controllerOf(
      'referrer',
      async (client) => {
        const parts = await client.list<AnyObject>(partType, { namespace: 'default' })
        const self = await client.get<AnyObject>(appType, key)
        const first = parts[0]
        if (first === undefined || self.spec?.part !== undefined) return
        await client.update({ ...self, spec: { part: first.metadata.name } })
      },
      { watches: [{ ...partType, requests: () => [key] }] },
    )
    const { violated, outcomes } = await searchScenario({
      controllers: [making, referring],
      objects: [app('a'), app('b')],
    })
    expect(violated).toContain('same-outcome')
    expect(outcomes.length).toBe(2)
  })

  test('a controller that makes and removes named parts for ever does so in finitely many states', async () => {
    const churning = controllerOf(
      'churner',
      async (client) => {
        const [first] = await client.list<AnyObject>(partType, { namespace: 'default' })
        const metadata = { namespace: 'default', generateName: 'part-' }
        if (first === undefined) await client.create({ ...partType, metadata } as AnyObject)
        else await client.delete(first)
      },
      { watches: [{ ...partType, requests: () => [key] }] },
    )
    for (const granularity of ['reconcile', 'write'] as const) {
      const { violated, cuts, states } = await searchScenario(
        { controllers: [churning] },
        { granularity, statesMax: 200 },
      )
      expect({ violated, cuts }).toEqual({ violated: ['comes-to-rest'], cuts: [] })
      expect(states).toBeLessThan(20)
    }
  })
})

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
