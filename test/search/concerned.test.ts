/** Who is concerned with a write, so that it is no private one: whoever is left out here would hide a finding or an outcome. */
import { describe, expect, it } from 'vitest'
import { ApiError } from '#api/status.ts'
import type { UserAction, UserProperty } from '#cluster/scenario.ts'
import type { Controller } from '#controller/define-controller.ts'
import { always, defineScenario, explore, patch } from '#index.ts'
import { type AnyObject, app, appType, controllerOf, part, partType, searchScenario } from './scenario-search.ts'

const a = { namespace: 'default', name: 'a' }
const kinds = [appType, partType].map((type) => ({ ...type, statusSubresource: true }))

interface Parts {
  readonly controllers: readonly Controller[]
  readonly objects?: readonly AnyObject[]
  readonly actions?: readonly UserAction[]
  readonly properties?: readonly UserProperty[]
}

async function searched(parts: Parts, reduction: 'none' | readonly ['private-writes']) {
  const scenario = defineScenario({ name: 'concerned', kinds, objects: [app('a'), part('a')], ...parts })
  const { outcomes, findings, statistics, exhaustive } = await explore(scenario, {
    faults: 0,
    granularity: 'write',
    reduction,
  })
  return {
    outcomes: outcomes.map(({ fingerprint }) => fingerprint).sort(),
    found: findings.map(({ property }) => property),
    states: statistics.statesDistinct,
    exhaustive,
  }
}

async function both(parts: Parts) {
  const [plain, reduced] = [await searched(parts, 'none'), await searched(parts, ['private-writes'])]
  expect({ ...reduced, states: 0 }).toEqual({ ...plain, states: 0 })
  expect(plain.exhaustive).toBe(true)
  return { ...plain, reducedStates: reduced.states }
}

/** Says that it works and then that it is done, in one reconcile. */
function works(type: typeof appType): Controller {
  return controllerOf(
    `works-on-${type.kind.toLowerCase()}`,
    async (client, key) => {
      const self = await client.get<AnyObject>(type, key)
      if (self.status?.phase === 'done') return
      const working = await client.status().update({ ...self, status: { phase: 'working' } })
      await client.status().update({ ...working, status: { phase: 'done' } })
    },
    { for: type, process: type.kind },
  )
}

/** Writes once, and does something else when somebody came between. */
const gives = controllerOf('gives-up', async (client, key) => {
  const self = await client.get<AnyObject>(appType, key)
  if (self.status?.phase !== undefined) return
  try {
    await client.status().update({ ...self, status: { phase: 'done' } })
  } catch (error) {
    if (!(error instanceof ApiError && error.isConflict)) throw error
    await client.create(part('conflicted'))
  }
})

describe('a private write', () => {
  const controllers = [works(appType), works(partType)]

  it('is taken first where nobody else is concerned', async () => {
    const { states, reducedStates } = await both({ controllers })
    // Each waits, is at its first write, is at its second, was woken by them, or rests. Whoever is at the second goes
    // on before the other does, so both are never there.
    expect(states).toBe(5 * 5)
    expect(reducedStates).toBe(5 * 5 - 1)
  })

  it('is not private when a property reads the object', async () => {
    const isWorking = (object: AnyObject | undefined): boolean => object?.status?.phase === 'working'
    const oneAtATime = always('one works at a time', (cluster) => {
      const [one, other] = [cluster.get<AnyObject>(appType, a), cluster.get<AnyObject>(partType, a)]
      return !(isWorking(one) && isWorking(other))
    })
    const { found } = await both({ controllers, properties: [oneAtATime] })
    expect(found).toEqual(['one works at a time'])
  })

  it('is not private when a property lists the objects', async () => {
    const isWorking = (object: AnyObject): boolean => object.status?.phase === 'working'
    const oneAtATime = always('one works at a time', (cluster) => {
      const all = [...cluster.list<AnyObject>(appType), ...cluster.list<AnyObject>(partType)]
      return all.filter(isWorking).length < 2
    })
    const { found } = await both({ controllers, properties: [oneAtATime] })
    expect(found).toEqual(['one works at a time'])
  })

  it('is not private when a mapping function of another controller reads the object', async () => {
    const notes = controllerOf(
      'notes',
      async (client, key) => {
        const known = await client.tryGet(partType, { ...key, name: `${key.name}-seen` })
        if (known === undefined) await client.create(part(`${key.name}-seen`))
      },
      {
        process: 'notes',
        for: { apiVersion: 'v1', kind: 'ConfigMap' },
        watches: [
          {
            ...partType,
            requests: async (_part, { cached }) => {
              const self = await cached.tryGet<AnyObject>(appType, a)
              return self?.status?.phase === 'working' ? [a] : []
            },
          },
        ],
      },
    )
    const { outcomes } = await both({ controllers: [works(appType), works(partType), notes] })
    expect(outcomes.length).toBeGreaterThan(1)
  })

  it('is not private when it wakes another controller, though that does not read the object', async () => {
    const counts = controllerOf(
      'counts',
      async (client) => {
        const counter = await client.get<AnyObject>(partType, a)
        await client.status().update({ ...counter, status: { runs: (counter.status?.runs ?? 0) + 1 } })
      },
      { process: 'counts' },
    )
    const { outcomes } = await both({ controllers: [works(appType), counts] })
    // For its start and for both writes, of which each may be met by a run that was asked for before.
    expect(outcomes).toHaveLength(3)
  })

  it('is not private when somebody reads the object for the first time after it was taken for private', async () => {
    const tells = controllerOf('tells', async (client, key) => {
      const self = await client.get<AnyObject>(appType, key)
      if (self.status?.phase === 'told') return
      await client.patch({ type: partType, key: a }, { spec: { look: true } }, { patchType: 'merge' })
      await client.status().update({ ...self, status: { phase: 'told' } })
    })
    const looks = controllerOf(
      'looks',
      async (client, key) => {
        const self = await client.get<AnyObject>(partType, key)
        if (self.status?.seen !== undefined) return
        // What is asked where the write is enabled is known before it is judged: so it asks in its second run.
        const seen = self.status === undefined ? undefined : (await client.get<AnyObject>(appType, a)).status
        const status = self.status === undefined ? { begun: true } : { seen: seen?.phase ?? 'nothing' }
        await client.status().update({ ...self, status })
      },
      { for: { ...partType, predicate: ({ object }) => (object as AnyObject).spec.look === true } },
    )
    // Without the runs that `explore` begins with, which would tell before.
    const scenario = { controllers: [tells, looks], objects: [app('a'), part('a')] }
    const { outcomes } = await searchScenario(scenario, { granularity: 'write', privateWrites: true })
    expect(outcomes).toHaveLength(2)
  })

  it('is not private when reads of the API server follow it', async () => {
    const compares = controllerOf('compares', async (client, key, { apiReader }) => {
      const self = await client.get<AnyObject>(appType, key)
      if (self.status?.compared === true) return
      const before = await apiReader.get<AnyObject>(partType, key)
      await client.status().update({ ...self, status: { compared: true } })
      const after = await apiReader.get<AnyObject>(partType, key)
      if (before.status?.phase !== after.status?.phase) await client.create(part('differs'))
    })
    const { outcomes } = await both({ controllers: [compares, works(partType)] })
    expect(outcomes).toHaveLength(2)
  })

  it('is not private when the user may act on the object', async () => {
    const actions = [patch({ ...appType, ...a }, { spec: { size: 2 } })]
    const { outcomes } = await both({ controllers: [gives], actions })
    expect(outcomes).toHaveLength(2)
  })

  it('is not private when another reconcile writes the object without reading it', async () => {
    const marks = controllerOf(
      'marks',
      async (client) => {
        await client.patch({ type: appType, key: a }, { spec: { marked: true } }, { patchType: 'merge' })
      },
      { for: partType, process: 'marks' },
    )
    const { outcomes } = await both({ controllers: [gives, marks] })
    expect(outcomes).toHaveLength(2)
  })
})
