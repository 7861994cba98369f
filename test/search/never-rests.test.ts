import { expect, it } from 'vitest'
import { defineScenario } from '#cluster/scenario.ts'
import { defineController } from '#controller/define-controller.ts'
import { explore } from '#explore.ts'

const thing = { apiVersion: 'test.kamera.dev/v1', kind: 'Thing' }

it('does not say that a scenario holds in which nothing ever comes to rest', async () => {
  const busy = defineController({
    name: 'busy',
    for: thing,
    reconciler: ({ client }) => ({
      async reconcile(request) {
        await client.tryGet(thing, request)
        return { requeue: true }
      },
    }),
  })
  const report = await explore(
    defineScenario({
      name: 'busy',
      kinds: [thing],
      objects: [{ ...thing, metadata: { namespace: 'default', name: 'a' } }],
      controllers: [busy],
    }),
    { faults: 0 },
  )
  expect(report.verdict).toBe('inconclusive')
  expect(report.exhaustive).toBe(true)
  expect(report.lints.map(({ id }) => id)).toEqual(['never-rests'])
})
