/** Traces that are read as a whole, by `replay` and `explore --from`: what is odd is said, what cannot be used is refused. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readTrace } from '#cli/read-trace.ts'
import { begin, end, LIVE_HEADER, update, written } from '../analyses/traces.ts'
import { fakeTerminal } from './terminal.ts'

const header = JSON.stringify(LIVE_HEADER)
const [, ...lines] = written(
  [
    begin('c #1', 'c', [], 0),
    update('c #1', 5, { x: '1' }, 1),
    { ...end('c #1'), step: 2 },
    { type: 'end', steps: 4, step: 3 },
  ],
  LIVE_HEADER,
)
  .trimEnd()
  .split('\n')
const [first = '', second = '', third = '', last = ''] = lines

function read(text: string) {
  const { workingDirectory } = fakeTerminal()
  writeFileSync(join(workingDirectory, 'a.jsonl'), text)
  const warnings: string[] = []
  const { events } = readTrace('a.jsonl', workingDirectory, (message) => warnings.push(message))
  return { steps: events.map(({ step }) => step), warnings }
}

it('are whole without a word', () => {
  expect(read(`${[header, ...lines].join('\n')}\n`)).toEqual({ steps: [0, 1, 2, 3], warnings: [] })
})

it('leave out a line that is there twice, and put lines of a recording in order', () => {
  const { steps, warnings } = read(`${[header, first, third, second, second, last].join('\n')}\n`)
  expect(steps).toEqual([0, 1, 2, 3])
  expect(warnings).toEqual([
    'a.jsonl, line 4: lines of an earlier step come after those of a later one',
    'a.jsonl, line 5: step 1 was read before; the line is left out',
  ])
})

it('say where the last line is cut off, and what the recorder had no room for', () => {
  const dropped = JSON.stringify({ type: 'dropped', step: 1, events: 3, reason: 'the disk was slow' })
  const { steps, warnings } = read([header, first, dropped, second, third.slice(0, 20)].join('\n'))
  expect(steps).toEqual([0, 1, 1])
  expect(warnings).toEqual([
    'a.jsonl, line 3: the recorder had no room for 3 events before this: the disk was slow',
    'a.jsonl, line 5: the trace ends in this line, which is left out',
    'a.jsonl, line 5: the trace has no end after this line: its run went on, or was cut off',
  ])
})

it.each([
  ['a line that is no JSON', [header, first, second.slice(0, 20), third], 'line 3: this is no JSON object'],
  ['an event that lacks a field', [header, first, '{"type":"call","step":1}', third], 'line 3: call: '],
  [
    'another trace',
    [header, first, JSON.stringify({ ...LIVE_HEADER, recording: 's' })],
    'line 3: another trace begins',
  ],
  [
    'a part of another version',
    [header, first, JSON.stringify({ ...LIVE_HEADER, formatVersion: 2 })],
    'line 3: the trace has format version 2',
  ],
])('refuse %s', (_, given, says) => {
  expect(() => read(`${given.join('\n')}\n`)).toThrow(says)
})
