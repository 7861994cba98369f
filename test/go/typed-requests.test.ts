/** Controllers whose requests are of a type of the operator's own. */
import { join } from 'node:path'
import { defineScenario, explore, goController } from 'kamera'
import { describe, expect, it } from 'vitest'
import { COMPILE_LIMIT_MS, go, root } from './go-programs.ts'

if (go === undefined) {
  // biome-ignore lint/suspicious/noSkippedTests: told by name, with the reason
  it.skip('typed requests of Go programs are skipped: there is no Go 1.25', () => {})
} else describe('a Go controller with requests of its own type', { timeout: COMPILE_LIMIT_MS }, tests)

const configMap = (name: string, colour: string) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace: 'default', name, labels: { colour } },
})

function explored(mode: string) {
  const scenario = defineScenario({
    name: 'typed',
    controllers: [
      goController({
        name: 'typed-operator',
        directory: join(root, 'test/go/programs'),
        command: ['go', 'run', './typed'],
        environment: { MODE: mode },
      }),
    ],
    objects: [configMap('a', 'red'), configMap('b', 'blue'), configMap('c', 'red')],
    actions: [],
  })
  return explore(scenario, { faults: mode === '' ? 1 : 0 })
}

function tests(): void {
  it('is explored by their names', async () => {
    const report = await explored('')
    expect(report).toMatchObject({ verdict: 'holds', exhaustive: true, outcomes: [{}] })
    const secrets = report.outcomes[0]?.objects.filter((text) => text.startsWith('Secret '))
    expect(secrets).toEqual(['Secret default/blue-1', 'Secret default/red-2'])
  })

  it('has its panics found, with the place', async () => {
    const { findings } = await explored('panics')
    expect(findings[0]?.message).toContain('panic: no such colour: ')
    expect(findings[0]?.path.steps[0]?.result?.type).toBe('error')
  })

  it('is refused where nobody told of the type', async () => {
    await expect(explored('untold')).rejects.toThrow('must be told of with kamera.WithRequests')
  })
}
