/** Analyses of paths, which inspectors show: they say of a run what the analyses of its trace say. */
import { join } from 'node:path'
import { expect, it, test } from 'vitest'
import { createCausalGraph, type GraphWrite } from '#analyses/causal-graph.ts'
import { objectAnalyses, stepAnalyses } from '#analyses/path-analyses.ts'
import { graphOfPath } from '#analyses/path-graph.ts'
import { type Analysis, LINES_MAX } from '#analyses/path-lines.ts'
import { findProvenance } from '#analyses/provenance.ts'
import { createTracePath } from '#analyses/trace-path.ts'
import { explainReconcile } from '#analyses/why.ts'
import { loadScenario } from '#cli/load-scenario.ts'
import type { PathRecord } from '#trace/path.ts'
import { staleDeletion } from '../cli/reports.ts'
import { HEADER, readText, simulatedTrace, thingType, written } from './traces.ts'

const corpus = join(import.meta.dirname, '../../examples/corpus')
/** A write by what both tell of it. */
const known = ({ step, object, removed, verb }: GraphWrite) => `${step} ${object} ${verb}${removed ? ' removed' : ''}`

test.each([
  ['AC16/faulty.ts', 'reconcile', 1],
  ['AC20/faulty.ts', 'write', 1],
  ['T2/scenario.ts', 'reconcile', 0],
  ['T3/scenario.ts', 'write', 2],
] as const)('tell of a run of %s what those of its trace do', async (file, granularity, faults) => {
  const scenario = await loadScenario(join(corpus, file), { set: {}, workingDirectory: corpus })
  const text = await simulatedTrace(scenario, { runs: 1, seed: 7, faults, granularity })
  const [trace, told] = [createCausalGraph(), createTracePath()]
  readText(text, trace, told)
  const [left, right] = [trace.graph(), graphOfPath(told.result())]
  expect(right.writes.map(known)).toEqual(left.writes.map(known))
  expect(right.reconciles.map(({ step, request }) => `${step} ${request}`)).toEqual(
    left.reconciles.map(({ step, request }) => `${step} ${request}`),
  )
  for (const [place, reconcile] of left.reconciles.entries()) {
    const other = right.reconciles[place]
    const [why, same] = [explainReconcile(left, reconcile), other && explainReconcile(right, other)]
    expect(same?.external.map(known)).toEqual(why.external.map(known))
    expect(same?.reconciles.map(({ step }) => step)).toEqual(why.reconciles.map(({ step }) => step))
  }
  for (const object of new Set(left.writes.map((write) => write.object))) {
    const caused = (graph: typeof left) =>
      findProvenance(graph, object)?.external.map(({ write, caused }) => [
        known(write),
        caused.flatMap(({ writes }) => writes.map(known)),
      ])
    expect(caused(right), object).toEqual(caused(left))
  }
})

const name = 'ConfigMap default/a'
const thing = (version: number) => ({
  ...thingType,
  metadata: { namespace: 'default', name: 'a', resourceVersion: String(version), uid: 'u' },
  data: { value: `v${version}` },
})
const call = { type: 'call', object: thingType, namespace: 'default', name: 'a', cached: false, request: {} }
const commits = (version: number) => [{ object: name, resourceVersion: String(version), removed: false }]
const begin = (reconcile: string, causeStep: number) => ({
  type: 'reconcile-begin',
  reconcile,
  process: 'p',
  controller: 'c',
  request: { namespace: 'default', name: 'a' },
  causes: [{ type: 'event', object: name, event: 'MODIFIED', step: causeStep }],
})
const end = (reconcile: string) => ({ type: 'reconcile-end', reconcile, result: { type: 'done' } })

function pathOf(...events: readonly object[]): PathRecord {
  const analysis = createTracePath()
  readText(written(events, HEADER), analysis)
  return analysis.result()
}

/** `2 a line → 1`. */
const lines = (analysis: Analysis | undefined) =>
  analysis?.lines.map(
    ({ text, step, leadsTo, depth }) =>
      `${'  '.repeat(depth)}${step === undefined ? '' : `${step + 1} `}${text}${leadsTo === undefined ? '' : ` → ${leadsTo + 1}`}`,
  )

it('tell how a step came about, how late it saw, and the life of an object', () => {
  const path = pathOf(
    { step: 0, ...call, by: 'user', verb: 'create', response: { object: thing(5) }, committed: commits(5) },
    { step: 1, ...begin('c#1', 0) },
    { step: 1, ...call, by: 'c#1', verb: 'update', response: { object: thing(6) }, committed: commits(6) },
    { step: 1, ...end('c#1') },
    { step: 2, ...begin('c#2', 1) },
    { step: 2, ...call, by: 'c#2', verb: 'get', cached: true, response: { object: thing(5) } },
    { step: 2, ...end('c#2') },
  )
  const [why, staleness] = stepAnalyses(path, 2)
  expect(lines(why)).toEqual([
    '1 user creates ConfigMap default/a',
    '2 c reconciles default/a',
    `  because ${name} was MODIFIED, in step 1 → 1`,
    '3 c reconciles default/a',
    `  because ${name} was MODIFIED, in step 2 → 2`,
  ])
  expect(lines(staleness)).toEqual([
    'get ConfigMap default/a: it saw a@5; true then: a@6 (1 event behind)',
    '  did not know: ~ data.value: v5 → v6',
    `  2 it had not heard of ${name} in: c reconciles default/a`,
  ])
  const [life, provenance] = objectAnalyses(path, name, 80)
  expect(lines(life)).toEqual([
    `1 the user creates ${name}`,
    '  + data:',
    '  +   value: v5',
    `2 c updates ${name}`,
    '  ~ data.value: v5 → v6',
    '3 c reads it late: it saw version 5; true then: version 6 (1 event behind)',
  ])
  expect(lines(provenance)).toEqual([
    '1 created in: user creates ConfigMap default/a',
    '  it came from outside',
    '2 changed in: c reconciles default/a',
    '  began with: user creates ConfigMap default/a → 1',
    '1 user creates ConfigMap default/a caused nothing else',
  ])
})

it('know what nobody asked for, and what nobody wrote', () => {
  expect(lines(stepAnalyses(staleDeletion.path, 0)[0])).toEqual([
    'Nothing in the cluster led to it: it comes from outside.',
  ])
  expect(stepAnalyses(staleDeletion.path, 99)).toEqual([])
  const [life, provenance] = objectAnalyses(staleDeletion.path, 'Pod default/none', 80)
  expect(lines(life)).toEqual(['Nothing in this path writes it, and nobody reads it late.'])
  expect(lines(provenance)).toEqual(['Nothing in this path changes it.'])
})

it('stay short where everything led to everything', () => {
  const events = Array.from({ length: 20_000 }, (_, step) => [
    { step, ...begin(`c#${step}`, step - 1) },
    { step, ...call, by: `c#${step}`, verb: 'update', response: { object: thing(step) }, committed: commits(step) },
    { step, ...end(`c#${step}`) },
  ]).flat()
  const path = pathOf(...events)
  for (const { lines } of [...stepAnalyses(path, 19_999), ...objectAnalyses(path, name, 80)])
    expect(lines.length).toBeLessThanOrEqual(LINES_MAX + 2)
  expect(lines(stepAnalyses(path, 19_999)[0])?.at(-1)).toBe(`  because ${name} was MODIFIED, in step 19999 → 19999`)
})
