/** Steps that a program is sent while another is under way: they change nothing but the time that a search takes. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineScenario, explore, hostController } from 'kamera'
import { expect, it } from 'vitest'
import { root } from './go-programs.ts'

/** The report, and how many steps have waited in the program. */
async function explored(environment: Readonly<Record<string, string>>, level: object) {
  const folder = await mkdtemp(join(tmpdir(), 'kamera-steps-'))
  const seen = join(folder, 'seen')
  try {
    const scenario = defineScenario({
      name: 'steps-ahead',
      controllers: [
        hostController({
          name: 'queueing',
          directory: join(root, 'test/go'),
          command: ['node', 'queueing-host.mjs'],
          environment: { ...environment, SEEN: seen },
        }),
      ],
      objects: ['a', 'b'].map((name) => ({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { namespace: 'default', name },
      })),
      actions: [],
    })
    const { verdict, findings, outcomes, statistics, lints } = await explore(scenario, level)
    const { statesDistinct, transitions } = statistics
    const waited = await readFile(seen, 'utf8').catch(() => '')
    return { report: { verdict, findings, outcomes, statesDistinct, transitions, lints }, waited: waited.length }
  } finally {
    await rm(folder, { recursive: true })
  }
}

const levels: readonly (readonly [string, object])[] = [
  ['whole reconciles', { faults: 0 }],
  ['single writes', { faults: 0, granularity: 'write' }],
  ['crashes', { faults: 1, stale: 0, apiError: 0 }],
]

for (const [name, level] of levels) {
  for (const READS of ['no', 'yes']) {
    it(`a search by ${name} has the same report, reading mapping functions: ${READS}`, async () => {
      const one = await explored({ QUEUES: 'no', READS }, level)
      const ahead = await explored({ READS }, level)
      expect(one.waited).toBe(0)
      expect(ahead.waited).toBeGreaterThan(0)
      expect(ahead.report).toEqual(one.report)
    })
  }
}

it('a program that ends at a step that nobody waits for is asked again', async () => {
  const one = await explored({ QUEUES: 'no' }, { faults: 0 })
  const ahead = await explored({ ENDS: 'yes' }, { faults: 0 })
  expect(ahead.waited).toBeGreaterThan(2)
  expect(ahead.report).toEqual(one.report)
})
