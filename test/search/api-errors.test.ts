/** The fault apiError: which calls fail in which ways, what it costs, and that the counts are those made by hand. */
import { describe, expect, test } from 'vitest'
import type { ApiError } from '#api/status.ts'
import { actionName } from '#cluster/action.ts'
import { type AnyObject, app, appType, controllerOf, part, partType, searchScenario } from './scenario-search.ts'

const key = { namespace: 'default', name: 'a' }

/** Names of the actions of the initial state, without that of the request. */
async function variants(reconcile: Parameters<typeof controllerOf>[1], options = {}): Promise<string[]> {
  let names: string[] = []
  const searched = await searchScenario(
    { controllers: [controllerOf('c', reconcile)] },
    { faults: 1, stale: 0, crash: 0, apiError: 1, ...options },
  )
  const { model } = searched.level
  const initial = await model.initial()
  model.enable(initial, initial.length, searched.level.graph.entryBudget.values[0] as number)
  names = model.enabled.actions.slice(0, model.enabled.count).map((action) => actionName(action, () => ''))
  return names.map((name) => name.replace('run c default/a', '').replace('begin c default/a', '').trim())
}

const create = [
  '',
  'error(0,timeout-applied)',
  'error(0,timeout)',
  'error(0,internal-error)',
  'error(0,too-many-requests)',
]
const update = ['error(1,conflict)', ...create.slice(1).map((name) => name.replace('(0', '(1'))]
const read = ['error(0,timeout)', 'error(0,internal-error)', 'error(0,too-many-requests)']

describe('the calls that fail', () => {
  test('a create, in four ways: it carries no resourceVersion', async () => {
    expect(await variants(async (client) => void (await client.create(part('p'))))).toEqual(create)
  })

  test('an update of what was read, in five; the cached read before it cannot fail', async () => {
    const names = await variants(async (client, request) => {
      const self = await client.get<AnyObject>(appType, request)
      await client.update({ ...self, spec: { done: true } })
    })
    expect(names).toEqual(['', ...update])
  })

  test('under linearizable the read may fail too', async () => {
    const names = await variants(
      async (client, request) => {
        const self = await client.get<AnyObject>(appType, request)
        await client.update({ ...self, spec: { done: true } })
      },
      { profile: 'linearizable' },
    )
    expect(names).toEqual(['', ...read, ...update])
  })

  test('a read by the API reader, in three', async () => {
    expect(
      await variants(async (_client, request, { apiReader }) => void (await apiReader.get(appType, request))),
    ).toEqual(['', ...read])
  })

  test('what changes nothing is not applied: an applied timeout of a no-op is the one that was not', async () => {
    const names = await variants(async (client, request) => {
      const self = await client.get<AnyObject>(appType, request)
      await client.update(self)
    })
    expect(names).toEqual(['', 'error(1,conflict)', ...read.map((name) => name.replace('(0', '(1'))])
  })

  test('a patch conflicts only if it names a revision or uid, a delete only with a precondition', async () => {
    const merge = { patchType: 'merge' } as const
    const blind = await variants(async (client) => {
      await client.patch({ type: appType, key }, { spec: { a: 1 } }, merge)
    })
    expect(blind).not.toContain('error(0,conflict)')
    const guarded = await variants(async (client, request) => {
      const self = await client.get<AnyObject>(appType, request)
      const { resourceVersion = '' } = self.metadata
      await client.patch({ type: appType, key }, { metadata: { resourceVersion }, spec: { a: 1 } }, merge)
    })
    expect(guarded).toContain('error(1,conflict)')
    expect(await variants(async (client) => client.delete({ type: appType, key }))).not.toContain('error(0,conflict)')
    const byUid = await variants(async (client, request) => {
      const self = await client.get<AnyObject>(appType, request)
      await client.delete({ type: appType, key }, { preconditions: { uid: self.metadata.uid ?? '' } })
    })
    expect(byUid).toContain('error(1,conflict)')
  })

  test('at granularity write only the write that commits and the reads after it', async () => {
    const names = await variants(async (client) => void (await client.create(part('p'))), { granularity: 'write' })
    expect(names).toEqual([''])
  })
})

describe('what the caller is told', () => {
  async function errors(reconcile: Parameters<typeof controllerOf>[1]): Promise<Map<string, ApiError>> {
    const seen = new Map<string, ApiError>()
    const catching = controllerOf('c', async (client, request, tools) => {
      try {
        await reconcile(client, request, tools)
      } catch (error) {
        seen.set(`${(error as ApiError).code} ${(error as ApiError).reason}`, error as ApiError)
      }
    })
    await searchScenario({ controllers: [catching] }, { faults: 1, stale: 0, crash: 0, apiError: 1 })
    return seen
  }

  test('an ApiError with the status of a real server', async () => {
    const seen = await errors(async (client, request) => {
      const self = await client.get<AnyObject>(appType, request)
      if (self.spec?.done !== true) await client.update({ ...self, spec: { done: true } })
    })
    expect([...seen.keys()].sort()).toEqual(['409 Conflict', '429 TooManyRequests', '500 InternalError', '504 Timeout'])
    expect(seen.get('409 Conflict')).toMatchObject({
      isConflict: true,
      message:
        'Operation cannot be fulfilled on apps.test.kamera.dev "a": the object has been modified; please apply your changes to the latest version and try again',
      status: { kind: 'Status', details: { name: 'a', group: 'test.kamera.dev', kind: 'apps' } },
    })
    expect(seen.get('429 TooManyRequests')?.status).toMatchObject({
      message:
        'the server has received too many requests and has asked us to try again later (put apps.test.kamera.dev a)',
      details: { name: 'a', group: 'test.kamera.dev', kind: 'apps', retryAfterSeconds: 1 },
    })
  })
})

describe('counts', () => {
  /** Creates its part, if it is not there. */
  const creating = controllerOf('c', async (client) => {
    if ((await client.tryGet(partType, { ...key, name: 'p' })) === undefined) await client.create(part('p'))
  })

  /**
   * States by hand. 0: the request is pending, no part. 1: at rest with the part. 2: the part is there and the request
   * pending, which an applied timeout leads to. (The other errors lead back to 0.) Transitions: from 0 the run and its
   * four variants, from 2 the run that does nothing.
   */
  test('one error', async () => {
    const options = { faults: 1, stale: 0, crash: 0, apiError: 1 }
    const { states, transitions, outcomes, violated } = await searchScenario({ controllers: [creating] }, options)
    expect({ states, transitions }).toEqual({ states: 3, transitions: 6 })
    expect(outcomes.length).toBe(1)
    expect(violated).toEqual([])
  })

  test('none without the budget, or with its cap at 0', async () => {
    const none = { states: 2, transitions: 1 }
    expect(await searchScenario({ controllers: [creating] }, { faults: 0, apiError: 1 })).toMatchObject(none)
    expect(await searchScenario({ controllers: [creating] }, { faults: 1, stale: 0, crash: 0 })).toMatchObject(none)
  })

  /** With a crash (no lag): also a restart in each of the three states, and a crash after the create. */
  test('an error or a crash', async () => {
    const options = { faults: 1, stale: 0, crash: 1, apiError: 1 }
    const { states, transitions } = await searchScenario({ controllers: [creating] }, options)
    expect({ states, transitions }).toEqual({ states: 3, transitions: 6 + 1 + 2 })
  })

  test('two errors in one reconcile, where the first is caught', async () => {
    const stubborn = controllerOf('c', async (client) => {
      for (let attempt = 0; attempt < 2; attempt++) {
        try {
          await client.create(part('p'))
          return
        } catch (error) {
          if ((error as ApiError).isAlreadyExists) return
        }
      }
      throw new Error('twice')
    })
    const scenario = { controllers: [stubborn] }
    const errorsSeen = async (faults: number) => {
      const { level } = await searchScenario(scenario, { faults, stale: 0, crash: 0, apiError: faults })
      const initial = await level.model.initial()
      level.model.enable(initial, initial.length, level.graph.entryBudget.values[0] as number)
      return level.model.enabled.count
    }
    // One: the run, 4 errors of its create. Two: after an applied timeout the second create is refused (3 errors, none
    // applied), after each of the others it would change something (4 errors).
    expect(await errorsSeen(1)).toBe(1 + 4)
    expect(await errorsSeen(2)).toBe(1 + 4 + (3 + 3 * 4))
  })
})

describe('what only an error shows', () => {
  const secrets = controllerOf('c', async (client) => {
    if ((await client.tryGet(partType, { ...key, name: 'first' })) !== undefined) return
    await client.create(part('first'))
    await client.create(part('second'))
  })

  test.each(['reconcile', 'write'] as const)(
    'progress that is taken for whole, at granularity %s',
    async (granularity) => {
      const none = await searchScenario({ controllers: [secrets] }, { granularity })
      expect(none.violated).toEqual([])
      const one = await searchScenario(
        { controllers: [secrets] },
        { granularity, faults: 1, stale: 0, crash: 0, apiError: 1 },
      )
      expect(one.violated).toEqual(['same-outcome'])
      expect(one.outcomes.length).toBe(2)
    },
  )

  test('an ambiguous create with a generated name makes two', async () => {
    const naming = controllerOf(
      'c',
      async (client, request, { apiReader }) => {
        const self = await client.get<AnyObject>(appType, request)
        if (self.spec?.part !== undefined) return
        const { name, ...metadata } = part('p').metadata
        const made = await client.create({ ...part('p'), metadata: { ...metadata, generateName: 'p-' } } as AnyObject)
        await client.update({ ...self, spec: { part: made.metadata.name } })
        await apiReader.list(partType)
      },
      { owns: [] },
    )
    const { outcomes } = await searchScenario({ controllers: [naming] }, { faults: 1, stale: 0, crash: 0, apiError: 1 })
    expect(
      outcomes.map((outcome) => Object.keys(outcome).filter((name) => name.startsWith('Part')).length).sort(),
    ).toEqual([1, 2])
  })

  test('an error taken for an empty list deletes', async () => {
    const hasty = controllerOf('c', async (client, request, { apiReader }) => {
      const parts = await apiReader.list(partType).catch(() => [])
      if (parts.length === 0) await client.delete({ type: appType, key: request })
    })
    const scenario = { controllers: [hasty], objects: [app('a'), part('p')] }
    const options = { faults: 1, stale: 0, crash: 0, apiError: 1, absorbNoOps: true }
    expect((await searchScenario(scenario, { absorbNoOps: true })).outcomes.length).toBe(1)
    expect((await searchScenario(scenario, options)).outcomes.length).toBe(2)
  })

  test('also where the list is cached, under linearizable, though the undisturbed request is a no-op', async () => {
    const hasty = controllerOf('c', async (client, request) => {
      const parts = await client.list(partType).catch(() => [])
      if (parts.length === 0) await client.delete({ type: appType, key: request })
    })
    const scenario = { controllers: [hasty], objects: [app('a'), part('p')] }
    const options = { faults: 1, stale: 0, crash: 0, apiError: 1, absorbNoOps: true }
    expect((await searchScenario(scenario, { ...options, profile: 'linearizable' })).outcomes.length).toBe(2)
    expect((await searchScenario(scenario, { ...options, profile: 'lagging' })).outcomes.length).toBe(1)
  })

  test('a defect in the code that handles an error, also in states that are first met without budget', async () => {
    const clumsy = controllerOf('c', async (client, request) => {
      const self = await client.get<AnyObject>(appType, request)
      const step = self.spec?.step ?? 0
      if (step < 2) {
        try {
          await client.update({ ...self, spec: { step: step + 1 } })
        } catch (error) {
          if (step === 1) (error as { missing: { field: string } }).missing.field = ''
          throw error
        }
      }
    })
    const options = { faults: 1, stale: 0, crash: 0, apiError: 1 }
    expect((await searchScenario({ controllers: [clumsy] }, options)).violated).toContain('no-error-loop')
  })
})
