/** No-op absorption where reads wait for the process's own writes: a wait is no missing watch. */
import { expect, it } from 'vitest'
import { patch } from '#cluster/scenario.ts'
import { type AnyObject, app, appType, controllerOf, part, partType, searchScenario } from './scenario-search.ts'

const a = { namespace: 'default', name: 'a' }

/** Wakes at its Apps until it is done with them, and at Parts always. */
const works = controllerOf(
  'works',
  async (client, key) => {
    const self = await client.tryGet<AnyObject>(appType, key)
    if (self === undefined || self.status?.phase === 'done') return
    const half = await client.status().update({ ...self, status: { phase: 'half' } })
    await client.status().update({ ...half, status: { phase: 'done' } })
  },
  {
    for: { ...appType, predicate: ({ object }) => (object as AnyObject).status?.phase === undefined },
    watches: [{ ...partType, requests: () => [a] }],
  },
)

it.each([
  ['lagging', ['uncovered-read:works:App']],
  ['read-your-writes', []],
] as const)('under %s tells of %j', async (profile, lints) => {
  const scenario = {
    controllers: [works],
    objects: [app('a'), part('a')],
    actions: [patch({ ...partType, ...a }, { spec: { size: 2 } })],
  }
  const options = { profile, faults: 1, crash: 0 }
  const reduced = await searchScenario(scenario, { ...options, absorbNoOps: true })
  const plain = await searchScenario(scenario, options)
  expect([...reduced.cluster.counters.lints.keys()]).toEqual(lints)
  expect(reduced.outcomes).toEqual(plain.outcomes)
  expect(reduced.violated).toEqual(plain.violated)
})
