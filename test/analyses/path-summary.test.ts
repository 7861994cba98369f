/** The summary of a path, which inspectors show, says of a run what the summary of its trace says. */
import { join } from 'node:path'
import { expect, it, test } from 'vitest'
import { summaryAnalyses, summaryOfPath } from '#analyses/path-summary.ts'
import { createSummary, type TraceSummary } from '#analyses/summary.ts'
import { createTracePath } from '#analyses/trace-path.ts'
import { loadScenario } from '#cli/load-scenario.ts'
import { HEADER, readText, simulatedTrace, thingType, written } from './traces.ts'

const corpus = join(import.meta.dirname, '../../examples/corpus')

test.each([
  ['AC16/faulty.ts', 'reconcile', 1, 7],
  ['AC20/faulty.ts', 'write', 1, 7],
  ['T2/scenario.ts', 'reconcile', 0, 1],
  ['T3/scenario.ts', 'write', 2, 3],
] as const)('count in a run of %s what its trace counts', async (file, granularity, faults, seed) => {
  const scenario = await loadScenario(join(corpus, file), { set: {}, workingDirectory: corpus })
  const text = await simulatedTrace(scenario, { runs: 1, seed, faults, granularity })
  const [trace, path] = [createSummary(), createTracePath()]
  readText(text, trace, path)
  expect(withoutLines(summaryOfPath(path.result()))).toEqual(withoutLines(trace.result()))
})

/** A trace names lines, a path steps. */
function withoutLines({ hotLoops, fights, ...summary }: TraceSummary) {
  return {
    ...summary,
    hotLoops: hotLoops.map(({ line: _, ...loop }) => loop),
    fights: fights.map(({ lines: _, ...fight }) => fight),
  }
}

const object = 'ConfigMap default/a'
const request = { namespace: 'default', name: 'a' }
const commits = (version: number) => [{ object, resourceVersion: String(version), removed: false }]
const thing = (version: number, value: string) => ({
  ...thingType,
  metadata: { ...request, resourceVersion: String(version), uid: 'u' },
  data: { value },
})

/** A reconcile that was woken by the step before it, and writes. */
function reconcile(step: number, controller: string, value: string): readonly object[] {
  const id = `${controller}#${step}`
  const causes = [{ type: 'event', object, event: 'MODIFIED', step: step - 1 }]
  const call = { type: 'call', by: id, verb: 'update', object: thingType, ...request, cached: false, request: {} }
  return [
    { step, type: 'reconcile-begin', reconcile: id, process: controller, controller, request, causes },
    { step, ...call, response: { object: thing(step, value) }, committed: commits(step) },
    { step, type: 'reconcile-end', reconcile: id, result: { type: 'done' } },
  ]
}

it('tell of fights, loops and conflicts, with the step at which they begin', () => {
  const status = { code: 409, reason: 'Conflict', message: 'changed meanwhile' }
  const refused = {
    type: 'call',
    by: 'c#20',
    verb: 'update',
    object: thingType,
    ...request,
    cached: false,
    request: {},
  }
  const path = createTracePath()
  const events = [
    ...[1, 2, 3, 4, 5, 6].flatMap((step) => reconcile(step, step % 2 === 0 ? 'red' : 'blue', `${step % 2}`)),
    ...[11, 12, 13, 14, 15].flatMap((step) => reconcile(step, 'self', `v${step}`)),
    { step: 20, type: 'reconcile-begin', reconcile: 'c#20', process: 'c', controller: 'late', request, causes: [] },
    { step: 20, ...refused, response: { status } },
    { step: 20, type: 'reconcile-end', reconcile: 'c#20', result: { type: 'error', message: 'changed meanwhile' } },
  ]
  readText(written(events, HEADER), path)
  const shown = summaryAnalyses(path.result()).map(({ title, lines }) => [
    title,
    ...lines.map(({ text, leadsTo }) => `${text}${leadsTo === undefined ? '' : ` → ${leadsTo + 1}`}`),
  ])
  expect(shown).toEqual([
    [
      'Summary: what each controller did',
      ...['blue', 'red'].flatMap((name) => [name, '3 reconciles', '0 reads, 3 writes', 'woken by: event ConfigMap 3']),
      ...['self', '5 reconciles', '0 reads, 5 writes', 'woken by: event ConfigMap 5'],
      ...['late, in process c', '1 reconcile, 1 failed', '0 reads, 1 write', '1 write answered with a conflict'],
    ],
    [
      'Hot loops: 5 reconciles in a row or more that nothing but their own writes or retries woke',
      'self default/a: 5 in a row, from step 7 → 7',
    ],
    [
      'Fights: fields that two writers take from each other',
      'ConfigMap default/a data.value: blue and red, put back 4 times (steps 3 to 6) → 3',
    ],
    ['Changed most often', 'ConfigMap default/a: 11 changes'],
  ])
})
