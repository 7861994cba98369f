/** README.md is executed: its modules are type-checked, its commands run, its tables compared with what there is. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { explanations } from '#inspect/explanations.ts'
import { codeBlocksOf, commandsOf } from './code-blocks.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const readme = readFileSync(join(root, 'README.md'), 'utf8')
const blocks = codeBlocksOf(readme)
const modules = blocks.filter(({ language, file }) => language === 'ts' && file !== undefined)

/** Quoted from a file of the repository, which other tests run. */
const isQuote = (file: string | undefined): boolean => file?.startsWith('examples/') === true
/** Too slow, or they change the checkout. The demo is run before each release, and its scenario by the examples' test. */
const commandsNotRun = ['npm run demo']

let folder: string

beforeAll(() => {
  const parent = join(root, '.kamera')
  mkdirSync(parent, { recursive: true })
  folder = mkdtempSync(join(parent, 'readme-'))
  for (const { file = '', text } of modules) {
    if (isQuote(file)) continue
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), text)
  }
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

function run(words: readonly string[]) {
  return spawnSync(process.execPath, [...words], { cwd: folder, encoding: 'utf8' })
}

const kamera = (words: readonly string[]) => run([join(root, 'dist/cli/main.js'), ...words])

describe('the modules of README.md', () => {
  it('are correct TypeScript, with the types of the package', () => {
    const files = modules.flatMap(({ file = '' }) => (isQuote(file) ? [] : [file]))
    expect(files.length).toBeGreaterThan(2)
    const compilerOptions = { rewriteRelativeImportExtensions: true, noEmit: true, customConditions: ['kamera-source'] }
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ extends: '../../tsconfig.json', compilerOptions, include: files, files, exclude: [] }),
    )
    const { stdout } = run([join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.json'])
    expect(stdout).toBe('')
  })

  it.each(modules.filter(({ file }) => isQuote(file)))('quote $file', ({ file = '', text }) => {
    const source = readFileSync(join(root, file), 'utf8')
    expect(text).toBe(source.replace(/^\/\*\*[\s\S]*?\*\/\n/, ''))
  })
})

describe('the commands of README.md', () => {
  const shown = blocks.filter(({ language }) => language === 'console').flatMap(({ text }) => commandsOf(text))
  const runnable = shown.filter(({ command }) => !commandsNotRun.includes(command))

  it('are all of a kind that is run here', () => {
    expect(runnable.length).toBeGreaterThan(2)
    expect(runnable.filter(({ command }) => !command.startsWith('kamera '))).toEqual([])
  })

  it.each(runnable)('$command', ({ command, output }) => {
    const { stdout } = kamera(command.split(' ').slice(1))
    const lines = stdout.split('\n')
    let from = 0
    for (const line of output.filter((each) => each !== '…')) {
      // A line of a table may be shown without its last columns.
      const found = lines.findIndex((actual, index) => index >= from && actual.startsWith(line))
      expect(found, `“${line}” of README.md is not in the rest of:\n${stdout}`).toBeGreaterThanOrEqual(0)
      from = found + 1
    }
  })
})

describe('the tables of README.md', () => {
  it('have every option of explore', () => {
    const { stdout } = kamera(['explore', '--help'])
    const options = [...stdout.matchAll(/^ {2}(--[a-z-]+)/gm)].map(([, option = '']) => option)
    expect(options.length).toBeGreaterThan(15)
    expect(options.filter((option) => !readme.includes(`\`${option}`))).toEqual([])
  })

  it('have the oracles and profiles', () => {
    const rows = (heading: string): string => readme.split(`\n${heading}`)[1]?.split('\n## ')[0] ?? ''
    const names = (type: string) => explanations.filter((each) => each.type === type).map(({ name }) => name)
    const named = (text: string) => (name: string) => text.includes(`\`${name}\``)
    expect(names('oracle').filter((name) => !named(rows('## Oracles'))(name))).toEqual([])
    expect(names('profile').filter((name) => !named(rows('## Faults and profiles'))(name))).toEqual([])
  })
})
