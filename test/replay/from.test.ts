/** `explore --from`: a search that begins where a trace was reaches what a search of the scenario reaches from there. */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { loadScenario } from '#cli/load-scenario.ts'
import { explore } from '#explore.ts'
import { objectsAtStep } from '#replays/recorded-state.ts'
import { simulate } from '#simulate.ts'
import type { SimulatedTraceHeader, TraceEvent } from '#trace/trace-event.ts'

const corpus = fileURLToPath(new URL('../../examples/corpus', import.meta.url))
const load = (file: string) => loadScenario(join(corpus, file), { set: {}, workingDirectory: corpus })

async function traceOf(file: string, seed: number, faults: number) {
  let trace: { readonly header: SimulatedTraceHeader; readonly events: readonly TraceEvent[] } | undefined
  const onTrace = (header: SimulatedTraceHeader, events: readonly TraceEvent[]) => {
    trace = { header, events }
  }
  await simulate(await load(file), { runs: 1, seed, faults, depthMax: 30, auditPercent: 0, onTrace })
  if (trace === undefined) throw new Error('there is a trace of every run')
  return trace
}

async function outcomesFrom(file: string, after: readonly string[], faults = 0) {
  const { outcomes, statistics } = await explore(await load(file), {
    faults,
    after,
    granularity: 'write',
    profiles: ['lagging'],
    auditPercent: 0,
  })
  return { outcomes: outcomes.map(({ fingerprint }) => fingerprint).sort(), states: statistics.statesDistinct }
}

describe('explore --from', () => {
  it.each(['AC17/faulty.ts', 'AC05/faulty.ts', 'AC08/faulty.ts'])(
    'reaches from each step of a run of %s what is reached before it, and less and less',
    async (file) => {
      const { header } = await traceOf(file, 2, 0)
      const actions = header.actions ?? []
      let before = await outcomesFrom(file, [])
      for (let step = 1; step <= actions.length; step += Math.max(1, Math.floor(actions.length / 5))) {
        const from = await outcomesFrom(file, actions.slice(0, step))
        expect(from.states).toBeLessThanOrEqual(before.states)
        for (const outcome of from.outcomes) expect(before.outcomes).toContain(outcome)
        before = from
      }
      const end = await outcomesFrom(file, actions)
      expect(end.outcomes.length).toBe(1)
    },
    120_000,
  )

  it('knows what was late at that step: a fault of the run is not paid again', async () => {
    const file = 'AC17/faulty.ts'
    const plain = await outcomesFrom(file, [], 0)
    const withLag = await explore(await load(file), {
      faults: 1,
      profiles: ['lagging'],
      granularity: 'write',
      auditPercent: 0,
    })
    expect(withLag.outcomes.length).toBeGreaterThan(plain.outcomes.length)
    const finding = withLag.findings.find(({ path }) => path.actions.length > 0)
    if (finding === undefined) throw new Error('AC17 has a finding with one fault')
    // The run up to its last step: without any fault left it still ends otherwise than runs without faults.
    const from = await outcomesFrom(file, finding.path.actions, 0)
    expect(from.outcomes.some((outcome) => !plain.outcomes.includes(outcome))).toBe(true)
  }, 120_000)

  it('says which step cannot be taken', async () => {
    const scenario = await load('AC17/faulty.ts')
    await expect(explore(scenario, { after: ['run nobody default/x'], auditPercent: 0 })).rejects.toThrow(
      'step 0 of the trace (run nobody default/x) cannot be taken',
    )
  }, 120_000)
})

describe('the objects of a recording', () => {
  it('are the newest of what went by until the step', () => {
    const object = (name: string, resourceVersion: string, more = {}) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace: 'n', resourceVersion, ...more },
    })
    const delivery = (step: number, event: 'ADDED' | 'DELETED', value: ReturnType<typeof object>): TraceEvent => ({
      step,
      type: 'delivery',
      process: 'p',
      event,
      object: `ConfigMap n/${value.metadata.name}`,
      resourceVersion: value.metadata.resourceVersion,
      late: false,
      value,
    })
    const events = [
      delivery(0, 'ADDED', object('a', '3', { uid: 'u' })),
      delivery(1, 'ADDED', object('a', '2')),
      delivery(2, 'ADDED', object('b', '4')),
      { ...delivery(2, 'ADDED', object('b', '4', { labels: {} })), partial: true as const },
      delivery(3, 'DELETED', object('b', '5')),
      { ...delivery(4, 'ADDED', object('a', '6')), partial: true as const },
    ]
    const names = (step: number) => objectsAtStep(events, step).map(({ metadata }) => metadata)
    expect(names(2)).toEqual([
      { name: 'a', namespace: 'n', uid: 'u' },
      { name: 'b', namespace: 'n' },
    ])
    expect(names(3)).toEqual([{ name: 'a', namespace: 'n', uid: 'u' }])
    expect(names(4), 'metadata alone does not take the place of an object').toEqual(names(3))
  })

  it('are without what was deleted, also where no watch told of it', () => {
    const type = { apiVersion: 'v1', kind: 'ConfigMap' }
    const map = (resourceVersion: string) => ({ ...type, metadata: { name: 'a', namespace: 'n', resourceVersion } })
    const call = (step: number, sent: number, verb: 'create' | 'delete', version?: string): TraceEvent => ({
      step,
      type: 'call',
      by: 'p',
      process: 'p',
      sent,
      verb,
      object: type,
      namespace: 'n',
      name: 'a',
      cached: false,
      request: {},
      response: { object: version === undefined ? null : map(version) },
      committed: [{ object: 'ConfigMap n/a', resourceVersion: version ?? '', removed: verb === 'delete' }],
    })
    const [created, deleted] = [call(0, 0, 'create', '3'), call(1, 1, 'delete')]
    expect(objectsAtStep([created, deleted], 0)).toHaveLength(1)
    expect(objectsAtStep([created, deleted], 1)).toEqual([])
    expect(objectsAtStep([created, deleted, call(2, 2, 'create', '5')], 2)).toHaveLength(1)
    const overtaken = [created, call(1, 1, 'create', '5'), call(2, 1, 'delete')]
    expect(objectsAtStep(overtaken, 2), 'made anew before the answer was recorded').toHaveLength(1)
  })
})
