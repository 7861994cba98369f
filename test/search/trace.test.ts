/** A run as a trace: what happened in which order, readable without the simulator. */
import { describe, expect, test } from 'vitest'
import { create, defineScenario } from '#cluster/scenario.ts'
import { traceLines } from '#inspect/trace-lines.ts'
import { type SimulateOptions, simulate } from '#simulate.ts'
import type { TraceEvent, TraceHeader } from '#trace/trace-event.ts'
import { counting } from './counting.ts'
import { app, appType, controllerOf } from './scenario-search.ts'

async function traceOf(scenario: Parameters<typeof simulate>[0], options: SimulateOptions) {
  const traces: { readonly header: TraceHeader; readonly events: readonly TraceEvent[] }[] = []
  await simulate(scenario, {
    auditPercent: 0,
    ...options,
    onTrace: (header, events) => traces.push({ header, events }),
  })
  const [trace] = traces
  if (trace === undefined || traces.length > 1) throw new Error('one trace is expected')
  return trace
}

function line(event: TraceEvent): string {
  const at = `${event.step} ${event.type}`
  switch (event.type) {
    case 'call': {
      const { response, committed = [] } = event
      const answer =
        'items' in response
          ? `${response.items.length} items`
          : 'status' in response
            ? response.status.reason
            : (response.object?.metadata.resourceVersion ?? 'nothing')
      const commits = committed.map(({ object, resourceVersion }) => ` → ${object}@${resourceVersion}`).join('')
      return `${at} ${event.by}: ${event.verb} ${event.object.kind}${event.subresource === undefined ? '' : '/status'}${event.cached ? ' (cache)' : ''}: ${answer}${commits}`
    }
    case 'delivery':
      return `${at} ${event.process} ${event.event} ${event.object}@${event.resourceVersion}${event.late ? ' late' : ''}`
    case 'reconcile-begin':
      return `${at} ${event.reconcile} because ${event.causes.map(({ type, object, step }) => `${type} ${object} of step ${step}`).join(', ')}`
    case 'reconcile-end':
      return `${at} ${event.reconcile} ${event.result.type}`
    case 'crash':
      return `${at} ${event.process} abandons ${event.abandoned.join(', ')}`
    case 'process-start':
      return `${at} ${event.process} enqueues ${event.enqueued.join(', ')}`
    default:
      return at
  }
}

const controllersOnly = (event: TraceEvent): boolean => !('process' in event) || event.process !== 'garbage-collection'

describe('a trace', () => {
  test('tells calls, commits, deliveries and causes in order', async () => {
    const { header, events } = await traceOf(counting(0), { faults: 0, runs: 1, seed: 4 })
    expect(header).toMatchObject({ formatVersion: 1, scenario: 'counting', seed: 4, granularity: 'write' })
    expect(events.filter(controllersOnly).map(line).slice(0, 9)).toMatchInlineSnapshot(`
      [
        "0 call user: create App: 1000002 → App default/a@1000002",
        "0 delivery controllers ADDED App default/a@1000002",
        "1 reconcile-begin counter default/a #1 because event App default/a of step 0",
        "1 call counter default/a #1: get App (cache): 1000002",
        "1 call counter default/a #1: list Part (cache): 0 items",
        "2 call counter default/a #1: create Part: 1000003 → Part default/p-zbbbb@1000003",
        "2 delivery controllers ADDED Part default/p-zbbbb@1000003",
        "3 call counter default/a #1: update App/status: 1000004 → App default/a@1000004",
        "3 delivery controllers MODIFIED App default/a@1000004",
      ]
    `)
  })

  test('names the reconciles that a crash abandons', async () => {
    const plan = `
actions:
- actionType: restartController
  controllerLabel: counter
  trigger:
    definitions:
    - triggerName: part
      condition: {conditionType: onObjectCreate, resourceKey: part/default/*, occurrence: 1}
      observationPoint: {when: afterControllerWrite, by: counter}
    expression: part
`
    const { events } = await traceOf(counting(0), { runs: 1, sievePlan: { text: plan, file: 'plan.yaml' } })
    const crash = events.findIndex(({ type }) => type === 'crash')
    expect(events.slice(crash, crash + 2).map(line)).toMatchInlineSnapshot(`
      [
        "3 crash controllers abandons counter default/a #1",
        "3 process-start controllers enqueues counter default/a",
      ]
    `)
    const ended = events.flatMap((event) => (event.type === 'reconcile-end' ? [event.reconcile] : []))
    expect(ended).not.toContain('counter default/a #1')
  })

  test('is the same for the same seed', async () => {
    const options = { runs: 300, seed: 11 }
    expect(await traceOf(counting(1), options)).toEqual(await traceOf(counting(1), options))
  })

  test('holds no data of Secrets, also not in patches', async () => {
    const secret = { apiVersion: 'v1', kind: 'Secret' }
    const makes = controllerOf('maker', async (client, request) => {
      if ((await client.tryGet(secret, request)) !== undefined) return
      await client.create({ ...secret, metadata: request, data: { password: 'c2VjcmV0' } } as never)
      await client.patch({ type: secret, key: request }, { data: { password: 'aGlkZGVu' } }, { patchType: 'merge' })
    })
    const scenario = defineScenario({ name: 's', kinds: [appType], controllers: [makes], actions: [create(app('a'))] })
    const { header, events } = await traceOf(scenario, { faults: 0, runs: 1 })
    const text = traceLines(header, events)
    expect(text).toContain('"kind":"Secret"')
    expect(text).not.toMatch(/c2VjcmV0|aGlkZGVu/)
    expect(
      text
        .trimEnd()
        .split('\n')
        .map((each) => JSON.parse(each).type)
        .at(-1),
    ).toBe('end')
  })
})
