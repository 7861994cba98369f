/** The fault slow: a timer fires while other work waits, and what was passed is part of the environment history. */
import { describe, expect, test } from 'vitest'
import { defineController } from '#controller/define-controller.ts'
import { type AnyObject, app, appType, controllerOf, part, partType, searchScenario } from './scenario-search.ts'

const key = { namespace: 'default', name: 'a' }
const slow = { faults: 1, stale: 0, crash: 0, slow: 1 }

interface Watching {
  passes: number
  reconcile(): Promise<unknown>
}

/** Looks after five seconds whether the App is done, and writes down what it saw. */
const watcher = defineController({
  name: 'watcher',
  for: partType,
  reconciler: ({ client }) =>
    ({
      passes: 0,
      async reconcile() {
        const mine = await client.get<AnyObject>(partType, key)
        if (mine.spec?.saw !== undefined) return
        this.passes = Math.min(this.passes + 1, 2)
        if (this.passes === 1) return { requeueAfterMs: 5000 }
        const watched = await client.get<AnyObject>(appType, key)
        await client.update({ ...mine, spec: { saw: watched.spec?.done === true ? 'done' : 'too late' } })
      },
    }) as Watching as never,
  memory: {
    snapshot: ({ passes }: Watching) => ({ passes }),
    restore: (watching: Watching, memory) => {
      watching.passes = (memory as { passes: number }).passes
    },
  },
})

const worker = controllerOf('worker', async (client, request) => {
  const self = await client.get<AnyObject>(appType, request)
  if (self.spec?.done !== true) await client.update({ ...self, spec: { done: true } })
})

const scenario = { controllers: [watcher, worker], objects: [app('a'), part('a')] }

function saw(searched: Awaited<ReturnType<typeof searchScenario>>): unknown[] {
  return searched.outcomes.map((outcome) => (outcome['Part default/a'] as AnyObject | undefined)?.spec?.saw).sort()
}

describe('slow', () => {
  test('is needed for a timer to pass work that is ready', async () => {
    expect(saw(await searchScenario(scenario))).toEqual(['done'])
    expect(saw(await searchScenario(scenario, { faults: 1, stale: 0, crash: 0 }))).toEqual(['done'])
  })

  test.each(['reconcile', 'write'] as const)(
    'lets it pass, in an environment history of its own, within which outcomes are compared (%s)',
    async (granularity) => {
      const searched = await searchScenario(scenario, { ...slow, granularity })
      // The timer passed when the App was done (its no-op pass waits), when it was not, and not at all.
      expect(saw(searched)).toEqual(['done', 'done', 'too late'])
      expect(searched.violated).toEqual(['same-outcome'])
      expect(new Set(searched.level.rests.map(({ history }) => history))).toEqual(
        new Set(['user 0', 'user 0, after 0: timer watcher default/a']),
      )
    },
  )

  test('needs other work: alone a timer is taken as it is without the fault', async () => {
    const alone = { ...scenario, controllers: [watcher] }
    const free = await searchScenario(alone)
    expect(await searchScenario(alone, slow)).toMatchObject({ states: free.states, transitions: free.transitions })
  })

  test('finds the same when no-ops could be absorbed', async () => {
    const searched = await searchScenario(scenario, { ...slow, absorbNoOps: true })
    expect(saw(searched)).toEqual(['done', 'done', 'too late'])
  })
})
