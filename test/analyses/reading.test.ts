/** Traces that are damaged: what can be read is read, and what cannot is named with its line. */
import { describe, expect, test } from 'vitest'
import { createLifecycle } from '#analyses/lifecycle.ts'
import { createSummary } from '#analyses/summary.ts'
import { noteText } from '#analyses/trace-notes.ts'
import { begin, end, HEADER, LIVE_HEADER, readText, update, written } from './traces.ts'

const END = { type: 'end', steps: 2 }
const whole = [
  begin('r #1', 'c', [], 0),
  update('r #1', 11, { x: '1' }),
  end('r #1'),
  update('user', 12, { x: '2' }, 1),
  END,
]
const text = written(whole)

function notesOf(given: string): readonly string[] {
  return readText(given).notes.map(noteText)
}

const changeLine = (number: number, change: (line: string) => string): string =>
  text
    .split('\n')
    .map((line, index) => (index === number - 1 ? change(line) : line))
    .join('\n')

describe('reading a trace', () => {
  test('has nothing to say of a whole one', () => {
    expect(notesOf(text)).toEqual([])
    expect(readText(text)).toMatchObject({ events: 5, lines: 6, complete: true })
    expect(notesOf(`\ufeff${text.replaceAll('\n', '\r\n')}`)).toEqual([])
  })

  test('takes a last line without a line feed, and names one that is cut off', () => {
    expect(notesOf(text.trimEnd())).toEqual([])
    expect(notesOf(text.slice(0, -9))).toEqual([
      'line 6: the trace ends in this line, which is left out',
      'line 6: the trace has no end after this line: its run went on, or was cut off',
    ])
  })

  test('can be cut anywhere: all lines before are read', () => {
    for (let length = JSON.stringify(HEADER).length; length < text.length; length++) {
      const cut = text.slice(0, length)
      const read = readText(cut)
      const lines = cut.split('\n').filter((line) => line !== '')
      const isWhole = text.split('\n').includes(lines.at(-1) ?? '')
      expect(read.events).toBe(lines.length - (isWhole ? 1 : 2))
      if (!isWhole) expect(read.notes.map(({ about }) => about)).toContain('cut-off')
    }
  })

  test('names lines that are not understood', () => {
    expect(notesOf(changeLine(3, () => 'panic: out of memory'))).toEqual([
      'line 3: this is no JSON object, and is left out',
    ])
    expect(notesOf(changeLine(4, () => '{"type":"telepathy","step":0}'))).toEqual([
      'line 4: events of type "telepathy" are not understood, and left out',
    ])
    expect(notesOf(changeLine(4, () => '{"type":"toString","step":0}'))).toHaveLength(1)
    expect(notesOf(changeLine(2, () => '{"type":"reconcile-begin","step":0,"reconcile":"r"}'))).toEqual([
      'line 2: reconcile-begin: controller is absent or wrong; the line is left out',
    ])
    expect(notesOf(changeLine(3, (line) => line.replace('{"step":0,', '{')))).toEqual([
      'line 3: call: step is absent or wrong; the line is left out',
    ])
  })

  test('reads over fields that it does not know', () => {
    expect(notesOf(changeLine(3, (line) => line.replace('{', '{"mood":"good",')))).toEqual([])
  })

  test('survives any value in any field', () => {
    const values = ['null', '[]', '{}', '"x"', '-1', 'true', '[null]', '[{}]', '{"type":"x"}']
    for (const [index, line] of text.split('\n').entries()) {
      if (index === 0 || line === '') continue
      for (const field of Object.keys(JSON.parse(line))) {
        for (const value of values) {
          const hostile = changeLine(index + 1, () =>
            JSON.stringify({ ...JSON.parse(line), [field]: JSON.parse(value) }),
          )
          const analyses = [createSummary(), createLifecycle('ConfigMap default/a')] as const
          if (JSON.parse(value) === 'x' && field === 'type') continue
          readText(hostile, ...analyses)
          for (const analysis of analyses) analysis.result()
        }
      }
    }
  })

  test('leaves out what is there twice', () => {
    const lines = text.trimEnd().split('\n')
    const twice = `${[...lines.slice(0, 4), ...lines.slice(1, 4), ...lines.slice(4)].join('\n')}\n`
    expect(readText(twice).events).toBe(5)
    expect(notesOf(twice)).toEqual([
      'line 5: the begin of r #1 was read before; the line is left out',
      'line 6: a write that was read before; the line is left out',
      'line 7: the end of r #1 was read before; the line is left out',
    ])
    const live = [
      { step: 0, type: 'other-call', by: 'p', what: 'GET /version' },
      { step: 1, type: 'other-call', by: 'p', what: 'GET /version' },
      { step: 1, type: 'other-call', by: 'p', what: 'GET /version' },
      { ...END, step: 2 },
    ]
    expect(notesOf(written(live, LIVE_HEADER))).toEqual(['line 4: step 1 was read before; the line is left out'])
  })

  test('names lines that are out of order, and orders changes by version', () => {
    const [first, second] = [update('user', 11, { x: '1' }, 0), update('user', 12, { x: '2' }, 1)]
    const swapped = written([second, first, END])
    const lifecycle = createLifecycle('ConfigMap default/a')
    expect(readText(swapped, lifecycle).notes.map(noteText)).toEqual([
      'line 3: versions go back in these lines; versions are what orders changes',
      'lines 3, 4: lines of an earlier step come after those of a later one',
    ])
    expect(lifecycle.result()?.changes.map(({ resourceVersion }) => resourceVersion)).toEqual(['11', '12'])
  })

  test('names a clock that steps back, and events that were dropped', () => {
    const events = [
      { step: 0, timeMs: 10, type: 'other-call', by: 'p', what: 'x' },
      { step: 1, timeMs: 5, type: 'other-call', by: 'p', what: 'x' },
      { step: 2, timeMs: 6, type: 'dropped', events: 7, reason: 'the sink was too slow' },
      { ...END, step: 9 },
    ]
    expect(notesOf(written(events, LIVE_HEADER))).toEqual([
      'line 3: the clock of the recorder steps back; times order nothing',
      'line 4: the recorder had no room for 7 events before this: the sink was too slow',
    ])
  })

  test('takes the files of a recording as one, and names another trace', () => {
    const part = (number: number, step: number) =>
      written([{ step, type: 'other-call', by: 'p', what: 'x' }], { ...LIVE_HEADER, part: number })
    expect(readText(part(1, 0) + part(2, 1)).notes.map(({ about }) => about)).toEqual(['no-end'])
    expect(notesOf(text + text)[0]).toBe('line 7: another trace begins here; it is read as if it went on')
  })

  test('names where steps are missing, but for those that come late, were dropped, or are named anyway', () => {
    const step = (number: number) => ({ step: number, type: 'other-call', by: 'p', what: 'x' })
    const missing = (events: readonly object[], header: object = LIVE_HEADER) =>
      notesOf(written(events, header)).filter((note) => note.includes('missing') || note.includes('in no line'))
    const said = ': steps before this are in no line: what happened there is not known'
    expect(missing([0, 1, 2].map(step))).toEqual([])
    expect(missing([0, 1, 3, 4, 6].map(step))).toEqual([`lines 4, 6${said}`])
    expect(missing([0, 4, 2, 1, 3, 5].map(step))).toEqual([])
    expect(missing([0, 4, 2, 1, 5].map(step))).toEqual([`line 3${said}`])
    expect(missing([7, 8].map(step), { ...LIVE_HEADER, part: 3 })).toEqual([`line 2${said}`])
    expect(missing([step(0), { step: 'one', type: 'call' }, step(2)])).toEqual([])
    expect(missing([step(0), { step: 'one', type: 'call' }, step(3)])).toEqual([`line 4${said}`])
    expect(missing([step(0), step(0), step(2), step(2), END], HEADER)).toEqual([`line 4${said}`])
  })

  test('refuses what is no trace, and versions that it does not know', () => {
    expect(() => readText('')).toThrow('trace.jsonl is no trace: it is empty.')
    expect(() => readText('hello\n')).toThrow('line 1 is no header')
    expect(() => readText(text.split('\n').slice(1).join('\n'))).toThrow('line 1 is no header')
    const newer = written([], { ...HEADER, formatVersion: 2 })
    expect(() => readText(newer)).toThrow('line 1: the trace has format version 2')
    expect(() => readText(text + newer)).toThrow('line 7: the trace has format version 2')
  })
})
