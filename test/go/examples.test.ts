/** The examples in Go through the real command line: what `expected.json` says, and no process that is left behind. */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ExploreReport } from 'kamera'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Expected, explored, kamera } from '../examples/run-example.ts'
import { COMPILE_LIMIT_MS, go, root } from './go-programs.ts'

const folder = join(root, 'examples/go')
const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('expected.json'))
  .map((file) => file.slice(0, -'/expected.json'.length))
  .sort()
/** Published operators have versions of client-go of their own: each takes minutes to compile. */
const isOperator = (name: string) => existsSync(join(folder, name, 'go.mod'))
const operatorsToo = process.env['KAMERA_GO_OPERATORS'] === '1'
const own = names.filter((name) => operatorsToo || !isOperator(name))

if (!operatorsToo) {
  for (const name of names.filter(isOperator)) {
    // biome-ignore lint/suspicious/noSkippedTests: told by name, with the reason
    it.skip(`examples/go/${name} is skipped: it takes minutes to compile; KAMERA_GO_OPERATORS=1 runs it`, () => {})
  }
}

if (go === undefined) {
  // biome-ignore lint/suspicious/noSkippedTests: told by name, with the reason
  for (const name of own) it.skip(`examples/go/${name} is skipped: there is no Go 1.25`, () => {})
} else describe('an example in Go', tests)

function tests(): void {
  beforeAll(() => {
    const { status, stderr } = spawnSync('go', ['build', '-o', '/dev/null', './...'], { cwd: folder, encoding: 'utf8' })
    if (status !== 0) throw new Error(stderr)
  }, COMPILE_LIMIT_MS)

  it.each(own)('%s is as expected, also in a replay', { timeout: COMPILE_LIMIT_MS }, async (name) => {
    const expected: Expected = JSON.parse(readFileSync(join(folder, name, 'expected.json'), 'utf8'))
    const { reports, run } = await explored(join(folder, name, 'scenario.ts'), ...(expected.options ?? []))
    const [report] = reports as readonly [ExploreReport]
    expect({ ...summary(report), ...(expected.options && { options: expected.options }) }).toEqual({
      ...expected,
      oracles: [...expected.oracles].sort(),
      profiles: [...expected.profiles].sort(),
    })
    for (const { replay } of report.findings) {
      const [, verb = '', file = ''] = replay.split(' ')
      expect(await kamera([verb, file], run.folder)).toMatchObject({ status: 1 })
    }
  })

  it(
    'is formatted, and so is all other Go here',
    () => {
      const gofmt = spawnSync('gofmt', ['-l', 'go', 'examples/go', 'test/go/programs'], { cwd: root, encoding: 'utf8' })
      expect(gofmt).toMatchObject({ status: 0, stdout: '' })
      const vet = spawnSync('go', ['vet', 'kamera.dev/kamera', './...'], { cwd: folder, encoding: 'utf8' })
      expect(vet).toMatchObject({ status: 0, stderr: '' })
    },
    COMPILE_LIMIT_MS,
  )

  it('leaves no process behind', () => {
    const { stdout } = spawnSync('ps', ['-eo', 'pid,ppid,args'], { encoding: 'utf8' })
    const orphans = stdout.split('\n').filter((line) => /^\s*\d+\s+1\s.*kamera-go-/.test(line))
    expect(orphans).toEqual([])
  })
}

function summary({ verdict, findings, outcomes }: ExploreReport) {
  return {
    verdict,
    oracles: [...new Set(findings.map(({ oracle }) => oracle))].sort(),
    profiles: [...new Set(findings.flatMap(({ profiles }) => profiles))].sort(),
    outcomes: outcomes.length,
  }
}
