/** The user's script, clause by clause: when each verb is enabled, what it writes, what it waits for. */
import { describe, expect, it } from 'vitest'
import { apply, create, patch, remove, scale, type UserAction } from '#cluster/scenario.ts'
import { app, appType, controllerOf, part, partType, searchScenario, type TestScenario } from './scenario-search.ts'

const a = { ...appType, name: 'a' }
const held = (name: string) => ({ ...app(name), metadata: { namespace: 'default', name, finalizers: ['test/hold'] } })
const search = (actions: readonly UserAction[], more: Partial<TestScenario> = {}) =>
  searchScenario({ controllers: [], actions, ...more })

/** Takes its finalizer from what is being deleted. */
const releases = controllerOf('releases', async (client, key) => {
  const found = await client.tryGet<ReturnType<typeof app>>(appType, key)
  if (found?.metadata.deletionTimestamp === undefined) return
  await client.patch({ type: appType, key }, { metadata: { finalizers: null } }, { patchType: 'merge' })
})

const noController = { objects: [] }

describe('an action', () => {
  it('happens at any moment after the one before it', async () => {
    // Two requests and two actions, in every order: a square of (position in the script, what has run).
    const once = controllerOf('once', async (client, { name }) => {
      if ((await client.tryGet(partType, { namespace: 'default', name })) === undefined) await client.create(part(name))
    })
    const { outcomes, states } = await search([create(app('b')), create(app('c'))], { controllers: [once] })
    expect(outcomes).toHaveLength(1)
    // One app: pending or done; with each action one more. 2 + 4 + 8 states.
    expect(states).toBe(2 + 4 + 8)
  })

  it("at: 'rest' waits until the cluster is quiet", async () => {
    const once = controllerOf('once', async (client, { name }) => {
      if ((await client.tryGet(partType, { namespace: 'default', name })) === undefined) await client.create(part(name))
    })
    const { states } = await search([create(app('b'), { at: 'rest' })], { controllers: [once] })
    expect(states).toBe(2 + 2)
  })
})

describe('create', () => {
  it('waits until the name is free', async () => {
    const { outcomes, violated } = await search([remove(a), create(app('a', { again: true }))], {
      objects: [held('a') as never],
      controllers: [releases],
    })
    expect(violated).toEqual([])
    expect(outcomes).toMatchObject([{ 'App default/a': { spec: { again: true } } }])
  })

  it('is stuck where the name stays taken', async () => {
    const { violated, violations } = await search([create(app('a'))])
    expect(violated).toEqual(['comes-to-rest'])
    expect(JSON.stringify(violations)).toContain('create App default/a')
  })
})

describe('apply', () => {
  it('does not land on an object that is being deleted, whoever deletes it', async () => {
    const { outcomes } = await search([remove(a, { wait: false }), apply(app('a', { again: true }))], {
      objects: [held('a') as never],
      controllers: [releases],
    })
    expect(outcomes).toHaveLength(1)
    expect(outcomes[0]?.['App default/a']).not.toHaveProperty('metadata.deletionTimestamp')
  })

  it('takes away what the last apply said and this one does not, but nothing that create said', async () => {
    const applied = await search([apply(app('a', { x: 1 })), apply(app('a', { y: 1 }))], noController)
    expect(applied.outcomes).toMatchObject([{ 'App default/a': { spec: { y: 1 } } }])
    expect(applied.outcomes[0]?.['App default/a']).not.toHaveProperty('spec.x')
    const created = await search([create(app('a', { x: 1 })), apply(app('a', { y: 1 }))], noController)
    expect(created.outcomes).toMatchObject([{ 'App default/a': { spec: { x: 1, y: 1 } } }])
    const actions = [apply(app('a', { x: 1 })), remove(a), create(app('a', { x: 2 })), apply(app('a', { y: 1 }))]
    expect((await search(actions, noController)).outcomes).toMatchObject([
      { 'App default/a': { spec: { x: 2, y: 1 } } },
    ])
  })
})

describe('remove', () => {
  it('makes the next action on that name wait until the object is gone, and no other', async () => {
    // Nobody releases a: what concerns b happens, what concerns a does not.
    const objects = [held('a') as never, app('b')]
    const touchB = patch({ ...appType, name: 'b' }, { spec: { touched: true } })
    const touchA = patch(a, { spec: { touched: true } })
    const { violated, violations, states } = await search([remove(a), touchB, touchA], { objects })
    expect(violated).toEqual(['comes-to-rest'])
    expect(JSON.stringify(violations)).toMatch(/App default\/a is being deleted.*test\/hold/)
    expect(states).toBe(3)
  })

  it('is itself a wait for ever, where nothing follows and nobody takes the finalizer', async () => {
    expect((await search([remove(a)], { objects: [held('a') as never] })).violated).toEqual(['comes-to-rest'])
    expect((await search([remove(a, { wait: false })], { objects: [held('a') as never] })).violated).toEqual([])
  })

  it('waits for nothing with wait: false: a patch takes the finalizer away', async () => {
    const { violated, outcomes } = await search(
      [remove(a, { wait: false }), patch(a, { metadata: { finalizers: null } })],
      { objects: [held('a') as never] },
    )
    expect(violated).toEqual([])
    expect(outcomes).toEqual([{}])
  })

  it('counts by the last removal of a name: an earlier wait is over', async () => {
    const actions = [remove(a), create(held('a')), remove(a, { wait: false }), patch(a, { spec: { late: true } })]
    const { outcomes, violated } = await search(actions)
    expect(violated).toEqual([])
    expect(outcomes).toMatchObject([{ 'App default/a': { spec: { late: true } } }])
  })

  it('of what is not there does nothing', async () => {
    expect((await search([remove(a)], noController)).violated).toEqual([])
  })

  it('takes at once what would be stopped gracefully, with gracePeriodSeconds: 0', async () => {
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { namespace: 'default', name: 'p' },
      spec: { nodeName: 'node', containers: [{ name: 'main', image: 'x' }] },
      status: { phase: 'Running' },
    }
    const target = { apiVersion: 'v1', kind: 'Pod', name: 'p' }
    const objects = [pod as never]
    expect((await search([remove(target)], { objects })).violated).toEqual(['comes-to-rest'])
    expect((await search([remove(target, { gracePeriodSeconds: 0 })], { objects })).violated).toEqual([])
  })
})

describe('patch and scale', () => {
  it('wait until the object is there', async () => {
    const makes = controllerOf('makes', async (client) => {
      if ((await client.tryGet(partType, { namespace: 'default', name: 'p' })) === undefined)
        await client.create(part('p'))
    })
    const { outcomes, violated } = await search([patch({ ...partType, name: 'p' }, { spec: { x: 1 } })], {
      controllers: [makes],
    })
    expect(violated).toEqual([])
    expect(outcomes).toMatchObject([{ 'Part default/p': { spec: { x: 1 } } }])
  })

  it('scale by the subresource of the kind, at its path', async () => {
    const deployment = { apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: { namespace: 'default', name: 'r' } }
    const spec = {
      replicas: 1,
      selector: { matchLabels: { x: 'y' } },
      template: { metadata: { labels: { x: 'y' } }, spec: { containers: [{ name: 'm', image: 'i' }] } },
    }
    const target = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'r' }
    const { level } = await search([scale(target, 3)], { objects: [{ ...deployment, spec } as never] })
    const scaled = level.rests[0]?.objects.find(({ kind }) => kind === 'ReplicaSet')
    expect(scaled?.fields).toMatchObject({ spec: { replicas: 3 } })
    const plain = await search([scale(a, 3)])
    expect(plain.outcomes).toMatchObject([{ 'App default/a': { spec: { replicas: 3 } } }])
  })
})

describe('a script that is none', () => {
  it('is refused with the place', async () => {
    const refused = (action: unknown) => search([action as UserAction])
    await expect(refused({ type: 'delete', target: a })).rejects.toThrow(
      /actions\[0\] \(delete\): a user's actions are apply/,
    )
    await expect(refused(undefined)).rejects.toThrow(/actions\[0\]/)
    await expect(refused(scale(a, -1))).resolves.toBeDefined()
  })
})
