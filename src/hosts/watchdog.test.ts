import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

// In a process of its own: the watchdog stops whatever its main thread does, and here that is the test runner.
const program = `
import { createInProcessHost } from ${JSON.stringify(pathToFileURL(join(import.meta.dirname, 'in-process.ts')).href)}
const pods = { apiVersion: 'v1', kind: 'Pod' }
const reconcilers = {
  async synchronous() { for (;;) {} },
  async microtasks({ client }) { await client.get(pods, { name: 'a' }); for (;;) await null },
  async expression() { /^(a+)+$/.test('a'.repeat(60) + 'b') },
  async ticks() { await new Promise(() => { const again = () => process.nextTick(again); again() }) },
  async caught() { for (;;) try { for (;;) {} } catch {} finally { continue } },
  async fine({ client }) { await client.get(pods, { name: 'a' }) },
}
const controllers = Object.entries(reconcilers).map(([name, reconcile]) => ({
  type: 'controller', name, reconciler: (tools) => ({ reconcile: (request) => reconcile(tools, request) }),
}))
const host = createInProcessHost(controllers, { loopLimitMs: 300 })
const outcomes = {}
for (const { name } of controllers) {
  outcomes[name] = await host.run({ controller: name, request: { name: 'x' }, respond: () => ({ object: {} }) })
}
await host.close()
console.log(JSON.stringify(outcomes))
`

describe('code that does not come back', () => {
  let folder = ''
  let outcomes: Record<string, { type: string; message: string; site?: string }> = {}

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kamera-loops-'))
    const file = join(folder, 'loops.mjs')
    await writeFile(file, program)
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--conditions=kamera-source', '--import', import.meta.resolve('tsx'), file],
      {
        timeout: 50_000,
      },
    )
    outcomes = JSON.parse(stdout)
  })
  afterAll(() => rm(folder, { recursive: true }))

  it.each([
    ['synchronous', 5],
    ['microtasks', 6],
    ['expression', 7],
    ['caught', 9],
  ])('%s: is ended, with its line', (name, line) => {
    expect(outcomes[name]).toMatchObject({ type: 'unusable' })
    expect(outcomes[name]?.message).toMatch(
      new RegExp(`^controller ${name}, request x: the code ran for more than 300 ms without a call at `),
    )
    expect(outcomes[name]?.site).toMatch(new RegExp(`loops\\.mjs:${line}:\\d+$`))
  })

  it('ticks: is ended, with or without its line', () => {
    expect(outcomes['ticks']).toMatchObject({ type: 'unusable' })
  })

  it('the host goes on afterwards', () => {
    expect(outcomes['fine']).toEqual({ type: 'done', result: {} })
  })
})
