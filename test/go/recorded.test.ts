/** A Go operator recorded by the proxy: with `kameratrace` its reconciles are exact, without it they are inferred. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CoreV1Api } from '@kubernetes/client-node'
import { beforeAll, describe, expect, it } from 'vitest'
import { record } from '#record.ts'
import { replayTrace } from '#replay-trace.ts'
import type { TraceEvent } from '#trace/trace-event.ts'
import { causalGraph, configOf, readTrace, startPlace } from '../record/recorded.ts'
import { runProgram } from '../serve/serve-process.ts'
import { COMPILE_LIMIT_MS, go, root } from './go-programs.ts'

const cache = join(root, 'node_modules/.cache/go-recorded')
const program = join(cache, 'recorded')

if (go === undefined) {
  // biome-ignore lint/suspicious/noSkippedTests: told by name, with the reason
  it.skip('recordings of Go programs are skipped: there is no Go 1.25', () => {})
} else describe('a recorded Go operator', { timeout: 180_000 }, tests)

/** The trace of the operator copying two ConfigMaps. */
async function traceOf(environment: Readonly<Record<string, string>>) {
  const place = await startPlace()
  try {
    const recorder = await record({ upstream: place.kubeconfig, out: place.file('trace.jsonl'), clients: ['operator'] })
    const user = configOf(recorder.kubeconfig).makeApiClient(CoreV1Api)
    for (const name of ['a', 'b'])
      await user.createNamespacedConfigMap({
        namespace: 'default',
        body: { metadata: { name }, data: { copy: 'yes' } },
      })
    writeFileSync(place.file('operator'), recorder.kubeconfigs.get('operator') as string)
    const { status, error } = await runProgram(program, ['2'], { ...environment, KUBECONFIG: place.file('operator') })
    await recorder.close()
    const trace = readTrace(place.file('trace.jsonl'))
    return { ...trace, trace, status, error }
  } finally {
    await place.close()
  }
}

const edges = (events: Awaited<ReturnType<typeof traceOf>>['events']) =>
  causalGraph(events, 'operator')
    .filter((line) => !line.endsWith('→ '))
    .sort()

function tests(): void {
  beforeAll(() => {
    mkdirSync(cache, { recursive: true })
    const words = ['build', '-buildvcs=false', '-p', '2', '-o', program, './recorded']
    const { status, stderr } = spawnSync('go', words, { cwd: join(root, 'test/go/programs'), encoding: 'utf8' })
    if (status !== 0) throw new Error(stderr)
  }, COMPILE_LIMIT_MS)

  it('has its reconciles marked by kameratrace, with their results, and those that write nothing', async () => {
    const { events, status, error } = await traceOf({ WRAP: 'yes' })
    expect(status, error).toBe(0)
    const begun = events.flatMap((event) =>
      event.type === 'reconcile-begin' && event.process === 'operator' ? [event] : [],
    )
    expect(begun.every(({ controller, inferred }) => controller === 'copier' && inferred === undefined)).toBe(true)
    expect(begun.length).toBeGreaterThanOrEqual(2)
    const ids = new Set(begun.map(({ reconcile }) => reconcile))
    const ended = events.flatMap((event) => (event.type === 'reconcile-end' && ids.has(event.reconcile) ? [event] : []))
    expect(ended.length).toBe(begun.length)
    expect(ended.filter(({ result }) => result.afterMs === 3_600_000).length).toBe(2)
    expect(edges(events)).toEqual([
      'start ConfigMap default/a → default/a → create Secret default/a',
      'start ConfigMap default/b → default/b → create Secret default/b',
    ])
    expect(JSON.stringify(events)).not.toMatch(/stringData":\{"from":"(?!\(redacted)/)
  })

  it('has the same writes, requests and causes without it, inferred', async () => {
    const { events, status, error } = await traceOf({})
    expect(status, error).toBe(0)
    expect(edges(events).length).toBe(2)
    expect(edges(events)).toEqual(edges((await traceOf({ WRAP: 'yes' })).events))
    const begun = events.flatMap((event) => (event.type === 'reconcile-begin' ? [event.inferred] : []))
    expect(new Set(begun)).toEqual(new Set([true]))
  })

  it('does the same when it is replayed without a scenario, and another version of it is told apart', async () => {
    const { trace } = await traceOf({ WRAP: 'yes' })
    const code = { command: [program, 'host'], directory: cache }
    const same = await replayTrace(code, trace, { controller: 'copier' })
    expect(same.reconciles.filter(({ status }) => status !== 'same')).toEqual([])
    expect(same).toMatchObject({ identical: true, whole: false })
    expect(same.reconciles.length).toBeGreaterThanOrEqual(2)
    const { cluster, ...whole } = await replayTrace(code, trace)
    expect(whole).toMatchObject({ identical: true, controllersUnknown: [expect.any(String)] })
    // The user's ConfigMaps; Secrets, whose data are hidden, are not judged.
    expect(cluster).toMatchObject({ writes: 4, writesRepeated: 2 })
    const change = (event: TraceEvent): TraceEvent =>
      event.type === 'call' && event.verb === 'create' && 'object' in event.response && event.name === 'b'
        ? { ...event, response: { object: { ...event.response.object, data: { copy: 'no' } } as never } }
        : event
    const altered = await replayTrace(code, { ...trace, events: trace.events.map(change) })
    expect(altered).toMatchObject({ identical: false, divergedAt: expect.any(Number) })
    process.env['SECRET_TYPE'] = 'example.com/other'
    try {
      const other = await replayTrace(code, trace, { controller: 'copier' })
      const differences = other.reconciles.map(({ difference }) => difference)
      expect(differences).toContainEqual(
        expect.stringContaining('type was nothing then, and is "example.com/other" now'),
      )
    } finally {
      delete process.env['SECRET_TYPE']
    }
  })
}
