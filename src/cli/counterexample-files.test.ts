import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { CounterexampleFile } from '#trace/report.ts'
import { staleDeletion } from '../../test/cli/reports.ts'
import { counterexamplePath, readCounterexample, scenarioOf, writeCounterexample } from './counterexample-files.ts'

const folder = () => mkdtempSync(join(tmpdir(), 'kamera-files-'))
const file: CounterexampleFile = {
  formatVersion: 1,
  type: 'counterexample',
  scenario: 'zk/scenario.ts',
  set: { n: 2 },
  profile: 'lagging',
  granularity: 'reconcile',
  options: {},
  finding: staleDeletion,
}

describe('counterexample files', () => {
  it('have names from which nothing leads out of their folder', () => {
    expect(counterexamplePath('zookeeper', 'same-outcome-1')).toBe('.kamera/zookeeper/same-outcome-1.json')
    expect(counterexamplePath('../../etc', '../passwd')).toBe('.kamera/etc/passwd.json')
    expect(counterexamplePath('a/b\\c d', '..')).toBe('.kamera/a-b-c-d/unnamed.json')
    expect(counterexamplePath('', '\u0000')).toBe('.kamera/unnamed/unnamed.json')
  })

  it('do not overwrite those of another scenario of the same name', () => {
    expect(counterexamplePath('zk', '1', new Set(['.kamera/zk/1.json']))).toBe('.kamera/zk-2/1.json')
  })

  it('are written whole and read back', () => {
    const directory = folder()
    writeCounterexample('.kamera/zk/1.json', file, directory)
    expect(readdirSync(join(directory, '.kamera/zk'))).toEqual(['1.json'])
    expect(readCounterexample('.kamera/zk/1.json', directory)).toEqual(file)
  })

  it('never hold the data of a Secret', () => {
    const directory = folder()
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, data: { password: 'aGVsbG8=' } }
    const step = {
      ...staleDeletion.path.steps[0]!,
      writes: [{ op: 'create' as const, object: 'Secret default/s', outcome: 'committed' as const, after: secret }],
    }
    writeCounterexample(
      '.kamera/zk/1.json',
      { ...file, finding: { ...staleDeletion, path: { actions: ['0'], steps: [step] } } },
      directory,
    )
    expect(JSON.stringify(readCounterexample('.kamera/zk/1.json', directory))).not.toContain('aGVsbG8=')
  })

  it('that are not what they should be are refused by name', () => {
    const directory = folder()
    const read = (content: string) => {
      writeFileSync(join(directory, 'f.json'), content)
      return () => readCounterexample('f.json', directory)
    }
    expect(() => readCounterexample('none.json', directory)).toThrow('There is no file none.json.')
    expect(() => readCounterexample('.', directory)).toThrow('The file . cannot be read')
    expect(read('{"a":')).toThrow('The file f.json is not JSON')
    expect(read('[]')).toThrow('The file f.json is not a counterexample.')
    expect(read('{"type":"trace"}')).toThrow('The file f.json is not a counterexample.')
    expect(read(JSON.stringify({ ...file, formatVersion: 2 }))).toThrow(
      'has the formatVersion 2, and this Kamera reads 1',
    )
    expect(read(JSON.stringify({ ...file, scenario: 1 }))).toThrow('lacks the path of its scenario')
    expect(read(JSON.stringify({ ...file, finding: { id: 'x' } }))).toThrow('lacks the path of its finding')
  })

  it('find their scenario from where it was explored, or from the current folder', () => {
    const directory = folder()
    mkdirSync(join(directory, dirname(file.scenario)))
    writeFileSync(join(directory, file.scenario), '')
    writeCounterexample('.kamera/zk/1.json', file, directory)
    expect(scenarioOf(file, '.kamera/zk/1.json', directory)).toBe('zk/scenario.ts')
    expect(scenarioOf(file, join(directory, '.kamera/zk/1.json'), tmpdir())).toBe(join(directory, 'zk/scenario.ts'))
    expect(scenarioOf(file, '/tmp/elsewhere.json', directory)).toBe('zk/scenario.ts')
    expect(() => scenarioOf(file, '.kamera/zk/1.json', folder())).toThrow(
      'The scenario zk/scenario.ts of the counterexample .kamera/zk/1.json is gone.',
    )
  })
})
