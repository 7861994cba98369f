/** Traces for the tests of the analyses: of the simulator, and written by hand. */
import { createTraceReader, type TraceAnalysis, type TraceRead } from '#analyses/trace-reader.ts'
import type { Scenario } from '#cluster/scenario.ts'
import { traceLines } from '#inspect/trace-lines.ts'
import { type SimulateOptions, simulate } from '#simulate.ts'

export async function simulatedTrace(scenario: Scenario, options: SimulateOptions): Promise<string> {
  let text = ''
  await simulate(scenario, {
    auditPercent: 0,
    ...options,
    onTrace: (header, events) => {
      text = traceLines(header, events)
    },
  })
  return text
}

export function readText(text: string, ...analyses: readonly TraceAnalysis[]): TraceRead {
  const reader = createTraceReader('trace.jsonl', analyses)
  const lines = text.split('\n')
  const last = lines.pop() ?? ''
  let offset = 0
  for (const line of lines) {
    reader.line(line, offset, true)
    offset += Buffer.byteLength(line) + 1
  }
  if (last !== '') reader.line(last, offset, false)
  return reader.finish()
}

export const HEADER = {
  type: 'trace',
  formatVersion: 1,
  source: 'simulator',
  scenario: 's',
  profile: 'lagging',
  seed: 1,
}
export const LIVE_HEADER = {
  type: 'trace',
  formatVersion: 1,
  source: 'live',
  recorder: 'proxy',
  recording: 'r',
  part: 1,
}

/** Events as lines; those without a step get that of the line before. */
export function written(events: readonly object[], header: object = HEADER): string {
  let step = 0
  const lines = events.map((event) => {
    step = 'step' in event ? (event.step as number) : step
    return JSON.stringify({ step, ...event })
  })
  return `${[JSON.stringify(header), ...lines].join('\n')}\n`
}

export const thingType = { apiVersion: 'v1', kind: 'ConfigMap' }

export function thing(version: number, data: Readonly<Record<string, string>>, name = 'a') {
  return { ...thingType, metadata: { namespace: 'default', name, resourceVersion: String(version) }, data }
}

export const begin = (reconcile: string, controller: string, causes: readonly object[] = [], step?: number) => ({
  ...(step === undefined ? {} : { step }),
  type: 'reconcile-begin',
  reconcile,
  process: 'p',
  controller,
  request: { namespace: 'default', name: 'a' },
  causes,
})

export const end = (reconcile: string, type = 'done') => ({ type: 'reconcile-end', reconcile, result: { type } })

export function update(by: string, version: number, data: Readonly<Record<string, string>>, step?: number) {
  return {
    ...(step === undefined ? {} : { step }),
    type: 'call',
    by,
    verb: 'update',
    object: thingType,
    namespace: 'default',
    name: 'a',
    cached: false,
    request: {},
    response: { object: thing(version, data) },
    committed: [{ object: 'ConfigMap default/a', resourceVersion: String(version), removed: false }],
  }
}
