/** The clock of a Go program never goes back; what a reconcile reads of it is the same whatever ran before. */
import { join } from 'node:path'
import { defineScenario, explore, goController } from 'kamera'
import { describe, expect, it } from 'vitest'
import { COMPILE_LIMIT_MS, go, root } from './go-programs.ts'

if (go === undefined) {
  // biome-ignore lint/suspicious/noSkippedTests: told by name, with the reason
  it.skip('sleeping Go programs are skipped: there is no Go 1.25', () => {})
} else describe('a Go program that sleeps in its reconciles', { timeout: COMPILE_LIMIT_MS }, tests)

const START_MS = Date.UTC(2025, 0, 1)

/** The Secrets that reconciles are named after: their ConfigMap, and when they woke up. */
async function woken(environment: Readonly<Record<string, string>> = {}): Promise<readonly string[]> {
  const scenario = defineScenario({
    name: 'sleeping',
    controllers: [
      goController({
        name: 'sleeping-operator',
        directory: join(root, 'test/go/programs'),
        command: ['go', 'run', './sleeping'],
        environment,
      }),
    ],
    objects: ['a', 'b', 'c'].map((name) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { namespace: 'default', name },
    })),
    actions: [],
  })
  const { findings, outcomes } = await explore(scenario, { faults: 1 })
  expect(findings.map(({ message }) => message)).toEqual([])
  expect(outcomes).toHaveLength(1)
  return outcomes[0]?.objects.filter((text) => text.startsWith('Secret ')) ?? []
}

const namesAt = (ms: number) => ['a', 'b', 'c'].map((name) => `Secret default/${name}-${ms}`)

function tests(): void {
  it('wakes up at the same instant, whatever has run before', async () => {
    expect(await woken()).toEqual(namesAt(START_MS + 3000))
  })

  it('wakes up at the same instant when its setup sleeps, too', async () => {
    expect(await woken({ SETUP: 'sleeps' })).toEqual(namesAt(START_MS + 63_000))
  })
}
