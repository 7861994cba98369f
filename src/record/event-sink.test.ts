import { mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { RecordedTraceHeader, TraceEvent } from '#trace/trace-event.ts'
import { createSink, openFileSink } from './event-sink.ts'

const event = (step: number): TraceEvent => ({ step, type: 'step', title: 'x'.repeat(100), faults: [] })
const header = (part: number): RecordedTraceHeader => ({
  type: 'trace',
  formatVersion: 1,
  source: 'live',
  recorder: 'proxy',
  recording: 'r',
  part,
})

describe('an event sink', () => {
  it('drops what it has no room for, and says in its place how much that was', async () => {
    const written: string[] = []
    let release = (): void => {}
    const sink = createSink(300, {
      write: (lines) => {
        written.push(lines)
        return new Promise((resolve) => (release = resolve))
      },
      close: async () => {},
    })
    for (let step = 0; step < 5; step++) sink.write(event(step))
    expect(sink.dropped()).toBe(2)
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
    release()
    await new Promise((resolve) => setImmediate(resolve))
    sink.write(event(5))
    const closed = sink.close()
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
    release()
    await closed
    const events = written
      .join('')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as TraceEvent)
    expect(events.map(({ step, type }) => [step, type])).toEqual([
      [0, 'step'],
      [1, 'step'],
      [2, 'step'],
      [3, 'dropped'],
      [5, 'step'],
    ])
    expect(events[3]).toMatchObject({ events: 2 })
  })

  it('counts what cannot be written any more', async () => {
    const sink = createSink(undefined, {
      write: () => Promise.reject(new Error('no space left')),
      close: async () => {},
    })
    sink.write(event(0))
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
    sink.write(event(1))
    await sink.close()
    expect(sink.dropped()).toBe(2)
  })

  it('goes on in another file, keeps the newest, and begins each with a header', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'kamera-sink-'))
    const sink = openFileSink({ file: join(directory, 'trace.jsonl'), rotateBytes: 1, filesMax: 2 }, header)
    for (let step = 0; step < 4; step++) {
      sink.write(event(step))
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    await sink.close()
    const files = readdirSync(directory)
    expect(files.length).toBe(2)
    expect(sink.files?.().map((file) => basename(file))).toEqual(files.toSorted())
    for (const file of files) {
      const [first = ''] = readFileSync(join(directory, file), 'utf8').split('\n')
      expect(partOf(JSON.parse(first))).toBeGreaterThan(1)
    }
  })
})

function partOf(first: unknown): number {
  return (first as RecordedTraceHeader).part
}
