/** Two traces side by side, written by hand. */
import { expect, test } from 'vitest'
import { compareTraces, endAlike } from '#analyses/compare-traces.ts'
import { comparisonText } from '#analyses/compare-traces-text.ts'
import { createFinalContents } from '#analyses/final-contents.ts'
import { createSummary } from '#analyses/summary.ts'
import { begin, end, LIVE_HEADER, readText, thing, thingType, update, written } from './traces.ts'

const OBJECT = 'ConfigMap default/a'
const removal = (version: string, step?: number) => ({
  ...update('user', 1, {}, step),
  verb: 'delete',
  response: { object: null },
  committed: [{ object: OBJECT, resourceVersion: version, removed: true }],
})
const read = (version: number, name: string, data = {}) => ({
  type: 'call',
  by: 'c #1',
  verb: 'get',
  object: thingType,
  cached: true,
  request: {},
  response: { object: thing(version, data, name) },
})

function compared(events: readonly object[], header?: object) {
  const [summary, contents] = [createSummary(), createFinalContents()]
  readText(written([...events, { type: 'end', steps: 9 }], header), summary, contents)
  return { summary: summary.result(), contents: contents.result() }
}

test('traces that end alike may have gone other ways', () => {
  const left = compared([begin('c #1', 'c'), update('c #1', 11, { x: '1' }), end('c #1')])
  const right = compared([
    begin('c #1', 'c'),
    end('c #1', 'error'),
    begin('c #2', 'c'),
    update('c #2', 15, { x: '1' }),
    end('c #2'),
  ])
  const comparison = compareTraces(left, right)
  expect(endAlike(comparison)).toBe(true)
  expect(comparisonText(comparison, 100)).toEqual([
    'Both end alike.',
    '',
    'What controllers did, first and second',
    '  c: reconciles 1 and 2',
    '  c: errors 0 and 1',
  ])
  expect(comparisonText(compareTraces(left, left), 100)).toEqual(['Both end alike.'])
})

test('objects and fields that differ at the end are told, whatever old caches answered last', () => {
  const left = compared([update('user', 11, { x: '1' }, 0), read(12, 'b')])
  const right = compared([
    update('user', 11, { x: '1' }, 0),
    update('user', 13, { x: '2' }),
    read(11, 'a', { x: '1' }),
    read(14, 'd'),
  ])
  expect(comparisonText(compareTraces(left, right), 100)).toEqual([
    'They end differently.',
    '',
    'Only at the end of the first',
    '  ConfigMap default/b',
    '',
    'Only at the end of the second',
    '  ConfigMap default/d',
    '',
    'ConfigMap default/a, first and second',
    '  ~ data.x: "1" → "2"',
  ])
})

test('what was removed is not there, also where its version is unknown, until it is created again', () => {
  const names = (events: readonly object[], header?: object) => [...compared(events, header).contents.keys()]
  const made = update('user', 11, { x: '1' }, 0)
  expect(names([made, removal('11'), read(11, 'a')])).toEqual([])
  expect(names([made, removal('', 1)], LIVE_HEADER)).toEqual([])
  expect(names([made, removal('', 1), update('user', 20, {}, 2)], LIVE_HEADER)).toEqual([OBJECT])
})
