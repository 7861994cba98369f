/** The fault handover: two instances of a process for a moment, and what the second one's caches have missed. */
import { describe, expect, test } from 'vitest'
import { type AnyObject, app, appType, controllerOf, part, partType, searchScenario } from './scenario-search.ts'

const only = { faults: 1, stale: 0, crash: 0, handover: 1 } as const

/** Makes a part with a generated name unless its cache, or the API server, knows of one. */
function maker(counts: 'cached' | 'live') {
  return controllerOf(
    'maker',
    async (client, request, { apiReader }) => {
      const parts = await (counts === 'cached' ? client : apiReader).list(partType)
      if (parts.length > 0) return
      const { name: _, ...metadata } = part('p').metadata
      await client.create({ ...part('p'), metadata: { ...metadata, generateName: `${request.name}-` } } as AnyObject)
    },
    { watches: [{ ...partType, requests: () => [] }] },
  )
}

function partsIn(searched: Awaited<ReturnType<typeof searchScenario>>): number[] {
  const counts = searched.outcomes.map(
    (outcome) => Object.keys(outcome).filter((name) => name.startsWith('Part')).length,
  )
  return [...new Set(counts)].sort()
}

describe('handover', () => {
  test('costs one, also with a standby that has missed something', async () => {
    const { level } = await searchScenario({ controllers: [maker('cached')] }, only)
    const { model } = level
    const initial = await model.initial()
    const namesAt = (budget: number) => {
      model.enable(initial, initial.length, budget)
      return model.enabled.actions.slice(0, model.enabled.count).map(({ type, cost, lags }) => ({
        type,
        cost: cost === 0 ? 'free' : 'paid',
        standby: lags.length,
      }))
    }
    expect(namesAt(level.graph.entryBudget.values[0] as number)).toEqual([
      { type: 'run', cost: 'free', standby: 0 },
      { type: 'run', cost: 'free', standby: 1 },
      { type: 'handover', cost: 'paid', standby: 0 },
    ])
    expect(namesAt(0)).toEqual([{ type: 'run', cost: 'free', standby: 0 }])
  })

  test('brings duplicates back that a late cache makes, without a lag of the instance that works', async () => {
    expect(
      partsIn(await searchScenario({ controllers: [maker('cached')] }, { ...only, handover: 0, faults: 0 })),
    ).toEqual([1])
    expect(partsIn(await searchScenario({ controllers: [maker('cached')] }, only))).toEqual([1, 2])
  })

  test('lets two instances pass the same check, though it asks the API server: write by write, in every profile', async () => {
    const scenario = { controllers: [maker('live')] }
    expect(partsIn(await searchScenario(scenario, only))).toEqual([1])
    for (const profile of ['lagging', 'linearizable'] as const) {
      const write = { granularity: 'write', profile } as const
      expect(partsIn(await searchScenario(scenario, write))).toEqual([1])
      expect(partsIn(await searchScenario(scenario, { ...only, ...write }))).toEqual([1, 2])
      expect(partsIn(await searchScenario(scenario, { ...only, ...write, absorbNoOps: true }))).toEqual([1, 2])
    }
  })

  test('begins with no memory and no timers, as a process does', async () => {
    const waiting = controllerOf('waiting', async (client, request) => {
      const self = await client.get<AnyObject>(appType, request)
      if (self.spec?.done === true) return
      if ((await client.tryGet(partType, { namespace: 'default', name: 'a' })) === undefined)
        return { requeueAfterMs: 1000 }
      await client.update({ ...self, spec: { done: true } })
    })
    const { outcomes, violated } = await searchScenario(
      { controllers: [waiting], objects: [app('a'), part('a')] },
      only,
    )
    expect(outcomes.length).toBe(1)
    expect(violated).toEqual([])
  })

  test('lets the first instance end what it began with the view that it had', async () => {
    // After its write it reads the part through its cache: that of the instance that began, which knows it.
    const careful = controllerOf(
      'careful',
      async (client, request) => {
        const self = await client.get<AnyObject>(appType, request)
        if (self.spec?.saw !== undefined) return
        const marked = await client.update({ ...self, spec: { step: 1 } })
        const seen = await client.tryGet<AnyObject>(partType, { namespace: 'default', name: 'a' })
        await client.update({ ...marked, spec: { saw: seen === undefined ? 'nothing' : 'the part' } })
      },
      { watches: [{ ...partType, requests: () => [] }] },
    )
    const scenario = { controllers: [careful], objects: [app('a'), part('a')] }
    const { outcomes } = await searchScenario(scenario, { ...only, granularity: 'write' })
    expect(outcomes.map((outcome) => (outcome['App default/a'] as AnyObject).spec)).toEqual([{ saw: 'the part' }])
  })
})
