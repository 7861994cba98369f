/** Event-handler controllers: a call for each event, in order for each object, lost with its process or its error. */
import { describe, expect, it } from 'vitest'
import type { UserAction } from '#cluster/scenario.ts'
import { create, patch, remove } from '#cluster/scenario.ts'
import type { ReconcilerTools } from '#controller/controller.ts'
import { defineHandlers, type EventHandlers } from '#controller/define-handlers.ts'
import { app, appType, part, partType, searchScenario } from './scenario-search.ts'

const target = (name: string) => ({ ...appType, name })

/** Every call leaves a Part that is named after it: `add-a-1`, by how many there were. */
async function note({ client, apiReader }: ReconcilerTools, what: string): Promise<void> {
  const noted = await apiReader.list(partType)
  await client.create(part(`${noted.length + 1}-${what}`))
}

// biome-ignore lint/suspicious/noExplicitAny: fields of the tests' kinds
type Any = any

const noting: EventHandlers = {
  ...appType,
  add: (object: Any, tools) => note(tools, `add-${object.spec.n}`),
  update: (object: Any, tools, old: Any) => note(tools, `update-${old.spec.n}-${object.spec.n}`),
  delete: (object: Any, tools) => note(tools, `delete-${object.spec.n}`),
}

const search = (
  on: readonly EventHandlers[],
  { actions = [], survivesErrors = false, objects = [app('a', { n: 0 })] }: Given = {},
  options: Parameters<typeof searchScenario>[1] = {},
) =>
  searchScenario({ controllers: [defineHandlers({ name: 'watcher', on, survivesErrors })], objects, actions }, options)

interface Given {
  readonly actions?: readonly UserAction[]
  readonly objects?: ReturnType<typeof app>[]
  readonly survivesErrors?: boolean
}

const parts = (outcome: Readonly<Record<string, unknown>>) =>
  Object.keys(outcome)
    .filter((name) => name.startsWith('Part '))
    .map((name) => name.slice('Part default/'.length))

describe('a handler', () => {
  it('is called for every event of an object, in order, with what it was and is', async () => {
    const actions = [
      patch(target('a'), { spec: { n: 1 } }),
      patch(target('a'), { spec: { n: 2 } }),
      remove(target('a')),
    ]
    const { outcomes, states } = await search([noting], { actions })
    expect(outcomes.map(parts)).toEqual([['1-add-0', '2-update-0-1', '3-update-1-2', '4-delete-2']])
    // (taken, happened) with 0 ≤ taken ≤ happened ≤ 4, where the start counts as happened.
    expect(states).toBe(4 + 4 + 3 + 2 + 1)
  })

  it('is called for different objects in any order', async () => {
    const { outcomes, states, transitions } = await search([noting], {
      objects: [app('a', { n: 0 }), app('b', { n: 1 })],
    })
    expect(outcomes.map(parts).sort()).toEqual([
      ['1-add-0', '2-add-1'],
      ['1-add-1', '2-add-0'],
    ])
    expect([states, transitions]).toEqual([5, 4])
  })

  it('is not called for what it has no function for, nor for other kinds', async () => {
    const { outcomes, states } = await search([{ ...appType, delete: noting.delete as never }], {
      actions: [patch(target('a'), { spec: { n: 1 } }), create(part('x')), remove(target('a'))],
    })
    expect(outcomes.map(parts)).toEqual([['2-delete-1', 'x']])
    expect(states).toBe(5)
  })

  it('may be one of several for a kind, which are called together', async () => {
    const mark = (name: string): EventHandlers => ({
      ...appType,
      add: (_: Any, { client }) => client.create(part(name)),
    })
    const { outcomes } = await search([mark('x'), mark('y')])
    expect(outcomes.map(parts)).toEqual([['x', 'y']])
  })

  it('writes with the resourceVersion of the event, and meets conflicts where that is old', async () => {
    const conflicts: EventHandlers = {
      ...appType,
      add: async (object: Any, { client }) => {
        try {
          await client.update({ ...object, spec: { ...object.spec, touched: true } })
        } catch {
          await client.create(part('conflict'))
        }
      },
    }
    const actions = [patch(target('a'), { spec: { n: 1 } })]
    const { outcomes } = await search([conflicts], { actions })
    expect(outcomes.map(parts).sort()).toEqual([[], ['conflict']])
  })
})

describe('a crash', () => {
  it('loses the events that wait, and lists every object as added', async () => {
    const { outcomes } = await search([noting], { actions: [remove(target('a'))] }, { faults: 1, stale: 0 })
    const ends = outcomes.map((outcome) => parts(outcome).join())
    expect(ends).toContain('1-add-0,2-delete-0')
    // The deletion was never seen: by a process that was down, nor by its successor.
    expect(ends).toContain('1-add-0')
    expect(ends).toContain('1-add-0,2-add-0,3-delete-0')
    expect(ends).toContain('')
  })

  it('after a write leaves the rest of the handler undone', async () => {
    const two: EventHandlers = {
      ...appType,
      add: async (_: Any, { client }) => {
        if ((await client.tryGet(partType, { namespace: 'default', name: 'x' })) !== undefined) return
        await client.create(part('x'))
        await client.create(part('y'))
      },
    }
    const { violated } = await search([two], {}, { faults: 1, stale: 0 })
    expect(violated).toContain('same-outcome')
  })
})

describe('a lag', () => {
  it('makes a handler late, not wrong about its own event', async () => {
    const { outcomes } = await search(
      [noting],
      { actions: [patch(target('a'), { spec: { n: 1 } })] },
      { faults: 1, crash: 0 },
    )
    expect(outcomes.map(parts)).toEqual([['1-add-0', '2-update-0-1']])
  })
})

describe('an error', () => {
  const fails: EventHandlers = {
    ...appType,
    add: async (_: Any, { client }) => {
      await client.create(part('x'))
      throw new Error('no')
    },
  }

  it('that a handler lets out ends the process, and is found', async () => {
    const { violations, level } = await search([fails])
    expect(level.defects[0]?.message).toBe('unhandled rejection in a handler, which ends the process: Error: no')
    expect(violations.map(({ oracle }) => oracle)).toContain('no-error-loop')
  })

  it('is lost with its event in a program that survives it', async () => {
    const { outcomes, violated, states } = await search([fails], { survivesErrors: true })
    expect(outcomes.map(parts)).toEqual([['x']])
    expect(violated).toEqual([])
    expect(states).toBe(2)
  })
})

describe('the search write by write, and with absorption, comes to the same', () => {
  const actions = [patch(target('a'), { spec: { n: 1 } }), remove(target('a'))]

  it.each([
    { granularity: 'write' as const, absorbNoOps: false },
    { granularity: 'write' as const, absorbNoOps: true },
    { granularity: 'reconcile' as const, absorbNoOps: true },
  ])('$granularity, absorption $absorbNoOps', async (rules) => {
    const silent = { ...partType, add: () => undefined }
    const plain = await search([noting, silent], { actions }, { faults: 1 })
    const other = await search([noting, silent], { actions }, { faults: 1, ...rules })
    const ends = ({ outcomes }: typeof plain) => [...new Set(outcomes.map((outcome) => parts(outcome).join()))].sort()
    expect(ends(other)).toEqual(expect.arrayContaining(ends(plain)))
    if (rules.granularity === 'reconcile') expect(ends(other)).toEqual(ends(plain))
    expect(other.violated).toEqual(plain.violated)
  })
})

describe('defineHandlers', () => {
  it('names the field that is wrong', () => {
    expect(() => defineHandlers({ name: '', on: [] })).toThrow(/name is ""/)
    expect(() => defineHandlers({ name: 'a', on: [] })).toThrow(/on is no array of kinds/)
    expect(() => defineHandlers({ name: 'a', on: [{ ...appType }] })).toThrow(/on\[0\] has no handler/)
    expect(() => defineHandlers({ name: 'a', on: [{ ...appType, added: () => {} } as never] })).toThrow(
      /no field added/,
    )
    expect(() => defineHandlers({ name: 'a', on: [{ ...appType, add: 1 as never }] })).toThrow(
      /on\[0\].add is no function/,
    )
  })
})
