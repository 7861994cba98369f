/** A simulated run, written as a trace and replayed: identical, unless something in the trace was changed. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { loadScenario } from '#cli/load-scenario.ts'
import type { Scenario } from '#cluster/scenario.ts'
import { traceLines } from '#inspect/trace-lines.ts'
import { replayTrace } from '#replay-trace.ts'
import { simulate } from '#simulate.ts'
import type { TraceEvent, TraceHeader } from '#trace/trace-event.ts'

const corpus = fileURLToPath(new URL('../../examples/corpus', import.meta.url))
const files = readdirSync(corpus, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .flatMap(({ name }) =>
    readdirSync(join(corpus, name))
      .filter((file) => /^(?:faulty|fixed|scenario)\.ts$/.test(file))
      .map((file) => `${name}/${file}`),
  )

interface Trace {
  readonly header: TraceHeader
  readonly events: readonly TraceEvent[]
}

/** As it comes out of a file. */
async function traceOf(scenario: Scenario, seed: number): Promise<Trace> {
  let text = ''
  await simulate(scenario, {
    runs: 1,
    seed,
    faults: 2,
    depthMax: 40,
    auditPercent: 0,
    onTrace: (header, events) => {
      text = traceLines(header, events)
    },
  })
  const [header, ...events] = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown)
  return { header, events } as Trace
}

const load = (file: string) => loadScenario(join(corpus, file), { set: {}, workingDirectory: corpus })

describe('simulate → trace → replay', () => {
  it.each(files)(
    'is identical for %s',
    async (file) => {
      const scenario = await load(file)
      const trace = await traceOf(scenario, 3)
      const result = await replayTrace(scenario, trace)
      expect(result).toMatchObject({ identical: true, whole: true, controllersUnknown: [] })
      expect(result.reconciles.length).toBe(trace.events.filter(({ type }) => type === 'reconcile-begin').length)
    },
    120_000,
  )
})

/** A copy in which the first event for which `change` does not answer undefined is what it answers. */
function altered({ header, events }: Trace, change: (event: TraceEvent) => TraceEvent | undefined) {
  const index = events.findIndex((event) => change(event) !== undefined)
  const event = events[index]
  if (event === undefined) throw new Error('nothing to alter')
  return { step: event.step, trace: { header, events: events.with(index, change(event) as TraceEvent) } }
}

describe('a trace that was altered', () => {
  const file = 'AC17/faulty.ts'

  it('is not identical, and the step of the altered response is named', async () => {
    const scenario = await load(file)
    const { trace, step } = altered(await traceOf(scenario, 3), (event) => {
      if (event.type !== 'call' || event.by === 'user' || event.verb !== 'list') return undefined
      if (!('items' in event.response) || event.response.items.length === 0) return undefined
      return { ...event, response: { items: [] } }
    })
    const result = await replayTrace(scenario, trace)
    expect(result).toMatchObject({ identical: false, divergedAt: step })
    expect(result.message).toContain('response.items')
  }, 120_000)

  it('is told apart by line where one is twice, missing or out of order, and fields of others are nothing', async () => {
    const scenario = await load(file)
    const trace = await traceOf(scenario, 3)
    const { header, events } = trace
    const at = events.findIndex(({ type }, index) => type === 'delivery' && events[index + 1]?.type !== 'delivery')
    const event = events[at] as TraceEvent
    const next = events[at + 1] as TraceEvent
    const replayed = (changed: readonly TraceEvent[]) => replayTrace(scenario, { header, events: changed })
    expect(await replayed(events.toSpliced(at, 0, event))).toMatchObject({
      identical: false,
      message: expect.stringMatching(`^line ${at + 3} does not happen, or was there already: delivery of `),
    })
    expect(await replayed(events.toSpliced(at, 1))).toMatchObject({
      identical: false,
      message: expect.stringMatching(`^before line ${at + 2} there is now one more event: delivery of `),
    })
    expect(await replayed(events.toSpliced(at, 2, next, event))).toMatchObject({
      identical: false,
      divergedAt: next.step,
    })
    const foreign: TraceEvent = Object.assign({ 'example.com/note': 'seen' }, event)
    expect(await replayed(events.with(at, foreign))).toMatchObject({ identical: true })
  }, 120_000)

  it('is different where a reconcile read something else than it wrote by', async () => {
    const scenario = await load(file)
    const recorded = await traceOf(scenario, 3)
    const own = scenario.controllers?.[0]?.name ?? ''
    const { trace, step } = altered(recorded, (event) => {
      if (event.type !== 'call' || !event.by.startsWith(own) || event.verb !== 'create') return undefined
      const body = event.request.body as { readonly metadata: object }
      return {
        ...event,
        request: {
          ...event.request,
          body: { ...body, metadata: { ...body.metadata, name: 'other', generateName: 'other-' } },
        },
      }
    })
    const result = await replayTrace(scenario, trace, { controller: own })
    const [different] = result.reconciles.filter(({ status }) => status !== 'same')
    expect(different).toMatchObject({ status: 'different', differsAt: step })
    expect(different?.difference).toContain('was')
    expect(result).toMatchObject({ identical: false, whole: false })
  }, 120_000)
})

describe('other code on an old trace', () => {
  it('is different where it does something else, and the same elsewhere', async () => {
    const trace = await traceOf(await load('AC17/faulty.ts'), 3)
    const fixed = await load('AC17/fixed.ts')
    const result = await replayTrace(fixed, trace, { controller: fixed.controllers?.[0]?.name ?? '' })
    const kinds = new Set(result.reconciles.map(({ status }) => status))
    expect([...kinds].sort()).toEqual(['different'])
    expect(result.reconciles[0]?.difference).toContain('which it did not then')
  }, 120_000)

  it('is nondeterministic where it does two things on the same answers', async () => {
    const { defineController, defineScenario } = await import('kamera')
    let runs = 0
    const type = { apiVersion: 'v1', kind: 'ConfigMap' }
    const object = { ...type, metadata: { name: 'a', namespace: 'default' } }
    const scenarioOf = (isRandom: boolean) =>
      defineScenario({
        name: 'two-minds',
        objects: [object],
        controllers: [
          defineController({
            name: 'c',
            for: type,
            reconciler: ({ client }) => ({
              async reconcile({ name }) {
                const key = { namespace: 'default', name: isRandom ? `${name}-${runs++}` : name }
                await client.tryGet(type, key)
              },
            }),
          }),
        ],
      })
    const trace = await traceOf(scenarioOf(false), 1)
    const result = await replayTrace(scenarioOf(true), trace, { controller: 'c' })
    expect(result.reconciles.map(({ status }) => status)).toEqual(['nondeterministic'])
  }, 120_000)
})
