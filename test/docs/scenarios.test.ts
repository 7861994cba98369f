/** The modules of docs/scenarios.md are type-checked, and those that are scenarios explored. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { codeBlocksOf } from './code-blocks.ts'

const root = join(import.meta.dirname, '../..')
const folder = join(root, '.kamera/scenarios-test')
const modules = codeBlocksOf(readFileSync(join(root, 'docs/scenarios.md'), 'utf8'))
  .filter(({ language }) => language === 'ts')
  .map(({ text, line }) => ({ file: `line-${line}.ts`, text }))

beforeAll(() => {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  for (const { file, text } of modules) writeFileSync(join(folder, file), text)
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

const run = (words: readonly string[]) => spawnSync(process.execPath, [...words], { cwd: folder, encoding: 'utf8' })

it('are correct TypeScript, with the types of the package', () => {
  expect(modules.length).toBeGreaterThan(2)
  const files = modules.map(({ file }) => file)
  const compilerOptions = { noEmit: true, customConditions: ['kamera-source'] }
  const config = { extends: '../../tsconfig.json', compilerOptions, include: files, files, exclude: [] }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
  expect(run([join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.json']).stdout).toBe('')
})

it.each(modules.filter(({ text }) => text.includes('export default')))('$file can be explored', ({ file }) => {
  const words = ['explore', file, '--faults', '1', '--environment', '1', '--states-max', '2000', '--json']
  const { status, stderr } = run([join(root, 'dist/cli/main.js'), ...words])
  expect(stderr.replaceAll(/^.*states.*$/gm, '').trim()).toBe('')
  expect([0, 1]).toContain(status)
})
