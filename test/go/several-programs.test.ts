/** Two programs in Go and a controller in TypeScript in one scenario: each a process of its own. */
import { join } from 'node:path'
import { always, defineController, defineScenario, explore, goController } from 'kamera'
import { describe, expect, it } from 'vitest'
import { COMPILE_LIMIT_MS, go, root } from './go-programs.ts'

if (go === undefined) {
  // biome-ignore lint/suspicious/noSkippedTests: told by name, with the reason
  it.skip('several Go programs in a scenario are skipped: there is no Go 1.25', () => {})
} else describe('several programs in a scenario', { timeout: COMPILE_LIMIT_MS }, tests)

const directory = join(root, 'test/go/programs')
const configMap = { apiVersion: 'v1', kind: 'ConfigMap' }

function program(name: string, environment: Readonly<Record<string, string>>) {
  return goController({ name, directory, command: ['go', 'run', `./${name}`], environment })
}

/** Marks ConfigMaps that were counted to the end. */
const marker = defineController({
  name: 'marker',
  for: configMap,
  reconciler: ({ client }) => ({
    async reconcile(request) {
      const found = await client.tryGet<{ data?: { count?: string } }>(configMap, request)
      if (found?.data?.count !== '2') return
      await client.patch(
        { type: configMap, key: request },
        { metadata: { labels: { counted: 'yes' } } },
        { patchType: 'merge' },
      )
    },
  }),
})

function tests(): void {
  it.each([
    ['no fault', 0],
    ['a fault of any kind', 1],
  ])('with %s all three do their work', async (_name, faults) => {
    const scenario = defineScenario({
      name: 'several-programs',
      controllers: [program('counter', { LIMIT: '2' }), program('caches', { MODE: 'labels' }), marker],
      objects: [
        { apiVersion: 'v1', kind: 'Secret', metadata: { namespace: 'default', name: 'settings' } },
        { ...configMap, metadata: { namespace: 'default', name: 'a', labels: { app: 'mine' } } },
      ],
      properties: [
        always('at most two', (cluster) => cluster.list(configMap).every(({ data }) => Number(data?.count ?? 0) <= 2)),
      ],
    })
    const report = await explore(scenario, { faults, granularity: 'reconcile' })
    expect(report).toMatchObject({ verdict: 'holds', exhaustive: true, findings: [] })
    expect(report.outcomes).toHaveLength(1)
    expect(report.outcomes[0]?.objects).toEqual(
      expect.arrayContaining(['ConfigMap default/a', 'Secret default/a-of-1-mine', 'Secret default/settings']),
    )
  })
}
