import { describe, expect, it } from 'vitest'
import { defineScenario } from '#cluster/scenario.ts'
import { defineController } from '#controller/define-controller.ts'
import { explore } from '#explore.ts'
import { always } from '#properties/user.ts'

const thing = { apiVersion: 'test.kamera.dev/v1', kind: 'Thing' }
const reconciler = () => ({ async reconcile() {} })
const forEver = () => {
  for (;;);
}
const objects = [{ ...thing, metadata: { namespace: 'default', name: 'a' } }]

describe('code outside a reconcile that loops for ever', () => {
  it('is ended and named: a mapping function', async () => {
    const controllers = [defineController({ name: 'looping', watches: [{ ...thing, requests: forEver }], reconciler })]
    const search = explore(defineScenario({ name: 'loop', kinds: [thing], objects, controllers }), { faults: 0 })
    await expect(search).rejects.toThrow(/controller looping: a predicate or mapping function does not come back/)
  })

  it('is ended and named: a property', async () => {
    const controllers = [defineController({ name: 'quiet', for: thing, reconciler })]
    const properties = [always('endless', forEver)]
    const search = explore(defineScenario({ name: 'loop', kinds: [thing], objects, controllers, properties }), {
      faults: 0,
    })
    await expect(search).rejects.toThrow(/the property "endless" does not come back/)
  })
})
