import { describe, expect, it } from 'vitest'
import { defineScenario } from '#cluster/scenario.ts'
import { defineController } from '#controller/define-controller.ts'
import { explore } from '#explore.ts'
import { always, sometimes } from '#properties/user.ts'

const thing = { apiVersion: 'test.kamera.dev/v1', kind: 'Thing' }
const part = { apiVersion: 'test.kamera.dev/v1', kind: 'Part' }
const partOf = (name: string) => ({ ...part, metadata: { namespace: 'default', name } })
const has = (name: string) => (cluster: { get(type: typeof part, key: { name: string }): unknown }) =>
  cluster.get(part, { name }) !== undefined

function scenario(together: boolean) {
  const maker = defineController({
    name: 'maker',
    for: thing,
    reconciler: ({ client }) => ({
      async reconcile(request) {
        if ((await client.tryGet(part, { namespace: 'default', name: 'first' })) !== undefined) return
        if ((await client.tryGet(part, { namespace: 'default', name: 'second' })) !== undefined) return
        if ((await client.tryGet(thing, request)) === undefined) return
        const make = (name: string) => () => client.create(partOf(name))
        if (together) await Promise.all([make('first')(), make('second')(), make('third')()])
        else for (const name of ['first', 'second', 'third']) await make(name)()
      },
    }),
  })
  return defineScenario({
    name: 'batch',
    kinds: [thing, part],
    objects: [{ ...thing, metadata: { namespace: 'default', name: 'a' } }],
    controllers: [maker],
    properties: [
      sometimes('third alone', (cluster) => has('third')(cluster) && !has('first')(cluster) && !has('second')(cluster)),
      always('second after first', (cluster) => has('first')(cluster) || !has('second')(cluster)),
    ],
  })
}

const options = { faults: 0, granularity: 'write', reduction: 'none' } as const

describe('writes that are called together', () => {
  it('commit in any order at granularity write: every subset of three is reached', async () => {
    const report = await explore(scenario(true), options)
    // Each of the 2³ sets of parts is a store; the thing and the namespace are there in all.
    expect(report.statistics.storesDistinct).toBe(8)
    expect(report.outcomes.length).toBe(1)
    expect(report.findings.map(({ oracle, property }) => `${oracle} ${property}`)).toEqual([
      'always second after first',
    ])
  })

  it('commit in the order issued when each is awaited', async () => {
    const report = await explore(scenario(false), options)
    expect(report.statistics.storesDistinct).toBe(4)
    expect(report.findings.map(({ oracle, property }) => `${oracle} ${property}`)).toEqual(['sometimes third alone'])
  })

  it('commit in the order issued at granularity reconcile', async () => {
    const report = await explore(scenario(true), { ...options, granularity: 'reconcile' })
    expect(report.findings.map(({ oracle, property }) => `${oracle} ${property}`)).toEqual(['sometimes third alone'])
  })
})
