import { readFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { pods, runOnce } from './test-support.ts'

async function unusableOf(reconcile: Parameters<typeof runOnce>[0], options = {}) {
  const { outcome } = await runOnce(reconcile, options)
  expect(outcome.type).toBe('unusable')
  return outcome as { message: string; site?: string }
}

const here = /^src\/hosts\/unusable\.test\.ts:\d+:\d+$/

describe('a reconciler that waits for something outside the cluster', () => {
  it('reads a file', async () => {
    const { message, site } = await unusableOf(async ({ client }, request) => {
      await client.get(pods, request)
      await readFile('package.json')
    })
    expect(message).toMatch(
      /^controller test, request default\/web: the reconcile waits for a file at src\/hosts\/unusable\.test\.ts/,
    )
    expect(site).toMatch(here)
  })

  it('opens a connection', async () => {
    const { message, site } = await unusableOf(async () => {
      const socket = connect(9, '127.0.0.1')
      socket.on('error', () => {})
      await new Promise((resolve) => socket.on('connect', resolve))
    })
    expect(message).toContain('the network or another process')
    expect(site).toMatch(here)
  })

  it('awaits a promise that nothing settles', async () => {
    const { message, site } = await unusableOf(async ({ client }, request) => {
      await client.get(pods, request)
      await new Promise(() => {})
    })
    expect(message).toContain('a promise that nothing settles')
    expect(site).toMatch(here)
  })

  it('is not one whose promises settle by ticks and microtasks', async () => {
    const { outcome } = await runOnce(async () => {
      for (let turns = 0; turns < 20; turns++) await new Promise((resolve) => process.nextTick(resolve))
      for (let turns = 0; turns < 1000; turns++) await null
    })
    expect(outcome.type).toBe('done')
  })
})

describe('a reconciler that does not come to an end', () => {
  it('loops over calls', async () => {
    const { message, site } = await unusableOf(
      async ({ client }) => {
        for (;;) await client.tryGet(pods, { name: 'missing' })
      },
      { callLimit: 100 },
    )
    expect(message).toMatch(/more than 100 calls in one reconcile; the last was get Pod missing at src\/hosts/)
    expect(site).toMatch(here)
  })

  it('loops over sleeps', async () => {
    const { message } = await unusableOf(async () => {
      for (;;) await new Promise((resolve) => setTimeout(resolve, 1000))
    })
    expect(message).toContain('timers fired in one reconcile')
  })

  it('loops over the clock', async () => {
    const { message } = await unusableOf(
      async () => {
        const deadline = Date.now() + 60_000
        while (Date.now() < deadline);
      },
      { callLimit: 1000 },
    )
    expect(message).toContain('a read of the clock')
  })
})
