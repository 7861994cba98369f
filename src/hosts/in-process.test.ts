import { describe, expect, it } from 'vitest'
import { ApiError } from '#api/status.ts'
import { type Respond, STOP } from '#controller/host.ts'
import { createInProcessHost } from './in-process.ts'
import { controllerOf, pods, runController, runOnce, smallCluster } from './test-support.ts'

const key = { namespace: 'default', name: 'web' }

describe('a run', () => {
  it('asks for each call and gives the code its answer', async () => {
    const { outcome, calls } = await runOnce(async ({ client }, request) => {
      const pod = await client.get(pods, request)
      await client.update({ ...pod, spec: { nodeName: 'n' } })
      return { requeueAfterMs: 1500 }
    })
    expect(outcome).toEqual({ type: 'done', result: { requeueAfterMs: 1500 } })
    expect(calls).toEqual([
      { op: 'get', cached: true, type: pods, ...key },
      {
        op: 'update',
        type: pods,
        ...key,
        body: { ...pods, metadata: { ...key, resourceVersion: '7' }, spec: { nodeName: 'n' } },
      },
    ])
  })

  it('reads through apiReader from the API server', async () => {
    const { calls } = await runOnce(({ apiReader }) => apiReader.list(pods).then(() => undefined))
    expect(calls).toEqual([{ op: 'list', cached: false, type: pods, labelSelector: '', fieldSelector: '' }])
  })

  it('accepts a reconciler that is not async and returns nothing', async () => {
    expect((await runOnce(() => undefined)).outcome).toEqual({ type: 'done', result: {} })
  })

  it('gives the same calls and the same outcome every time', async () => {
    const reconcile = async ({ client }: { client: import('#controller/client.ts').Client }) => {
      const found = await client.list(pods)
      await Promise.all(
        found.map(async (pod) => client.update({ ...pod, at: `${new Date().toISOString()} ${Math.random()}` })),
      )
      throw new Error(`at ${Date.now()}`)
    }
    const first = await runOnce(reconcile)
    for (let times = 0; times < 5; times++) expect(await runOnce(reconcile)).toEqual(first)
    expect(first.calls).toHaveLength(8)
  })

  it('makes a fresh instance each time', async () => {
    let instances = 0
    const controller = controllerOf(() => {}, {
      reconciler: () => ({ reconcile: async () => ({ requeueAfterMs: ++instances }) }),
    })
    await runController(controller)
    expect((await runController(controller)).outcome).toEqual({ type: 'done', result: { requeueAfterMs: 2 } })
  })

  it('runs what is asked for at once in turn', async () => {
    const order: string[] = []
    const host = createInProcessHost([
      controllerOf(async ({ client }, request) => {
        order.push(`begin ${request.name}`)
        await client.get(pods, request)
        order.push(`end ${request.name}`)
      }),
    ])
    const respond = smallCluster()
    await Promise.all(['a', 'b'].map((name) => host.run({ controller: 'test', request: { name }, respond })))
    await host.close()
    expect(order).toEqual(['begin a', 'end a', 'begin b', 'end b'])
  })

  it('rejects when the caller is at fault: an unknown controller, or an answer that throws', async () => {
    const host = createInProcessHost([controllerOf(({ client }, request) => client.get(pods, request))])
    const respond = (): never => {
      throw new Error('no such state')
    }
    await expect(host.run({ controller: 'other', request: key, respond })).rejects.toThrow(
      'no controller other in this host; there are: test.',
    )
    await expect(host.run({ controller: 'test', request: key, respond })).rejects.toThrow('no such state')
    await host.close()
  })
})

describe('batches', () => {
  it('calls issued together have one number, a call after an answer the next', async () => {
    const { calls, batches } = await runOnce(async ({ client }) => {
      await Promise.all(['a', 'b'].map(async (name) => client.update(await client.get(pods, { name }))))
      await client.get(pods, { name: 'c' })
    })
    expect(calls.map(({ op }) => op)).toEqual(['get', 'get', 'update', 'update', 'get'])
    expect(batches).toEqual([0, 0, 1, 1, 2])
  })

  it('calls one after the other have different numbers', async () => {
    const { batches } = await runOnce(async ({ client }) => {
      for (const name of ['a', 'b', 'c']) await client.get(pods, { name })
    })
    expect(batches).toEqual([0, 1, 2])
  })

  it('a call made before an answer could be seen belongs to its batch, also when it is not awaited', async () => {
    const { batches } = await runOnce(async ({ client }) => {
      const first = client.get(pods, { name: 'a' })
      const second = client.get(pods, { name: 'b' })
      await second
      await first
    })
    expect(batches).toEqual([0, 0])
  })
})

describe('stopping', () => {
  const stopAtUpdate: Respond = (call, batch) => (call.op === 'update' ? STOP : smallCluster()(call, batch))

  it('ends the run where it is, and nothing after it is asked for', async () => {
    const after: string[] = []
    const { outcome, calls } = await runOnce(
      async ({ client }, request) => {
        const pod = await client.get(pods, request)
        try {
          await client.update(pod)
          after.push('resumed')
        } finally {
          after.push('finally')
          await client.delete(pod)
        }
      },
      { respond: stopAtUpdate },
    )
    expect(outcome).toEqual({ type: 'stopped' })
    expect(calls.map(({ op }) => op)).toEqual(['get', 'update'])
    expect(after).toEqual([])
  })

  it('does not hear other branches, timers and clocks of the stopped code', async () => {
    const { outcome, calls } = await runOnce(
      async ({ client }, request) => {
        const pod = await client.get(pods, request)
        setTimeout(() => void client.delete(pod), 10)
        const late = (async () => {
          for (let turns = 0; turns < 20; turns++) await null
          await client.create({ ...pods, metadata: { name: `late-${Date.now()}-${Math.random()}` } })
        })()
        await Promise.all([client.update(pod), late])
      },
      { respond: stopAtUpdate },
    )
    expect(outcome).toEqual({ type: 'stopped' })
    expect(calls.map(({ op }) => op)).toEqual(['get', 'update'])
  })

  it('stops at a reading of the clock too', async () => {
    const { outcome, calls } = await runOnce(
      async ({ client }, request) => {
        try {
          new Date()
        } catch {
          // A catch-all must not bring the run back.
        }
        await client.get(pods, request)
      },
      { respond: () => STOP },
    )
    expect(outcome).toEqual({ type: 'stopped' })
    expect(calls).toEqual([{ op: 'now' }])
  })

  it('code that waits for an instant comes to an end when it is not heard any more', async () => {
    const { outcome } = await runOnce(
      async ({ client }, request) => {
        const deadline = Date.now() + 60_000
        const poll = (async () => {
          while (Date.now() < deadline) await null
        })()
        await Promise.all([client.update({ ...pods, metadata: request }), poll])
      },
      { respond: stopAtUpdate },
    )
    expect(outcome).toEqual({ type: 'stopped' })
  })
})

describe('memory', () => {
  class Counter {
    seen: string[] = []
    async reconcile(request: { name: string }): Promise<void> {
      this.seen.push(request.name)
      if (this.seen.length === 2) throw new Error('second')
    }
  }
  const controller = controllerOf(() => {}, {
    reconciler: () => new Counter(),
    memory: {
      snapshot: (reconciler: Counter) => reconciler.seen,
      restore: (reconciler: Counter, memory: unknown) => {
        reconciler.seen = [...(memory as string[])]
      },
    } as never,
  })

  it('is taken after each reconcile, after an error too, and put into the next instance', async () => {
    const host = createInProcessHost([controller])
    const request = { controller: 'test', request: { name: 'a' }, respond: smallCluster() }
    const first = await host.run(request)
    expect(first).toEqual({ type: 'done', result: {}, memory: ['a'] })
    const second = await host.run({ ...request, memory: ['a'] })
    expect(second).toEqual({ type: 'error', defect: false, message: 'Error: second', memory: ['a', 'a'] })
    await host.close()
  })

  it('must be JSON', async () => {
    const odd = controllerOf(() => {}, {
      memory: { snapshot: () => ({ pending: new Map() }) as never, restore: () => {} },
    })
    const { outcome } = await runController(odd)
    expect(outcome).toMatchObject({ type: 'error', defect: true })
    expect((outcome as { message: string }).message).toMatch(
      /^memory.snapshot: .*field pending of the memory snapshot is an instance of Map/,
    )
  })
})

describe('code that nobody awaits', () => {
  it('is part of the run that started it', async () => {
    const { outcome, calls } = await runOnce(async ({ client }, request) => {
      void (async () => {
        const pod = await client.get(pods, request)
        await client.delete(pod)
      })()
    })
    expect(outcome).toEqual({ type: 'done', result: {} })
    expect(calls.map(({ op }) => op)).toEqual(['get', 'delete'])
  })

  it('is a defect when it fails', async () => {
    const { outcome } = await runOnce(async ({ client }) => {
      void client.get(pods, { name: 'missing' })
    })
    expect(outcome).toMatchObject({
      type: 'error',
      defect: true,
      message: 'unhandled rejection: pods "missing" not found',
    })
  })
})

describe('ApiError', () => {
  it('is the error result, by its shape, so that it may come from another copy of the package', async () => {
    const { outcome } = await runOnce(({ client }) => client.get(pods, { name: 'missing' }))
    expect(outcome).toMatchObject({ type: 'error', defect: false, apiStatus: { reason: 'NotFound', code: 404 } })
    const copy = Object.assign(new Error('gone'), {
      name: 'ApiError',
      status: { kind: 'Status', code: 410, reason: 'Gone' },
    })
    expect((await runOnce(() => Promise.reject(copy))).outcome).toMatchObject({
      defect: false,
      apiStatus: { code: 410 },
    })
  })

  it('is what the client rejects with', async () => {
    let caught: unknown
    await runOnce(async ({ client }) => {
      await client.get(pods, { name: 'missing' }).catch((error: unknown) => {
        caught = error
      })
      expect(await client.tryGet(pods, { name: 'missing' })).toBeUndefined()
    })
    expect(caught).toBeInstanceOf(ApiError)
    expect((caught as ApiError).isNotFound).toBe(true)
  })
})

describe('a rejection that nobody handles', () => {
  it('is never blamed on another run than its own', async () => {
    const host = createInProcessHost([
      controllerOf(async ({ client }, request) => {
        await client.get(pods, request)
        if (request.name !== 'guilty') return
        void (async () => {
          await null
          throw new Error('nobody hears me')
        })()
      }),
    ])
    const respond = smallCluster()
    // Enough runs that the host trusts the controller and no longer looks after each of them.
    for (let times = 0; times < 300; times++) await host.run({ controller: 'test', request: { name: 'a' }, respond })
    const [guilty, ...others] = await Promise.all(
      ['guilty', 'b', 'c'].map((name) => host.run({ controller: 'test', request: { name }, respond })),
    )
    await new Promise((resolve) => setImmediate(resolve))
    expect(others).toEqual([
      { type: 'done', result: {} },
      { type: 'done', result: {} },
    ])
    expect(guilty?.type).toBe('done')
    // It came too late for that run, so from now on the host looks again.
    const again = await host.run({ controller: 'test', request: { name: 'guilty' }, respond })
    expect(again).toMatchObject({ type: 'error', defect: true, message: 'unhandled rejection: Error: nobody hears me' })
    await host.close()
  })

  it('of a stopped run is nobody’s', async () => {
    const host = createInProcessHost([
      controllerOf(async ({ client }, request) => {
        if (request.name === 'stopped') {
          void (async () => {
            await null
            throw new Error('of the stopped one')
          })()
        }
        await client.get(pods, request)
      }),
    ])
    const outcomes = await Promise.all([
      host.run({ controller: 'test', request: { name: 'stopped' }, respond: () => STOP }),
      host.run({ controller: 'test', request: { name: 'next' }, respond: smallCluster() }),
    ])
    expect(outcomes).toEqual([{ type: 'stopped' }, { type: 'done', result: {} }])
    await host.close()
  })
})
