/** Reconcilers that break: a finding with the place in the code, or exit status 2 where nothing can be explored. */
import { describe, expect, it } from 'vitest'
import { type Answer, explore, reconcilerOf, removeFolders, scenarioOf } from './bad-scenario.ts'

removeFolders()

/** A finding of no-error-loop, with its words. */
function expectFinding({ status, error, report }: Answer, ...says: readonly (string | RegExp)[]): void {
  expect({ status, error }).toEqual({ status: 1, error: '' })
  expect(report).toContain('bad: violated')
  expect(report).toContain('kamera replay .kamera/bad/no-error-loop-1.json')
  for (const words of says) expect(report).toMatch(words)
}

function expectRefusal({ status, error, report }: Answer, ...says: readonly (string | RegExp)[]): void {
  expect({ status, report }).toEqual({ status: 2, report: '' })
  expect(error).toMatch(/^kamera: controller foo-operator, request default\/a: /)
  for (const words of says) expect(error).toMatch(words)
}

describe('A reconciler that', () => {
  it.concurrent('throws for ever', async () => {
    const answer = await explore(reconcilerOf("throw new Error('cannot reach the widgets')"))
    expectFinding(
      answer,
      'foo-operator default/a fails for ever, and nothing else happens: Error: cannot reach the widgets',
    )
  })

  it.concurrent('reads a field of undefined', async () => {
    const answer = await explore(reconcilerOf('const o = await client.get(foo, request)\nreturn o.status.phase'))
    expectFinding(answer, /the code of foo-operator breaks: TypeError: Cannot read .*'phase'\) \(scenario\.ts:8:17\)/)
    expect(answer.report).toContain('What helps: Mend the code at that place')
    expect(answer.report).not.toContain('The guilty write')
  })

  it.concurrent('breaks in two places, which are two findings', async () => {
    const body =
      'try { await client.delete({ ...foo, metadata: request }) } catch (error) { if (error.isNotFound) return\nerror.a.b }\nundefined.c'
    const answer = await explore(reconcilerOf(body))
    expectFinding(
      answer,
      'Finding 2 of 2',
      /the code of foo-operator breaks.*8:/,
      /the code of foo-operator breaks.*9:/,
    )
  })

  it.concurrent('throws what is no Error', async () => {
    const answer = await explore(reconcilerOf("throw 'nothing works'"))
    expectFinding(answer, "reconcile threw 'nothing works', which is no Error")
  })

  it.concurrent('returns nonsense', async () => {
    expectFinding(await explore(reconcilerOf('return 42')), 'reconcile returned 42. A reconciler returns nothing, or')
  })

  it.concurrent('returns a field that is misspelt', async () => {
    const answer = await explore(reconcilerOf('return { requeueAfter: 30 }'))
    expectFinding(answer, 'unknown field requeueAfter', 'Did you mean requeueAfterMs, in milliseconds?')
  })

  it.concurrent('never resolves', async () => {
    const answer = await explore(reconcilerOf('await new Promise(() => {})'))
    expectRefusal(answer, 'a promise that nothing settles, at scenario.ts:7:7', 'Only calls of its client')
    expect(answer.error.replaceAll(/\s+/g, ' ')).toMatch(/ It happens in step 1\.\s*$/)
  })

  it.concurrent('never resolves after an error: its step is told', async () => {
    const body =
      'try { await client.get(foo, request); await client.delete({ ...foo, metadata: request }) }\ncatch (error) { if (!error.isNotFound) await new Promise(() => {}) }'
    const answer = await explore(reconcilerOf(body))
    expectRefusal(answer, 'a promise that nothing settles, at scenario.ts:8:')
    expect(answer.error.replaceAll(/\s+/g, ' ')).toMatch(/ It happens in step \d+(, after .*1 .*)?\.\s*$/)
  })

  it.concurrent('reads a file', async () => {
    const imports = "import { readFile } from 'node:fs/promises'\n"
    const answer = await explore(reconcilerOf("await readFile('/etc/hostname')", imports))
    expectRefusal(
      answer,
      /waits for a file at scenario\.ts:8:\d+/,
      'Read files and import modules when the scenario is loaded',
    )
  })

  it.concurrent('opens a socket', async () => {
    const imports = "import { connect } from 'node:net'\n"
    const answer = await explore(
      reconcilerOf("await new Promise((ok) => connect(65000, '127.0.0.1').on('error', ok))", imports),
    )
    expectRefusal(answer, /waits for the network or another process at scenario\.ts:8:\d+/)
  })

  it.concurrent('mutates a cached object', async () => {
    const answer = await explore(
      reconcilerOf('const o = await client.get(foo, request)\no.spec.size = 2\nawait client.update(o)'),
    )
    expectFinding(
      answer,
      /mutates a cached object \(Foo default\/a\): .*'size'.* at scenario\.ts:8:\d+/,
      'Copy it first',
    )
  })

  it.concurrent('loops for ever', async () => {
    const answer = await explore(reconcilerOf('while (true) {}'))
    expectRefusal(answer, /ran for more than 5000 ms without a call at scenario\.ts:7:\d+/, 'an endless loop')
  })

  it.concurrent('loops for ever over calls of its client', async () => {
    const answer = await explore(reconcilerOf('while (true) await client.get(foo, request)'))
    expectRefusal(answer, /more than 10000 calls in one reconcile; the last was get Foo default\/a at scenario\.ts:7/)
  })

  it.concurrent('sleeps for ever', async () => {
    const answer = await explore(reconcilerOf('for (;;) await new Promise((awake) => setTimeout(awake, 1000))'))
    expectRefusal(answer, 'more than 10000 timers fired in one reconcile', 'Return { requeueAfterMs } instead')
  })

  it.concurrent('leaves a rejection to nobody', async () => {
    const answer = await explore(reconcilerOf("Promise.reject(new Error('lost'))"))
    expectFinding(answer, /unhandled rejection: Error: lost \(scenario\.ts:7:\d+\)/)
  })

  it.concurrent('ends the process', async () => {
    const answer = await explore(reconcilerOf('process.exit(0)'))
    expectFinding(answer, /process\.exit\(0\) was called: .* \(scenario\.ts:7:\d+\)/)
  })

  it.concurrent('asks for a kind that nobody serves', async () => {
    const { status, error } = await explore(reconcilerOf("await client.list({ apiVersion: 'v1', kind: 'Widget' })"))
    expect(status).toBe(2)
    expect(error).toContain('no kind Widget in v1')
    expect(error).toContain('Add its CRD to crds')
  })

  it.concurrent('creates an object without a kind', async () => {
    const answer = await explore(reconcilerOf("await client.create({ metadata: { name: 'a' } })"))
    expectFinding(answer, /a call has no apiVersion and kind .*\(scenario\.ts:7:\d+\)/)
  })

  it.concurrent('uses random numbers', async () => {
    const { status, report } = await explore(
      reconcilerOf('await client.update({ ...(await client.get(foo, request)), spec: { size: Math.random() } })'),
    )
    expect(status).toBe(1)
    expect(report).toMatch(/nondeterministic foo-operator uses a random number at scenario\.ts:7:\d+/)
  })
})

describe('A controller whose factory', () => {
  const factory = (code: string) =>
    scenarioOf(
      `kinds: [foo], objects: [object], controllers: [defineController({ name: 'foo-operator', for: foo, reconciler: ${code} })]`,
    )

  it.concurrent('throws', async () => {
    expectFinding(await explore(factory("() => { throw new Error('no settings') }")), 'Error: no settings')
  })

  it.concurrent('makes something without a method reconcile', async () => {
    expectFinding(await explore(factory('() => ({ Reconcile() {} })')), 'has no method reconcile')
  })
})
