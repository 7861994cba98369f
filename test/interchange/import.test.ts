/** Logs of other tools, written by hand, as traces. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createLifecycle } from '#analyses/lifecycle.ts'
import { createSummary } from '#analyses/summary.ts'
import { importVerb } from '#cli/import.ts'
import { readText } from '../analyses/traces.ts'
import { fakeTerminal } from '../cli/terminal.ts'

function imported(text: string, format?: string) {
  const terminal = fakeTerminal()
  const out = join(terminal.workingDirectory, 'trace.jsonl')
  writeFileSync(join(terminal.workingDirectory, 'log'), text)
  importVerb({ log: 'log', out: 'trace.jsonl', ...(format === undefined ? {} : { format }) }, terminal)
  const trace = readFileSync(out, 'utf8')
  const events = trace
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => JSON.parse(line))
  return { trace, events, said: terminal.errors.join('') }
}

const told = (events: readonly Record<string, unknown>[]) =>
  events.map(({ type, verb, by, reconcile }) =>
    type === 'call' ? `${by}: ${verb}` : `${type} ${reconcile ?? ''}`.trim(),
  )

const route = (version: string) => ({ metadata: { namespace: 'n', name: 'r', resourceVersion: version }, spec: {} })
let operations = 0
/** Both lines of an operation. */
function lines(controller: string, reconcile: string, operation: string, value?: object) {
  const [type, version = ''] = operation.split(' ')
  operations += 1
  const of = { op_type: type, kind: 'RouteConfig', object_id: 'uid-1', version, reconcile_id: reconcile }
  const event = {
    ...of,
    id: `op-${operations}`,
    timestamp: String(1740164818218 + operations),
    controller_id: controller,
    apiVersion: 'a/v1',
  }
  return [event, { ...of, operation_id: `op-${operations}`, value: JSON.stringify(value ?? route(version)) }]
}
const text = (values: readonly object[]) => `${values.map((value) => JSON.stringify(value)).join('\n')}\n`

describe('import of the Go Kamera', () => {
  // As in its own example: the read is stamped before the write that it shows.
  const log = [
    ...lines('Felix', 'rec-2', 'GET 1000'),
    ...lines('RPod', 'rec-1', 'CREATE 1000'),
    ...lines('RPod', 'rec-1', 'UPDATE 999'),
    ...lines('sleeve:garbage-collector', '', 'REMOVE 1001'),
  ]

  test('orders by version, not by time, and finds what woke a reconcile', () => {
    const { events, trace, said } = imported(text(log))
    expect(told(events)).toEqual([
      'reconcile-begin rec-1',
      'rec-1: create',
      'rec-1: update',
      'reconcile-end rec-1',
      'reconcile-begin rec-2',
      'rec-2: get',
      'reconcile-end rec-2',
      'sleeve:garbage-collector: delete',
      'end',
    ])
    expect(events[4].causes).toEqual([{ type: 'event', object: 'RouteConfig n/r', event: 'ADDED', step: 1 }])
    expect(events[7].committed).toEqual([{ object: 'RouteConfig n/r', resourceVersion: '1001', removed: true }])
    expect(said).toBe('')
    const [summary, lifecycle] = [createSummary(), createLifecycle('RouteConfig n/r')]
    expect(readText(trace, summary, lifecycle).complete).toBe(true)
    expect(summary.result().controllers.map(({ controller }) => controller)).toEqual(['RPod', 'Felix'])
  })

  test('reads the same lines in a zap log, and counts what is no line of it', () => {
    const zap = log.map(
      (value) =>
        `2025-02-21T19:06:58Z\tINFO\tsleevelog\t${JSON.stringify(value)}\t{"LogType": "sleeve:${'value' in value ? 'object-version' : 'controller-operation'}"}`,
    )
    const { trace, said } = imported(`${['starting', ...zap, '{"cut'].join('\n')}`)
    const body = (all: string) => all.slice(all.indexOf('\n'))
    expect(body(trace)).toBe(body(imported(text(log)).trace))
    expect(said).toContain('line 1: no line of the Go Kamera; it is left out')
    expect(said).toContain('line 10: the file ends in this line, which is left out')
  })

  test('takes lines of any length, and items of a list as one list', () => {
    const item = (name: string) => ({
      metadata: { name, namespace: 'n', resourceVersion: '5' },
      data: 'x'.repeat(200_000),
    })
    const items = ['a', 'b'].flatMap((name) =>
      lines('c', 'rec', 'LIST 5', item(name)).map((line) => ({ ...line, object_id: name })),
    )
    const { events } = imported(text(items))
    expect(told(events)).toEqual(['reconcile-begin rec', 'rec: list', 'reconcile-end rec', 'end'])
    expect(events[1].response.items).toHaveLength(2)
  })

  test('hides Secrets, and takes hostile lines for data', () => {
    const secret = { apiVersion: 'v1', kind: 'Secret', ...route('7'), data: { password: 'aHVudGVyMg==' } }
    const hostile = JSON.parse('{"metadata":{"name":"__proto__","resourceVersion":"8"},"__proto__":{"polluted":true}}')
    const odd = lines('c', '__proto__', 'GET 8', hostile)
    const unknown = lines('c', 'r', 'TELEPORT 8')
    const { trace, said } = imported(text([...lines('c', 'r', 'GET 7', secret), ...odd, ...unknown]))
    expect(trace).not.toContain('aHVudGVyMg')
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
    expect(said).toContain('line 5: op_type "TELEPORT" is not known; the line is left out')
  })

  test('writes over nothing, and leaves nothing where nothing can be imported', () => {
    const terminal = fakeTerminal()
    const log = join(terminal.workingDirectory, 'log')
    writeFileSync(log, 'hello\n')
    expect(() => importVerb({ log: 'log', out: 'trace.jsonl' }, terminal)).toThrow(/no call that can be imported/)
    expect(existsSync(join(terminal.workingDirectory, 'trace.jsonl'))).toBe(false)
    writeFileSync(log, text(lines('c', 'r', 'GET 1')))
    expect(() => importVerb({ log: 'log', out: 'log' }, terminal)).toThrow(/cannot be written/)
    expect(() => importVerb({ log: 'log', out: 'x', format: 'adit' }, terminal)).toThrow(/audit/)
  })
})

describe('import of audit logs', () => {
  const call = (auditID: string, verb: string, more: object = {}) => ({
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    level: 'RequestResponse',
    auditID,
    stage: 'ResponseComplete',
    verb,
    user: { username: 'system:serviceaccount:ops:operator' },
    userAgent: 'manager/v0.0.0 (linux/amd64)',
    objectRef: { resource: 'configmaps', namespace: 'default', name: 'a', apiVersion: 'v1' },
    responseStatus: { code: 200 },
    stageTimestamp: '2025-01-01T00:00:00.000000Z',
    ...more,
  })
  const configMap = (resourceVersion: string) => ({
    kind: 'ConfigMap',
    apiVersion: 'v1',
    metadata: { namespace: 'default', name: 'a', resourceVersion },
  })

  test('orders writes by version, names what has none, and leaves out what is no call', () => {
    const { events, trace, said } = imported(
      text([
        call('1', 'update', { responseObject: configMap('12') }),
        call('2', 'create', { responseObject: configMap('11') }),
        call('2', 'create', { responseObject: configMap('11') }),
        call('3', 'watch'),
        call('4', 'update', { responseStatus: { code: 409, reason: 'Conflict' } }),
        call('5', 'patch'),
        call('6', 'delete', { responseObject: { kind: 'Status', apiVersion: 'v1', status: 'Success' } }),
        call('7', 'get', { stage: 'RequestReceived' }),
        call('8', 'list', { responseObject: { kind: 'ConfigMapList', items: [configMap('1'), null] } }),
      ]),
    )
    const calls = events.filter(({ type }) => type === 'call')
    expect(calls.map(({ verb, committed }) => [verb, committed?.[0]?.resourceVersion])).toEqual([
      ['create', '11'],
      ['update', '12'],
      ['update', undefined],
      ['patch', undefined],
      ['delete', ''],
      ['list', undefined],
    ])
    expect(calls[2].response.status).toMatchObject({ code: 409, reason: 'Conflict' })
    expect(calls[3].partial).toBe(true)
    expect(calls[4].committed[0].removed).toBe(true)
    expect(said).toContain('line 3: a call that was read before; it is left out')
    expect(said).toContain('line 4: a call with the verb "watch"; it is left out')
    expect(said).toContain('line 8: the stage "RequestReceived" of a call; it is left out')
    expect(said).toContain('line 9: objects of this list that have no usable metadata are left out')
    expect(readText(trace).notes).toEqual([])
  })
})

test('any value in any field is data, or named with its line', () => {
  const audit = {
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    auditID: '1',
    stage: 'ResponseComplete',
    verb: 'update',
    user: { username: 'u' },
    userAgent: 'manager/v0',
    objectRef: { resource: 'configmaps', namespace: 'n', name: 'r', apiVersion: 'v1' },
    responseStatus: { code: 200 },
    requestObject: route('4'),
    responseObject: { kind: 'ConfigMap', apiVersion: 'v1', ...route('5') },
    stageTimestamp: '2025-01-01T00:00:00Z',
  }
  const values = [
    null,
    [],
    {},
    'x',
    -1,
    true,
    [null],
    { metadata: null },
    { metadata: { name: 1 } },
    { items: [1, null] },
  ]
  for (const log of [lines('c', 'r', 'LIST 5'), [audit]]) {
    for (const [index, line] of log.entries()) {
      for (const field of Object.keys(line)) {
        for (const value of values) {
          const hostile = log.map((each, at) => (at === index ? { ...each, [field]: value } : each))
          const good = lines('c', 'other', 'GET 6')
          const format = log.length === 1 ? 'audit' : 'go-kamera'
          const well = format === 'audit' ? [{ ...audit, auditID: '2' }] : good
          const { trace } = imported(text([...hostile, ...well]), format)
          expect(readText(trace, createSummary()).notes.map(({ about }) => about)).not.toContain('malformed')
        }
      }
    }
  }
})
