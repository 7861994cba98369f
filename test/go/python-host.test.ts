/** The host protocol is enough for a second implementation: the one in Python, through the real command line. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
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
