/** The index beside a trace: what it answers is what reading the trace answers, and it is never trusted blindly. */
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { createLifecycle } from '#analyses/lifecycle.ts'
import { loadScenario } from '#cli/load-scenario.ts'
import { readTrace } from '#cli/trace-files.ts'
import { openIndex, writeIndex } from '#cli/trace-index.ts'
import { begin, end, LIVE_HEADER, simulatedTrace, thing, thingType, update, written } from './traces.ts'

const corpus = join(import.meta.dirname, '../../examples/corpus')
const folder = mkdtempSync(join(tmpdir(), 'kamera-index-'))
const file = join(folder, 'trace.jsonl')
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Of every object of the trace. */
function expectSameAsReading(): number {
  expect(writeIndex(file, folder)).toBe(true)
  const index = openIndex(file, folder)
  for (const object of index?.objects ?? []) {
    const [indexed, plain] = [createLifecycle(object), createLifecycle(object)]
    expect(index?.readObject(object, indexed)).toBe(true)
    expect(index?.read).toEqual(readTrace(file, [plain], folder))
    expect(indexed.result(), object).toEqual(plain.result())
  }
  return index?.objects.length ?? 0
}

test.each(['AC16/faulty.ts', 'AC20/faulty.ts', 'T2/scenario.ts'])('answers as the trace does: %s', async (name) => {
  const scenario = await loadScenario(join(corpus, name), { set: {}, workingDirectory: corpus })
  for (const seed of [1, 2, 3]) {
    writeFileSync(file, await simulatedTrace(scenario, { runs: 1, seed, faults: 2 }))
    expect(expectSameAsReading()).toBeGreaterThan(0)
  }
})

test('answers as the trace does, whatever the order of its lines', () => {
  const read = (version: number, more: object = {}) => ({
    type: 'call',
    by: 'r #1',
    verb: 'list',
    object: thingType,
    cached: true,
    request: {},
    response: { items: [thing(version, {}), thing(version + 100, {}, 'b')] },
    ...more,
  })
  const delivery = (version: number, event = 'MODIFIED', more: object = {}) => ({
    type: 'delivery',
    process: 'p',
    event,
    object: 'ConfigMap default/a',
    resourceVersion: String(version),
    late: false,
    ...more,
  })
  const lines: readonly object[] = [
    begin('r #1', 'c'),
    read(10),
    read(11, { partial: true }),
    update('r #1', 12, { x: '1' }),
    delivery(12, 'MODIFIED', { value: thing(12, { x: '1' }) }),
    delivery(13),
    read(13),
    { ...update('r #1', 14, {}), response: { status: { code: 409, reason: 'Conflict' } }, committed: [] },
    {
      ...update('user', 14, {}),
      name: 'absent',
      response: { status: { code: 404, reason: 'NotFound' } },
      committed: [],
    },
    end('r #1'),
    update('r #1', 15, { x: '2' }),
    delivery(16, 'DELETED'),
    read(10),
    { type: 'nonsense' },
    { type: 'end', steps: 1 },
  ]
  let seed = 1
  const next = (below: number) => {
    seed = (seed * 48271) % 2147483647
    return seed % below
  }
  for (let round = 0; round < 200; round++) {
    const shuffled =
      round === 0 ? lines : lines.map((_, index) => lines[next(4) === 0 ? next(lines.length) : index] ?? {})
    writeFileSync(
      file,
      written(
        shuffled.map((line, step) => ({ step, ...line })),
        LIVE_HEADER,
      ),
    )
    expectSameAsReading()
  }
})

test('is not used for a trace that has changed', () => {
  const text = written([begin('r #1', 'c'), update('r #1', 11, { x: '1' }), end('r #1')])
  const changed = new Date('2026-01-01T00:00:00Z')
  writeFileSync(file, text)
  // A whole second, since utimes cannot set all the digits that stat shows.
  utimesSync(file, changed, changed)
  expect(writeIndex(file, folder)).toBe(true)
  expect(openIndex(file, folder)).toBeDefined()
  writeFileSync(file, text.replace('"x":"1"', '"x":"7"'))
  utimesSync(file, changed, changed)
  expect(openIndex(file, folder)).toBeUndefined()
  writeFileSync(file, text)
  utimesSync(file, changed, changed)
  const index = openIndex(file, folder)
  expect(index).toBeDefined()
  appendFileSync(file, '{"type":"end","step":1}\n')
  expect(openIndex(file, folder)).toBeUndefined()
  // Lines that moved under an open index are noticed.
  writeFileSync(file, text.replace('"seed":1', '"seed":12345'))
  expect(index?.readObject('ConfigMap default/a', createLifecycle('ConfigMap default/a'))).toBe(false)
})

test('is not used when it is cut off or something else', () => {
  writeFileSync(file, written([begin('r #1', 'c'), update('r #1', 11, { x: '1' }), end('r #1')]))
  expect(writeIndex(file, folder)).toBe(true)
  const whole = readFileSync(`${file}.index`)
  for (let length = 0; length < whole.length; length += 7) {
    writeFileSync(`${file}.index`, whole.subarray(0, length))
    expect(openIndex(file, folder)).toBeUndefined()
  }
})

test('is not left half written', () => {
  writeFileSync(file, 'no trace\n')
  rmSync(`${file}.index`, { force: true })
  expect(() => writeIndex(file, folder)).toThrow('is no trace')
  expect(existsSync(`${file}.index`)).toBe(false)
  expect(existsSync(`${file}.index.${process.pid}`)).toBe(false)
})
