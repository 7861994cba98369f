/** The host protocol is enough for a second implementation: the one in Python, through the real command line. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { defineScenario, explore, hostController } from 'kamera'
import { expect, it } from 'vitest'
import { explored } from '../examples/run-example.ts'
import { root } from './go-programs.ts'

const hasPython = spawnSync('python3', ['--version']).status === 0
const scenario = join(root, 'examples/python-host/scenario.ts')

if (hasPython) {
  it('a controller in Python is explored', async () => {
    const { reports } = await explored(scenario)
    expect(reports).toMatchObject([{ verdict: 'holds', exhaustive: true, statistics: { statesDistinct: 32 } }])
    expect(reports[0]?.outcomes).toHaveLength(1)
  })
} else {
  // biome-ignore lint/suspicious/noSkippedTests: told by name, with the reason
  it.skip('a controller in Python is skipped: there is no python3', () => {})
}

const said = (lines: readonly string[]) =>
  explore(
    defineScenario({
      name: 'said',
      actions: [],
      controllers: [
        hostController({
          name: 'odd',
          command: [
            'node',
            '-e',
            `console.log(${JSON.stringify(lines.join('\n'))}); setTimeout(() => {}, 1e6); process.stdin.resume(); process.stdin.on('end', () => process.exit())`,
          ],
        }),
      ],
    }),
  )

it('a program of another version, of no protocol, or that is not there is refused', async () => {
  await expect(said(['{"type":"hello","protocol":2,"language":"x"}'])).rejects.toThrow(
    'program odd speaks version 2 of the host protocol, and this Kamera speaks 1.',
  )
  await expect(said(['hello world'])).rejects.toThrow('is no message: "hello world"')
  await expect(said(['{"type":"hello","protocol":1,"language":"x"}', '{"type":"done"}'])).rejects.toThrow(
    'the process sent a message of type "done" where controllers was due',
  )
  const missing = defineScenario({
    name: 'missing',
    actions: [],
    controllers: [hostController({ name: 'odd', command: ['no-such-program'] })],
  })
  await expect(explore(missing)).rejects.toThrow('program odd (no-such-program) could not be started')
})
