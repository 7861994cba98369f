/** The README's getting-started program, run as the README says. */
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

it('getting-started.ts prints the converged state', () => {
  const program = ['node_modules/tsx/dist/cli.mjs', 'examples/readme/getting-started.ts']
  expect(execFileSync('node', program, { cwd: root, encoding: 'utf8' }).split('\n')).toEqual([
    'paths to converged state: 24',
    '  Bar default/example: {"size":3}',
    '  Foo default/example: {"phase":"Ready"}',
    '',
  ])
})
