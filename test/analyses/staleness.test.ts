/** How far behind a reconcile's view was, in small traces written by hand. */
import { describe, expect, test } from 'vitest'
import { createStaleness } from '#analyses/staleness.ts'
import { stalenessText } from '#analyses/staleness-text.ts'
import { begin, end, readText, thing, thingType, update, written } from './traces.ts'

const END = { type: 'end', steps: 9 }
const cachedGet = (by: string, version: number, name = 'a') => ({
  type: 'call',
  by,
  verb: 'get',
  object: thingType,
  namespace: 'default',
  name,
  cached: true,
  request: {},
  response: { object: thing(version, {}, name) },
})
const cachedList = (by: string, labelSelector?: string) => ({
  type: 'call',
  by,
  verb: 'list',
  object: thingType,
  namespace: 'default',
  cached: true,
  request: labelSelector === undefined ? {} : { labelSelector },
  response: { items: [] },
})
const told = (version: number, process = 'p') => ({
  type: 'delivery',
  process,
  event: 'MODIFIED',
  object: 'ConfigMap default/a',
  resourceVersion: String(version),
  late: false,
})

function missed(events: readonly object[], id = 'c #1') {
  const analysis = createStaleness(id)
  readText(written([...events, END]), analysis)
  const kinds = analysis.result()?.kinds ?? []
  return kinds.map(({ kind, missed: late }) => [
    kind,
    ...late.map(
      ({ resourceVersion, reads, uncertain }) => `${resourceVersion}: ${uncertain ? '?' : ''}${reads.join(',')}`,
    ),
  ])
}

describe('staleness', () => {
  test('is nothing where every event had come', () => {
    const events = [update('user', 10, {}, 0), told(10), begin('c #1', 'c'), cachedGet('c #1', 10), end('c #1')]
    expect(missed(events)).toEqual([['ConfigMap']])
  })

  test('names the events that had not come, and the reads that they would have changed', () => {
    const events = [
      update('user', 10, {}, 0),
      told(10),
      update('user', 11, {}, 1),
      told(11, 'another'),
      begin('c #1', 'c'),
      cachedGet('c #1', 10),
      cachedGet('c #1', 5, 'b'),
      end('c #1'),
      update('user', 12, {}, 2),
    ]
    expect(missed(events)).toEqual([['ConfigMap', '11: 7']])
    const analysis = createStaleness('c #1')
    readText(written([...events, END]), analysis)
    const result = analysis.result()
    expect(result && stalenessText(result)).toEqual([
      'c #1 (line 6), process p',
      '',
      'ConfigMap: 1 event behind, last event 10; 1 of them would have been read',
      '  * ConfigMap default/a → 11 by user (step 1, line 4): read in line 7',
    ])
  })

  test('counts what the reconcile wrote itself and reads again from a view that does not move', () => {
    const events = [told(9), begin('c #1', 'c'), update('c #1', 10, {}), told(10), cachedGet('c #1', 9), end('c #1')]
    expect(missed(events)).toEqual([['ConfigMap', '10: 6']])
  })

  test('begins anew where the process starts, whose lists are fresh', () => {
    const crash = [
      { type: 'crash', process: 'p', abandoned: [] },
      { type: 'process-start', process: 'p', enqueued: [] },
    ]
    const events = [
      told(9),
      update('user', 10, {}, 0),
      ...crash,
      begin('c #1', 'c'),
      cachedGet('c #1', 10),
      end('c #1'),
    ]
    expect(missed(events)).toEqual([['ConfigMap']])
    const later = [told(9), ...crash, update('user', 10, {}, 0), begin('c #1', 'c'), cachedGet('c #1', 9), end('c #1')]
    expect(missed(later)).toEqual([['ConfigMap', '10: 7']])
  })

  test('asks the selector of a list, and says where labels are unknown', () => {
    const change = update('user', 10, {}, 0)
    const object = thing(10, {})
    const labelled = (labels?: object) => ({
      ...change,
      response: { object: { ...object, metadata: { ...object.metadata, labels } } },
    })
    const lists = (selector?: string) => [begin('c #1', 'c'), cachedList('c #1', selector), end('c #1')]
    expect(missed([change, ...lists()])).toEqual([['ConfigMap', '10: 4']])
    expect(missed([labelled({ app: 'x' }), ...lists('app=x')])).toEqual([['ConfigMap', '10: 4']])
    expect(missed([labelled({ app: 'y' }), ...lists('app=x')])).toEqual([['ConfigMap', '10: ']])
    expect(missed([{ ...change, response: { object: null } }, ...lists('app=x')])).toEqual([['ConfigMap', '10: ?4']])
    expect(missed([labelled({ app: 'y' }), ...lists('app in (')])).toEqual([['ConfigMap', '10: ?4']])
  })
})
