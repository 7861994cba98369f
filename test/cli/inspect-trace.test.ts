/** `kamera inspect` of traces: of the simulator and of a recording, whole, cut off and of a newer version. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { inspectVerb } from '#cli/inspect.ts'
import { openDumpFile } from '#dump/dump-file.ts'
import { LIVE_HEADER, thingType, written } from '../analyses/traces.ts'
import { fakeTerminal } from './terminal.ts'

const at = { process: 'operator', controller: 'operator', request: { namespace: 'default', name: 'a' } }
const events = [
  { step: 0, type: 'reconcile-begin', reconcile: 'operator#1', ...at, causes: [{ type: 'start' }] },
  {
    step: 1,
    type: 'call',
    by: 'operator#1',
    verb: 'create',
    object: thingType,
    namespace: 'default',
    name: 'a',
    cached: false,
    request: {},
    response: { object: { ...thingType, metadata: { namespace: 'default', name: 'a', resourceVersion: '5' } } },
    committed: [{ object: 'ConfigMap default/a', resourceVersion: '5', removed: false }],
  },
  { step: 2, type: 'reconcile-end', reconcile: 'operator#1', result: { type: 'done' } },
  { step: 3, type: 'end', steps: 3 },
]

it('makes a dump of a recording, of one run', async () => {
  const terminal = fakeTerminal()
  const file = (name: string) => join(terminal.workingDirectory, name)
  writeFileSync(file('trace.jsonl'), written(events, LIVE_HEADER))
  expect(await inspectVerb({ file: 'trace.jsonl', dump: 'a.dump' }, terminal)).toBe(0)
  expect(terminal.errors.join('')).toBe('Dump written to a.dump: kamera inspect a.dump\n')
  const dump = await openDumpFile(file('a.dump'))
  const [outcome] = dump.reports[0]?.outcomes ?? []
  expect(dump.header.source).toBe('record')
  expect(outcome).toMatchObject({ id: 'recording', objects: ['ConfigMap default/a'], first: { steps: 1 } })
  await dump.close()
})

it('says what is missing of a trace that was cut off, and refuses one of a newer version', async () => {
  const terminal = fakeTerminal()
  const file = (name: string) => join(terminal.workingDirectory, name)
  writeFileSync(file('cut.jsonl'), written(events, LIVE_HEADER).slice(0, -40))
  expect(await inspectVerb({ file: 'cut.jsonl', dump: 'a.dump' }, terminal)).toBe(0)
  expect(terminal.errors.join('')).toContain('the trace ends in this line')
  expect(readFileSync(file('a.dump')).length).toBeGreaterThan(100)
  writeFileSync(file('newer.jsonl'), written(events, { ...LIVE_HEADER, formatVersion: 9 }))
  await expect(inspectVerb({ file: 'newer.jsonl', dump: 'b.dump' }, terminal)).rejects.toThrow('format version 9')
  await expect(inspectVerb({ file: 'cut.jsonl', dump: 'no/b.dump' }, terminal)).rejects.toThrow('cannot be written')
})
