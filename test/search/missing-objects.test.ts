/** What a reconciler, and a mapping function, are told of an object that is not there. */
import { expect, it } from 'vitest'
import { ApiError } from '#api/status.ts'
import { defineScenario } from '#cluster/scenario.ts'
import { defineController } from '#controller/define-controller.ts'
import { explore } from '#explore.ts'

const thing = { apiVersion: 'test.kamera.dev/v1', kind: 'Thing' }
const pod = { apiVersion: 'v1', kind: 'Pod' }
const missing = { namespace: 'default', name: 'missing' }
const objects = [{ ...thing, metadata: { namespace: 'default', name: 'a' } }]

async function notFoundOf(get: Promise<unknown>): Promise<unknown> {
  try {
    return await get
  } catch (error) {
    return error instanceof ApiError && error.isNotFound ? error.message : error
  }
}

it('get of an object that is not there fails with NotFound, from the cache, the API server and in a mapping function', async () => {
  const answers = new Set<unknown>()
  const controller = defineController({
    name: 'reader',
    for: thing,
    watches: [
      {
        ...thing,
        requests: async (_, { cached, live }) => {
          answers.add(await notFoundOf(cached.get(pod, missing)))
          answers.add(await notFoundOf(live.get(pod, missing)))
          return []
        },
      },
    ],
    reconciler: ({ client, apiReader }) => ({
      async reconcile() {
        answers.add(await notFoundOf(client.get(pod, missing)))
        answers.add(await notFoundOf(apiReader.get(pod, missing)))
        answers.add(await client.tryGet(pod, missing))
      },
    }),
  })
  const report = await explore(defineScenario({ name: 'reader', kinds: [thing], objects, controllers: [controller] }), {
    apiError: 0,
  })
  expect(report.verdict).toBe('holds')
  expect([...answers]).toEqual(['pods "missing" not found', undefined])
})

it('a reconciler that needs what is not there fails for ever', async () => {
  const controller = defineController({
    name: 'needy',
    for: thing,
    reconciler: ({ client }) => ({
      async reconcile() {
        await client.get(pod, missing)
      },
    }),
  })
  const report = await explore(defineScenario({ name: 'needy', kinds: [thing], objects, controllers: [controller] }))
  expect(report.findings.map(({ oracle, message }) => `${oracle}: ${message}`)).toEqual([
    'no-error-loop: needy default/a fails for ever, and nothing else happens: pods "missing" not found',
  ])
})
