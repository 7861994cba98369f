/** The commands of docs/analyses.md and docs/interchange.md, one after the other in a folder that sees the examples. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { codeBlocksOf, commandsOf } from './code-blocks.ts'

const root = join(import.meta.dirname, '../..')

test.each(['docs/analyses.md', 'docs/interchange.md'])('the commands of %s print what is shown', (page) => {
  const commands = codeBlocksOf(readFileSync(join(root, page), 'utf8'))
    .filter(({ language }) => language === 'console')
    .flatMap(({ text }) => commandsOf(text))
  expect(commands.length).toBeGreaterThan(2)
  mkdirSync(join(root, '.kamera'), { recursive: true })
  const folder = mkdtempSync(join(root, '.kamera/analyses-'))
  try {
    symlinkSync(join(root, 'examples'), join(folder, 'examples'))
    for (const { command, output } of commands) {
      const words = [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')
      const program = [join(root, 'dist/cli/main.js'), ...words.slice(1)]
      const { status, stdout, stderr } = spawnSync(process.execPath, program, { cwd: folder, encoding: 'utf8' })
      expect(status, `${command}\n${stdout}${stderr}`).toBeLessThan(2)
      for (const line of output) expect(stdout, command).toContain(line)
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
