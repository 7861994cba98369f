import { describe, expect, it } from 'vitest'
import { defineScenario, patch } from '#cluster/scenario.ts'
import { defineController } from '#controller/define-controller.ts'
import { explore } from '#explore.ts'

const parent = { apiVersion: 'test.kamera.dev/v1', kind: 'Parent' }
const child = { apiVersion: 'test.kamera.dev/v1', kind: 'Child' }

/** Makes a child that carries the generation it was made for, and reverts an odd user once. */
function copying(copies: boolean) {
  return defineController({
    name: 'parent',
    for: parent,
    owns: [child],
    reconciler: ({ client }) => ({
      async reconcile(request) {
        const object = await client.tryGet(parent, request)
        if (object === undefined) return
        const made = await client.tryGet(child, request)
        const stamp = copies ? String(object.metadata.generation) : 'made'
        if (made === undefined)
          await client.create({ ...child, metadata: { ...request, annotations: { stamp, count: '1' } } })
        else if (made.metadata.annotations.stamp !== stamp) {
          await client.update({ ...made, metadata: { ...made.metadata, annotations: { stamp, count: '1' } } })
        }
      },
    }),
  })
}

function scenario(copies: boolean) {
  return defineScenario({
    name: 'generations',
    kinds: [parent, child],
    objects: [{ ...parent, metadata: { namespace: 'default', name: 'a' }, spec: { on: true } }],
    controllers: [copying(copies)],
    actions: [
      patch({ ...parent, namespace: 'default', name: 'a' }, { spec: { on: false } }),
      patch({ ...parent, namespace: 'default', name: 'a' }, { spec: { on: true } }),
    ],
  })
}

describe('generations used as data', () => {
  it('are told from numbers that only look alike, so the stamped child is found in each generation', async () => {
    const report = await explore(scenario(true), { faults: 0, granularity: 'reconcile', reduction: 'none' })
    const plain = await explore(scenario(false), { faults: 0, granularity: 'reconcile', reduction: 'none' })
    expect(report.verdict).toBe('holds')
    // The stamp is 1, 2 or 3; without it the child never changes.
    expect(report.statistics.storesDistinct).toBeGreaterThan(plain.statistics.storesDistinct)
  })

  it('do not keep a fight over a field from being seen as a cycle', async () => {
    const writer = (name: string, value: number) =>
      defineController({
        name,
        for: parent,
        reconciler: ({ client }) => ({
          async reconcile(request) {
            const object = await client.get(parent, request)
            if (object.spec.value !== value) await client.update({ ...object, spec: { value } })
          },
        }),
      })
    const fight = defineScenario({
      name: 'fight',
      kinds: [parent],
      objects: [{ ...parent, metadata: { namespace: 'default', name: 'a' }, spec: { value: 0 } }],
      controllers: [writer('one', 1), writer('two', 2)],
    })
    const report = await explore(fight, { faults: 0, granularity: 'reconcile', statesMax: 1000 })
    expect(report.exhaustive).toBe(true)
    expect(report.findings.map(({ oracle }) => oracle)).toEqual(['comes-to-rest'])
  })
})
