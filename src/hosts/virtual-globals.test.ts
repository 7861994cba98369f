import { randomBytes, randomInt, randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { controllerOf, pods, runController, runOnce, startMs } from './test-support.ts'

/** What a reconciler saw: it is returned as a label of a created pod's annotations. */
async function seen(
  look: () => unknown,
): Promise<{ value: unknown; ops: readonly string[]; sites: readonly (string | undefined)[] }> {
  let value: unknown
  const { outcome, calls } = await runOnce(async () => {
    value = await look()
  })
  expect(outcome).toEqual({ type: 'done', result: {} })
  return { value, ops: calls.map(({ op }) => op), sites: calls.map((call) => ('site' in call ? call.site : undefined)) }
}

describe('the clock of a run', () => {
  it.each<[string, () => unknown, unknown]>([
    ['new Date()', () => new Date().toISOString(), '2030-01-01T00:00:00.000Z'],
    ['Date.now()', () => Date.now(), startMs],
    ['Date()', () => Date().slice(0, 15), new Date(startMs).toString().slice(0, 15)],
    ['performance.now()', () => performance.now(), startMs],
    ['process.hrtime()', () => process.hrtime(), [startMs / 1000, 0]],
    ['process.hrtime.bigint()', () => process.hrtime.bigint(), BigInt(startMs) * 1_000_000n],
  ])('%s is asked for', async (_, look, expected) => {
    const { value, ops } = await seen(look)
    expect(value).toEqual(expected)
    expect(ops).toEqual(['now'])
  })

  it('does not ask for an instant that is given', async () => {
    const { value, ops } = await seen(() => [
      new Date(5).getTime(),
      Date.UTC(1970, 0),
      Date.parse('1970-01-01'),
      new Date(2030, 0).getMonth(),
    ])
    expect(value).toEqual([5, 0, 0, 0])
    expect(ops).toEqual([])
  })

  it('keeps instanceof, constructor and subclasses', async () => {
    const { value } = await seen(() => {
      class Stamp extends Date {
        year(): number {
          return this.getUTCFullYear()
        }
      }
      const date = new Date()
      return [
        date instanceof Date,
        date.constructor === Date,
        new Stamp().year(),
        new Stamp(0) instanceof Stamp,
        new Stamp(0) instanceof Date,
      ]
    })
    expect(value).toEqual([true, true, 2030, true, true])
  })

  it('is the tools’ clock', async () => {
    let now: Date | undefined
    await runOnce(({ clock }) => {
      now = clock.now()
    })
    expect(now?.getTime()).toBe(startMs)
  })

  it('is the real one outside a run, also while a host is open and in the answering code', async () => {
    const before = Date.now()
    let within = 0
    await runOnce(({ client }) => client.list(pods).then(() => undefined), {
      respond: () => {
        within = Date.now()
        return { items: [] }
      },
    })
    expect(within).toBeGreaterThanOrEqual(before)
    expect(Date.now() - before).toBeLessThan(60_000)
    expect(new Date() >= new Date(before)).toBe(true)
  })
})

describe('chance in a run', () => {
  const uuid = '00000000-0000-4000-8000-000000000001'
  it.each<[string, () => unknown, unknown]>([
    ['Math.random', () => Math.random(), 1 / 16],
    ['crypto.randomUUID', () => crypto.randomUUID(), uuid],
    ['crypto.getRandomValues', () => [...crypto.getRandomValues(new Uint8Array(3))], [1, 1, 1]],
    ['node:crypto randomUUID', () => randomUUID(), uuid],
    ['node:crypto randomBytes', () => randomBytes(2).toString('hex'), '0101'],
    [
      'node:crypto randomBytes with a callback',
      () => promisify(randomBytes)(2).then((bytes) => bytes.toString('hex')),
      '0101',
    ],
    ['node:crypto randomInt', () => randomInt(10, 26), 11],
  ])('%s is asked for, with the line that uses it', async (_, look, expected) => {
    const { value, ops, sites } = await seen(look)
    expect(value).toEqual(expected)
    expect(ops).toEqual(['random'])
    expect(sites[0]).toMatch(/^src\/hosts\/virtual-globals\.test\.ts:\d+:\d+$/)
  })

  it('is real outside', () => {
    expect(randomUUID()).not.toBe(randomUUID())
    expect(Math.random()).not.toBe(Math.random())
  })
})

describe('timers of a run', () => {
  it('sleeping three seconds takes no real time, and moves the clock of the run', async () => {
    const before = process.hrtime.bigint()
    const { value } = await seen(async () => {
      const start = Date.now()
      await sleep(3000, 'value')
      return Date.now() - start
    })
    expect(value).toBeGreaterThanOrEqual(3000)
    expect(Number(process.hrtime.bigint() - before) / 1e6).toBeLessThan(1000)
  })

  it('fire in the order of their instants', async () => {
    const { value } = await seen(async () => {
      const order: string[] = []
      setTimeout(() => order.push('20'), 20)
      setTimeout(() => order.push('10'), 10)
      const cancelled = setTimeout(() => order.push('cancelled'), 5)
      clearTimeout(cancelled)
      setImmediate(() => order.push('immediate'))
      const interval = setInterval(() => order.push('interval'), 8)
      await promisify(setTimeout)(30)
      clearInterval(interval)
      await sleep(100)
      return order
    })
    expect(value).toEqual(['immediate', 'interval', '10', 'interval', '20', 'interval'])
  })

  it('fire only when nothing else is left to do', async () => {
    const { outcome, calls } = await runOnce(async ({ client }) => {
      const timeout = new Promise((_, reject) => setTimeout(() => reject(new Error('timed out')), 1))
      const work = (async () => {
        for (let times = 0; times < 50; times++) await client.list(pods)
      })()
      await Promise.race([work, timeout])
    })
    expect(outcome.type).toBe('done')
    expect(calls).toHaveLength(50)
  })

  it('are aborted by a signal', async () => {
    const { value } = await seen(async () => {
      const abort = new AbortController()
      setTimeout(() => abort.abort(), 10)
      return sleep(1000, undefined, { signal: abort.signal }).catch((error: Error) => error.name)
    })
    expect(value).toBe('AbortError')
  })
})

describe('the console of a run', () => {
  it('goes to the log', async () => {
    const lines: string[] = []
    await runController(
      controllerOf(async () => {
        console.log('pod %s', 'web', { ready: true })
        console.warn('careful')
      }),
      { onLog: ({ controller, level, text }) => lines.push(`${controller} ${level} ${text}`) },
    )
    expect(lines).toEqual(['test log pod web { ready: true }', 'test warn careful'])
  })
})
