import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fight, reportWith, staleDeletion } from '../../test/cli/reports.ts'
import { readBaseline, writeBaseline } from './baseline-files.ts'

describe('a baseline', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'kamera-baseline-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('has the keys of all findings of a report, known ones too', () => {
    const { key, oracle, message, profiles } = fight
    const accepted = [{ key, oracle, message, profiles }]
    writeBaseline('known.json', [reportWith([staleDeletion], { accepted })], undefined, folder)
    const keys = readBaseline('known.json', folder)
      .get('zookeeper')
      ?.map((known) => known.key)
    expect(keys).toEqual([fight.key, staleDeletion.key])
  })

  it('keeps the reasons that somebody wrote into it', () => {
    const known = {
      type: 'baseline',
      formatVersion: 1,
      scenarios: { zookeeper: [{ key: fight.key, reason: 'by design' }] },
    }
    writeFileSync(join(folder, 'known.json'), JSON.stringify(known))
    writeBaseline('known.json', [reportWith([fight])], readBaseline('known.json', folder), folder)
    expect(readFileSync(join(folder, 'known.json'), 'utf8')).toContain('by design')
  })

  it('may be the output of an earlier run with --json', () => {
    const lines = [reportWith([fight]), { ...reportWith([staleDeletion]), scenario: 'other' }]
    writeFileSync(join(folder, 'run.jsonl'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
    const baseline = readBaseline('run.jsonl', folder)
    expect([...baseline].map(([name, known]) => [name, known.map(({ key }) => key)])).toEqual([
      ['zookeeper', [fight.key]],
      ['other', [staleDeletion.key]],
    ])
  })

  it.each([
    ['{', /is not a baseline/],
    ['[]', /is not a baseline: it holds something that is not an object/],
    ['{"type":"counterexample"}', /neither a baseline nor a report/],
    ['{"type":"baseline","formatVersion":2,"scenarios":{}}', /formatVersion is 2, not 1/],
    ['{"type":"baseline","formatVersion":1,"scenarios":{"a":[{}]}}', /scenarios\.a has an entry without a key/],
  ])('is not %s', (text, message) => {
    writeFileSync(join(folder, 'bad.json'), text)
    expect(() => readBaseline('bad.json', folder)).toThrow(message)
  })

  it('must be there', () => {
    expect(() => readBaseline('nowhere.json', folder)).toThrow(/cannot be read/)
  })
})
