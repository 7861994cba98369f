/** The same operator in Go and in TypeScript, under the same options: what is found is the same. */
import { join } from 'node:path'
import type { ExploreReport } from 'kamera'
import { describe, expect, it } from 'vitest'
import { explored } from '../examples/run-example.ts'
import { COMPILE_LIMIT_MS, go, root } from './go-programs.ts'

if (go === undefined) {
  // biome-ignore lint/suspicious/noSkippedTests: told by name, with the reason
  it.skip('parity of Go and TypeScript is skipped: there is no Go 1.25', () => {})
} else describe('ZooKeeper in Go and in TypeScript', { timeout: COMPILE_LIMIT_MS }, tests)

function tests(): void {
  it.each([
    ['faulty', 'examples/go/zookeeper', 'examples/zookeeper'],
    ['fixed', 'examples/go/zookeeper-fixed', 'examples/zookeeper/fixed'],
  ])('%s: same verdict, findings and outcomes', async (_name, inGo, inTypeScript) => {
    expect(await summary(inGo)).toEqual(await summary(inTypeScript))
  })
}

async function summary(folder: string): Promise<object> {
  const { reports } = await explored(join(root, folder, 'scenario.ts'), '--granularity', 'reconcile')
  const [report] = reports as readonly [ExploreReport]
  return {
    verdict: report.verdict,
    findings: report.findings.map(({ oracle, faults, steps, objects, profiles }) => ({
      oracle,
      faults,
      steps,
      objects: [...objects].sort(),
      profiles: [...profiles].sort(),
    })),
    outcomes: report.outcomes.map(({ objects }) => objects.map(withoutHash).join(', ')).sort(),
  }
}

/** Go writes some empty fields of a template, so its hash is another. */
function withoutHash(object: string): string {
  return object.startsWith('ControllerRevision ') ? object.replace(/-[^-]*$/, '') : object
}
