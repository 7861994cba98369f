/** Traces as paths for the inspectors: the simulator's beside what reports tell of the same runs, and recordings. */
import { join } from 'node:path'
import { expect, it, test } from 'vitest'
import { stepAnalyses } from '#analyses/path-analyses.ts'
import { createTracePath } from '#analyses/trace-path.ts'
import { loadScenario } from '#cli/load-scenario.ts'
import { traceLines } from '#inspect/trace-lines.ts'
import { simulate } from '#simulate.ts'
import type { PathRecord } from '#trace/path.ts'
import { HEADER, LIVE_HEADER, readText, simulatedTrace, thingType, written } from './traces.ts'

function pathOf(text: string): PathRecord {
  const analysis = createTracePath()
  readText(text, analysis)
  return analysis.result()
}

const thing = (version: number, data: string) => ({
  ...thingType,
  metadata: { namespace: 'default', name: 'a', resourceVersion: String(version), uid: 'u' },
  data: { value: data },
})
const name = 'ConfigMap default/a'
const change = (version: number, removed = false) => [{ object: name, resourceVersion: String(version), removed }]
const call = { type: 'call', object: thingType, namespace: 'default', name: 'a', cached: false, request: {} }
const create = { ...call, by: 'user', verb: 'create', response: { object: thing(5, 'x') }, committed: change(5) }
const begin = (reconcile: string, causeStep: number) => ({
  type: 'reconcile-begin',
  reconcile,
  process: 'p',
  controller: 'c',
  request: { namespace: 'default', name: 'a' },
  causes: [{ type: 'event', object: name, event: 'ADDED', step: causeStep }],
})
const end = (reconcile: string) => ({ type: 'reconcile-end', reconcile, result: { type: 'done' } })
const cachedGet = (by: string, response: object) => ({ ...call, by, verb: 'get', cached: true, response })
const update = (by: string, version: number, data: string) => ({
  ...call,
  by,
  verb: 'update',
  response: { object: thing(version, data) },
  committed: change(version),
})
const missing = { status: { kind: 'Status', status: 'Failure', reason: 'NotFound', code: 404 } }

it('tells a run step by step: causes, reads beside what was true, writes with what was there', () => {
  const { steps } = pathOf(
    written([
      { step: 0, ...create },
      { step: 1, ...begin('c#1', 0) },
      { step: 1, ...cachedGet('c#1', missing) },
      { step: 1, ...update('c#1', 6, 'y') },
      { step: 2, ...cachedGet('c#1', { object: thing(5, 'x') }) },
      { step: 2, ...end('c#1') },
      { step: 3, type: 'delivery', process: 'p', event: 'MODIFIED', object: name, resourceVersion: '6', late: true },
      { step: 4, ...begin('c#2', 1) },
      { step: 4, ...cachedGet('c#2', { object: thing(6, 'y') }) },
      { step: 4, ...end('c#2') },
      { step: 5, type: 'crash', process: 'p', abandoned: [] },
      { step: 5, type: 'process-start', process: 'p', enqueued: ['c default/a'] },
      { step: 6, type: 'end', steps: 6 },
    ]),
  )
  expect(steps.map(({ type, title }) => `${type}: ${title}`)).toEqual([
    'user: user creates ConfigMap default/a',
    'begin: c reconciles default/a',
    'write: c goes on with default/a',
    'catch-up: p hears late of ConfigMap default/a',
    'reconcile: c reconciles default/a',
    'restart: process "p" stops and starts anew',
  ])
  expect(steps[1]?.causes).toEqual([{ type: 'event', object: name, event: 'ADDED', step: 0 }])
  const now = (version: string) => [{ name: 'default/a', resourceVersion: version, uid: 'u' }]
  expect(steps[1]?.reads).toMatchObject([{ op: 'get', target: 'default/a', answered: [], behind: 1, truth: now('5') }])
  expect(steps[1]?.writes).toMatchObject([
    { op: 'update', outcome: 'committed', before: thing(5, 'x'), after: thing(6, 'y') },
  ])
  expect(steps[2]?.reads).toMatchObject([{ answered: now('5'), behind: 1, truth: now('6') }])
  expect(steps[4]?.reads).toMatchObject([{ answered: now('6'), behind: 0 }])
  expect(steps[5]?.enqueued).toEqual(['c default/a'])
})

it('takes no late event of a removed object for a new one', () => {
  const late = { type: 'delivery', process: 'p', event: 'MODIFIED', object: name, resourceVersion: '5', late: true }
  const { steps } = pathOf(
    written([
      { step: 0, ...create },
      { step: 1, ...call, by: 'user', verb: 'delete', response: { object: null }, committed: change(5, true) },
      { step: 2, ...late },
      { step: 3, ...begin('c#1', 0) },
      { step: 3, ...cachedGet('c#1', { object: thing(5, 'x') }) },
      { step: 3, ...end('c#1') },
    ]),
  )
  expect(steps[3]?.reads).toMatchObject([{ behind: 1, truth: [] }])
})

it('makes one step of a recorded reconcile, whatever came between its calls', () => {
  const { steps } = pathOf(
    written(
      [
        { step: 0, ...create, by: 'kubectl', process: 'kubectl' },
        { step: 1, ...begin('c#1', 0) },
        { step: 2, ...begin('c#2', 0) },
        { step: 3, ...update('c#1', 6, 'y'), process: 'p' },
        { step: 4, ...update('c#2', 7, 'z'), process: 'p' },
        { step: 5, ...end('c#1') },
        { step: 6, ...end('c#2') },
        { step: 7, type: 'dropped', events: 9, reason: 'the disk is slow' },
        { step: 17, ...begin('c#3', 4) },
        { step: 18, ...end('c#3') },
      ],
      LIVE_HEADER,
    ),
  )
  expect(steps.map(({ type, title, writes }) => `${type}: ${title}, ${writes.length}`)).toEqual([
    'user: kubectl creates ConfigMap default/a, 1',
    'reconcile: c reconciles default/a, 1',
    'reconcile: c reconciles default/a, 1',
    'environment: 9 events were not recorded: the disk is slow, 0',
    'reconcile: c reconciles default/a, 0',
  ])
  expect(steps[2]?.writes[0]?.before).toEqual(thing(6, 'y'))
  expect(steps[4]?.causes).toEqual([{ type: 'event', object: name, event: 'ADDED', step: 2 }])
})

it('tells what a write met also where watches told of it, and of the next one, before it was answered', () => {
  const told = (version: number, data: string, event = 'MODIFIED') => ({
    type: 'delivery',
    process: 'p',
    event,
    object: name,
    resourceVersion: String(version),
    late: false,
    value: thing(version, data),
  })
  const { steps } = pathOf(
    written(
      [
        { step: 0, ...told(5, 'x', 'ADDED') },
        { step: 1, ...begin('c#1', -1) },
        { step: 2, ...told(6, 'y') },
        { step: 3, ...told(7, 'z') },
        { step: 4, ...update('c#1', 6, 'y'), process: 'p' },
        { step: 5, ...update('c#1', 7, 'z'), process: 'p' },
        { step: 6, ...told(8, 'z', 'DELETED') },
        { step: 7, ...call, by: 'c#1', process: 'p', verb: 'delete', response: { object: null }, committed: [] },
        {
          step: 8,
          ...call,
          by: 'c#1',
          process: 'p',
          verb: 'delete',
          response: { object: null },
          committed: [{ object: name, resourceVersion: '', removed: true }],
        },
        { step: 9, ...end('c#1') },
      ],
      LIVE_HEADER,
    ),
  )
  expect(steps[0]?.writes.map(({ before, after }) => ({ before, after }))).toEqual([
    { before: thing(5, 'x'), after: thing(6, 'y') },
    { before: thing(6, 'y'), after: thing(7, 'z') },
    { before: undefined, after: undefined },
    { before: thing(7, 'z'), after: undefined },
  ])
})

it('tells causes that nobody recorded wrote from those whose answer came late', () => {
  const told = (step: number, version: number) => ({
    step,
    type: 'delivery',
    process: 'p',
    watch: 'watch 1',
    event: 'MODIFIED',
    object: name,
    resourceVersion: String(version),
    late: false,
    value: thing(version, 'x'),
  })
  const cause = { type: 'event', object: name, event: 'MODIFIED', step: -1 }
  const path = pathOf(
    written(
      [
        told(0, 5),
        told(1, 6),
        { step: 2, ...begin('c#1', -1), causes: [cause, cause, { ...cause, object: 'ConfigMap default/b' }] },
        { step: 3, ...update('user', 6, 'x'), process: 'user' },
        { step: 4, ...end('c#1') },
      ],
      LIVE_HEADER,
    ),
  )
  const { step: _, ...plain } = cause
  expect(path.steps[0]?.causes).toEqual([
    { ...plain, byOthers: true },
    { ...plain, step: 1 },
    { ...cause, object: 'ConfigMap default/b' },
  ])
  const [why] = stepAnalyses(path, 0)
  const lines = why?.lines.map(({ text }) => text) ?? []
  expect(lines).toContain('because ConfigMap default/a was MODIFIED by a program that was not recorded')
  const [, staleness] = stepAnalyses(path, 0)
  expect(staleness?.lines[0]?.text).toBe('No recorder sees what a program reads from its own caches.')
})

it('takes a long trace in one pass', () => {
  const events = Array.from({ length: 25_000 }, (_, index) => [
    { step: index * 4, ...begin(`c#${index}`, -1) },
    { step: index * 4 + 1, ...cachedGet(`c#${index}`, { object: thing(index + 5, 'x') }) },
    { step: index * 4 + 2, ...update(`c#${index}`, index + 6, 'y') },
    { step: index * 4 + 3, ...end(`c#${index}`) },
  ]).flat()
  expect(pathOf(written(events, LIVE_HEADER)).steps).toHaveLength(25_000)
  expect(pathOf(written([], HEADER)).steps).toEqual([])
})

/** What traces and reports both tell of a step. */
const told = (path: PathRecord | undefined) =>
  path?.steps.map(({ type, controller, request, causes, reads, writes }) => ({
    // Reports call a reconcile begun that ends without a write.
    type: type === 'begin' ? 'reconcile' : type,
    controller,
    request,
    // Where a reconcile goes on, reports have what queued its request anew.
    causes: type === 'write' ? 0 : causes.length,
    reads: reads
      .filter(({ op }) => op !== 'call')
      .map(({ op, answered, behind, truth }) => ({ op, answered, behind, truth })),
    writes: writes.filter(({ op }) => op !== 'call').map(({ op, object, outcome }) => ({ op, object, outcome })),
  }))

const corpus = join(import.meta.dirname, '../../examples/corpus')
test.each(['AC16/faulty.ts', 'AC20/faulty.ts', 'T2/scenario.ts'])(
  'tells of a run of %s what its report does',
  async (file) => {
    const scenario = await loadScenario(join(corpus, file), { set: {}, workingDirectory: corpus })
    let text = ''
    const report = await simulate(scenario, {
      runs: 1,
      seed: 7,
      faults: 0,
      auditPercent: 0,
      onTrace: (header, events) => {
        text = traceLines(header, events)
      },
    })
    expect(told(pathOf(text))).toEqual(told(report.outcomes[0]?.first ?? report.findings[0]?.path))
  },
)

test.each(['T3/scenario.ts', 'T5/scenario.ts'])('has each step of a run of %s', async (file) => {
  const scenario = await loadScenario(join(corpus, file), { set: {}, workingDirectory: corpus })
  for (const seed of [1, 2, 3]) {
    const text = await simulatedTrace(scenario, { runs: 1, seed, faults: 2, granularity: 'write' })
    const last = JSON.parse(text.trimEnd().split('\n').at(-1) ?? '') as { readonly steps: number }
    expect(pathOf(text).steps).toHaveLength(last.steps)
  }
})
