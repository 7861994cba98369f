import { describe, expect, it } from 'vitest'
import { pods, runOnce } from './test-support.ts'

/** The outcome of a reconciler that returns or throws like this. */
async function outcomeOf(reconcile: Parameters<typeof runOnce>[0]) {
  return (await runOnce(reconcile)).outcome as { type: string; message: string; defect: boolean; site?: string }
}

describe('what a reconciler returns', () => {
  it.each([undefined, null, {}, { requeueAfterMs: 0 }, { requeue: false, requeueAfterMs: undefined }])(
    '%j is done',
    async (value) => {
      expect((await outcomeOf(async () => value)).type).toBe('done')
    },
  )

  it.each([
    ['ok', "reconcile returned 'ok'"],
    [30, 'reconcile returned 30'],
    [[], 'reconcile returned an array of 0'],
    [{ requeueAfterMs: '30s' }, "requeueAfterMs '30s'"],
    [{ requeueAfterMs: -1 }, 'requeueAfterMs -1'],
    [{ requeueAfterMs: Number.NaN }, 'requeueAfterMs NaN'],
    [{ requeue: 'yes' }, "requeue 'yes'"],
    [{ requeueAfter: 30 }, 'unknown field requeueAfter, which would have no effect. Did you mean requeueAfterMs'],
  ])('%j is a defect, and the message says what came and what is expected', async (value, words) => {
    const outcome = await outcomeOf(async () => value)
    expect(outcome).toMatchObject({ type: 'error', defect: true })
    expect(outcome.message).toContain(words)
  })
})

describe('what a reconciler throws', () => {
  it('an Error is the error result', async () => {
    expect(
      await outcomeOf(async () => {
        throw new Error('not ready')
      }),
    ).toEqual({ type: 'error', defect: false, message: 'Error: not ready' })
  })

  it('a TypeError is a defect, with its line', async () => {
    const outcome = await outcomeOf(async () => {
      const pod = JSON.parse('{}')
      return pod.spec.replicas
    })
    expect(outcome).toMatchObject({ type: 'error', defect: true })
    expect(outcome.message).toMatch(/^TypeError: Cannot read properties of undefined/)
    expect(outcome.site).toMatch(/^src\/hosts\/defects\.test\.ts:\d+:\d+$/)
  })

  it.each([new RangeError('r'), new ReferenceError('r'), new SyntaxError('s')])('so is a %s', async (error) => {
    expect((await outcomeOf(() => Promise.reject(error))).defect).toBe(true)
  })

  it('so is what is no Error', async () => {
    const outcome = await outcomeOf(() => Promise.reject('failed'))
    expect(outcome).toMatchObject({
      defect: true,
      message:
        "reconcile threw 'failed', which is no Error. Throw new Error(…), so that there is a message and a line.",
    })
  })

  it('so is an exception in a timer or a microtask, which in real life ends the process', async () => {
    const timer = await outcomeOf(
      () =>
        new Promise((resolve) => {
          setTimeout(() => {
            resolve(undefined)
            throw new Error('in a timer')
          }, 5)
        }),
    )
    expect(timer).toMatchObject({ defect: true, message: 'uncaught exception: Error: in a timer' })
    const microtask = await outcomeOf(async () => {
      queueMicrotask(() => {
        throw new Error('in a microtask')
      })
    })
    expect(microtask).toMatchObject({ defect: true, message: 'uncaught exception: Error: in a microtask' })
  })

  it('so is a factory that throws, or makes no reconciler', async () => {
    const { controllerOf, runController } = await import('./test-support.ts')
    const { outcome } = await runController(controllerOf(() => {}, { reconciler: () => ({}) as never }))
    expect(outcome).toMatchObject({ type: 'error', defect: true })
  })
})

describe('changing what a cached read returned', () => {
  it.each<[string, (pod: { metadata: { labels?: object; name: string }; spec: { containers: unknown[] } }) => void]>([
    ['assigns', (pod) => void (pod.metadata.name = 'other')],
    ['adds', (pod) => void (pod.metadata.labels = {})],
    ['pushes', (pod) => void pod.spec.containers.push({})],
    ['deletes', (pod) => void delete (pod.metadata as { name?: string }).name],
  ])('%s: a defect that names the object, the line and the remedy', async (_, mutate) => {
    const outcome = await outcomeOf(async ({ client }, request) => mutate(await client.get(pods, request)))
    expect(outcome).toMatchObject({ type: 'error', defect: true })
    expect(outcome.message).toMatch(
      /^mutates a cached object \(Pod default\/web\): .* at src\/hosts\/defects\.test\.ts:\d+:\d+\. .*structuredClone/,
    )
  })

  it('a list is the own array of the caller, its objects are the cache’s', async () => {
    expect((await outcomeOf(async ({ client }) => void (await client.list(pods)).reverse())).type).toBe('done')
    const outcome = await outcomeOf(async ({ client }) => {
      for (const pod of await client.list(pods)) pod.spec.nodeName = 'n'
    })
    expect(outcome.message).toMatch(/^mutates a cached object \(one of Pod default\/a, Pod default\/b\)/)
  })

  it('answers of uncached reads and of writes may be changed', async () => {
    const outcome = await outcomeOf(async ({ client, apiReader }, request) => {
      const live = await apiReader.get(pods, request)
      live.metadata.labels = { a: 'b' }
      const written = await client.update(live)
      written.spec.nodeName = 'n'
      await client.update(written)
    })
    expect(outcome.type).toBe('done')
  })
})
