import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')

function run(folder: string, ...words: string[]) {
  const node = ['--conditions=kamera-source', '--import', import.meta.resolve('tsx'), join(root, 'src/cli/main.ts')]
  return spawnSync(process.execPath, [...node, ...words], { cwd: folder, encoding: 'utf8' })
}

const newFolder = () => mkdtempSync(join(tmpdir(), 'kamera-main-'))

it('prints its version', () => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  expect(run(newFolder(), '--version')).toMatchObject({ status: 0, stdout: `${version}\n`, stderr: '' })
})

it('prints results on stdout and errors on stderr, in plain text where there is no terminal', () => {
  const explained = run(newFolder(), 'explain', 'no-leak')
  expect(explained).toMatchObject({ status: 0, stderr: '' })
  expect(explained.stdout).toMatch(/^no-leak \(oracle\)\n/)
  const failed = run(newFolder(), 'explore', 'nothing.ts')
  expect(failed).toMatchObject({ status: 2, stdout: '' })
  expect(failed.stderr).toMatch(/^kamera: There is no scenario at nothing\.ts\.\nwhy: /)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colour is an escape sequence
  expect(explained.stdout + failed.stderr).not.toMatch(/\u001b/)
})

describe('a race that explore finds', () => {
  const folder = newFolder()
  const race = relative(folder, join(import.meta.dirname, 'scenarios/race.ts'))
  const explored = run(folder, 'explore', race, '--json')
  const report = JSON.parse(explored.stdout)

  it('is violated, with the command that replays it', () => {
    expect(explored).toMatchObject({ status: 1, stderr: '' })
    expect(report).toMatchObject({ formatVersion: 1, scenario: 'race', verdict: 'violated' })
    expect(report.findings[0]).toMatchObject({
      oracle: 'same-outcome',
      replay: `kamera replay .kamera/race/${report.findings[0].id}.json`,
    })
  })

  it('is reproduced by that command', () => {
    const [, ...words] = (report.findings[0].replay as string).split(' ')
    const replayed = run(folder, ...words, '--dump', 'again.dump')
    expect(replayed.status).toBe(1)
    expect(replayed.stdout).toContain('✗ reproduced: same-outcome is violated again.')
    expect(gunzipSync(readFileSync(join(folder, 'again.dump'))).toString()).toContain('"source":"replay"')
  })

  it('cannot be followed in a scenario without the second writer', () => {
    const path = join(folder, '.kamera/race', `${report.findings[0].id}.json`)
    const file = JSON.parse(readFileSync(path, 'utf8'))
    writeFileSync(join(folder, 'fixed.json'), JSON.stringify({ ...file, set: { fixed: true } }))
    const replayed = run(folder, 'replay', 'fixed.json', '--json')
    expect({ status: replayed.status, stderr: replayed.stderr }).toEqual({ status: 3, stderr: '' })
    expect(JSON.parse(replayed.stdout)).toMatchObject({ status: 'diverged', divergedAt: expect.any(Number) })
  })

  it('is gone with the second writer', () => {
    expect(
      run(newFolder(), 'explore', join(import.meta.dirname, 'scenarios/race.ts'), '--set', 'fixed=true'),
    ).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('✓ race: holds within the bounds below'),
    })
  })
})
