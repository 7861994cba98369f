/** Operators of plain client-go: what their informers hold, listers read, and work queues are told. */
import { join } from 'node:path'
import { defineScenario, explore, goController } from 'kamera'
import { describe, expect, it } from 'vitest'
import { COMPILE_LIMIT_MS, go, root } from './go-programs.ts'

if (go === undefined) {
  // biome-ignore lint/suspicious/noSkippedTests: told by name, with the reason
  it.skip('operators of plain client-go are skipped: there is no Go 1.25', () => {})
} else describe('an operator of plain client-go', { timeout: COMPILE_LIMIT_MS }, tests)

const configMap = (namespace: string, name: string, colour: string) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace, name, labels: { colour } },
})

function explored(mode: string, instances: 'fresh' | 'kept' = 'fresh') {
  const scenario = defineScenario({
    name: 'client-go',
    controllers: [
      goController({
        name: 'keys-operator',
        directory: join(root, 'test/go/programs'),
        command: ['go', 'run', './clientgo'],
        environment: { MODE: mode },
        instances,
      }),
    ],
    objects: [
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'other' } },
      configMap('default', 'a', 'red'),
      configMap('default', 'b', 'blue'),
      configMap('other', 'c', 'red'),
    ],
    actions: [],
  })
  return explore(scenario, { faults: mode === 'plain' ? 1 : 0 })
}

function tests(): void {
  it.each(['fresh', 'kept'] as const)('reads its listers and indexes, %s', async (instances) => {
    const report = await explored('plain', instances)
    expect(report).toMatchObject({ verdict: 'holds', exhaustive: true, outcomes: [{}] })
    const secrets = report.outcomes[0]?.objects.filter((text) => text.startsWith('Secret '))
    expect(secrets).toEqual(['Secret default/a-3-1-2', 'Secret default/b-3-1-2', 'Secret other/c-3-1-2'])
  })

  it('asks for an item again after a while', async () => {
    const { findings, outcomes } = await explored('after')
    expect(findings).toEqual([])
    expect(outcomes[0]?.objects).toContain('Secret default/a-after')
  })

  it('asks for its own item at once, and is told of when it asks for another', async () => {
    const itself = await explored('asks for itself')
    expect(itself).toMatchObject({ verdict: 'holds', lints: [] })
    expect(itself.outcomes[0]?.objects).toContain('Secret default/a-second')
    const another = await explored('asks for another')
    expect(another.lints.map(({ message }) => message)).toEqual([
      expect.stringContaining('controller keys got a request that comes from no watch event'),
    ])
  })

  it('fails for ever with the error that it hands to HandleError', async () => {
    const { findings } = await explored('error')
    expect(findings[0]).toMatchObject({ oracle: 'no-error-loop' })
    expect(findings[0]?.message).toContain('not today, default/a')
  })

  it('ends an item with an error that it gives up on', async () => {
    expect(await explored('gives up')).toMatchObject({ verdict: 'holds', findings: [] })
  })

  it('breaks with a panic of a worker', async () => {
    const { findings } = await explored('panic')
    expect(findings[0]?.message).toContain('panic: no such luck')
  })

  it('is refused with an informer that is not handed over', async () => {
    await expect(explored('informer that is not handed over')).rejects.toThrow(
      'controller keys does not start: list ConfigMap is called outside of a reconcile, which nobody answers. Informers of plain client-go must be handed over with kamera.TakeInformers',
    )
  })
}
