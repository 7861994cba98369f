/** Small controllers written by hand, each for one thing that the simulated control plane must get right. */
import { describe, expect, test } from 'vitest'
import { LONG_TIMER } from '#checker/model.ts'
import type { UserAction } from '#cluster/scenario.ts'
import type { ReconcileRequest } from '#controller/controller.ts'
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

  test.each([
    ['that is put off on each pass', (now: number) => now + 3_600_000],
    ['that stays', () => Date.parse('2030-01-01T00:00:00Z')],
  ])('a hot loop beside a deadline %s is found in finitely many states', async (_, deadlineAt) => {
    const leasing = controllerOf('leaser', async (client, request, { clock }) => {
      const self = await client.get<AnyObject>(appType, request)
      const now = clock.now().getTime()
      const status = { lastSeen: new Date(now).toISOString(), until: new Date(deadlineAt(now)).toISOString() }
      await client.status().update({ ...self, status })
    })
    for (const granularity of ['reconcile', 'write'] as const) {
      const { violated, states, cuts } = await searchScenario(
        { controllers: [leasing] },
        { granularity, statesMax: 500 },
      )
      expect({ violated, cuts }).toEqual({ violated: ['comes-to-rest'], cuts: [] })
      expect(states).toBeLessThan(12)
    }
  })

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

  test('polling that waits for an instant ahead fires until it has come', async () => {
    const waiting = controllerOf('waiter', async (client, request) => {
      const self = await client.get<AnyObject>(appType, request)
      if (self.status?.done !== undefined) return
      if (self.status?.until === undefined) {
        const until = new Date(Date.now() + 25_000).toISOString()
        await client.status().update({ ...self, status: { until } })
        return { requeueAfterMs: 10_000 }
      }
      if (Date.now() < Date.parse(self.status.until)) return { requeueAfterMs: 10_000 }
      await client.status().update({ ...self, status: { ...self.status, done: true } })
    })
    for (const granularity of ['reconcile', 'write'] as const) {
      const { violated, outcomes, cuts } = await searchScenario({ controllers: [waiting] }, { granularity })
      expect({ violated, cuts }).toEqual({ violated: [], cuts: [] })
      expect(outcomes.map((outcome) => statusOf(outcome, 'App default/a')?.done)).toEqual([true])
    }
  })

  test('states that differ only in how far ahead an instant lies are two', async () => {
    const ageOf = (self: AnyObject, now: number): number => now - Date.parse(self.metadata.creationTimestamp as string)
    const setter = controllerOf('setter', async (client, request, { clock }) => {
      const self = await client.get<AnyObject>(appType, request)
      const now = clock.now().getTime()
      if (self.spec.go !== true || self.status?.until !== undefined || ageOf(self, now) >= 15_000) return
      const until = new Date(now + 15_000).toISOString()
      await client.status().patch(appTarget(request), { status: { until } }, merge)
    })
    const poller = controllerOf('poller', async (client, request, { clock }) => {
      const self = await client.get<AnyObject>(appType, request)
      const { until, end: ended } = self.status ?? {}
      if (ended !== undefined) return
      const now = clock.now().getTime()
      const expired = until !== undefined && now >= Date.parse(until)
      const closed = ageOf(self, now) >= 18_000
      if (!expired && !closed) return { requeueAfterMs: 10_000 }
      await client.status().patch(appTarget(request), { status: { end: expired ? 'expired' : 'closed' } }, merge)
    })
    const actions: UserAction[] = [{ type: 'apply', manifest: app('a', { go: true }) }]
    const { outcomes, cuts } = await searchScenario({ controllers: [setter, poller], objects: [app('a')], actions })
    const ends = outcomes.map((outcome) => statusOf(outcome, 'App default/a'))
    const seen = ends.map((status) => `${status?.end}, ${status?.until === undefined ? 'never set' : 'set'}`)
    expect({ cuts, ends: [...new Set(seen)].sort() }).toEqual({
      cuts: [],
      // Set at the start it has expired after 20 s, set after 10 s it has not.
      ends: ['closed, never set', 'closed, set', 'expired, set'],
    })
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

const merge = { patchType: 'merge' } as const

function appTarget(request: ReconcileRequest) {
  return { type: appType, key: request }
}

function statusOf(outcome: Readonly<Record<string, unknown>> | undefined, name: string) {
  return (outcome?.[name] as AnyObject | undefined)?.status as Record<string, unknown> | undefined
}
