/** Traces of the corpus: the analyses agree with the trace, line by line, and with each other. */
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createCausalGraph } from '#analyses/causal-graph.ts'
import { createLifecycle } from '#analyses/lifecycle.ts'
import { findProvenance } from '#analyses/provenance.ts'
import { createSummary } from '#analyses/summary.ts'
import { explainReconcile } from '#analyses/why.ts'
import { loadScenario } from '#cli/load-scenario.ts'
import type { TraceEvent } from '#trace/trace-event.ts'
import { readText, simulatedTrace } from './traces.ts'

const corpus = join(import.meta.dirname, '../../examples/corpus')
/** Those of which a run takes a second at most. */
const scenarios = ['AC16/faulty.ts', 'AC20/faulty.ts', 'T2/scenario.ts', 'T3/scenario.ts']

test.each(scenarios)('%s', async (file) => {
  const scenario = await loadScenario(join(corpus, file), { set: {}, workingDirectory: corpus })
  const text = await simulatedTrace(scenario, { runs: 1, seed: 7, faults: 1 })
  const events = text
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => JSON.parse(line) as TraceEvent)
  const commits = events.flatMap((event) => (event.type === 'call' ? (event.committed ?? []) : []))
  const summary = createSummary()
  const causal = createCausalGraph()
  expect(readText(text, summary, causal)).toMatchObject({ notes: [], complete: true, events: events.length })

  const { controllers } = summary.result()
  const reconciles = controllers.reduce((sum, each) => sum + each.reconciles, 0)
  expect(reconciles).toBe(events.filter(({ type }) => type === 'reconcile-begin').length)
  const graph = causal.graph()
  expect(graph.writes).toHaveLength(commits.length)

  for (const reconcile of graph.reconciles) {
    for (const { type, writes, step } of explainReconcile(graph, reconcile).reconciles.flatMap(
      ({ causes }) => causes,
    )) {
      // Each event's write is in the trace, unless it was before it.
      if (type === 'event' && step !== undefined && step >= 0) expect(writes.length).toBeGreaterThan(0)
    }
  }
  for (const object of new Set(commits.map((commit) => commit.object))) {
    const lifecycle = createLifecycle(object)
    readText(text, lifecycle)
    const written = lifecycle.result()?.changes.filter(({ by }) => by !== undefined) ?? []
    expect(written.map(({ resourceVersion }) => resourceVersion)).toEqual(
      commits.filter((commit) => commit.object === object).map(({ resourceVersion }) => resourceVersion),
    )
    const provenance = findProvenance(graph, object)
    expect(provenance?.changes).toHaveLength(written.length)
  }
})
