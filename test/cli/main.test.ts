import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')

function kamera(...words: string[]) {
  const node = ['--conditions=kamera-source', '--import', import.meta.resolve('tsx'), join(root, 'src/cli/main.ts')]
  return spawnSync(process.execPath, [...node, ...words], {
    cwd: mkdtempSync(join(tmpdir(), 'kamera-main-')),
    encoding: 'utf8',
  })
}

it('prints its version', () => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  expect(kamera('--version')).toMatchObject({ status: 0, stdout: `${version}\n`, stderr: '' })
})

it('prints results on stdout and errors on stderr, in plain text where there is no terminal', () => {
  const explained = kamera('explain', 'no-leak')
  expect(explained).toMatchObject({ status: 0, stderr: '' })
  expect(explained.stdout).toMatch(/^no-leak \(oracle\)\n/)
  const failed = kamera('explore', 'nothing.ts')
  expect(failed).toMatchObject({ status: 2, stdout: '' })
  expect(failed.stderr).toMatch(/^kamera: There is no scenario at nothing\.ts\.\nwhy: /)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colour is an escape sequence
  expect(explained.stdout + failed.stderr).not.toMatch(/\u001b/)
})
