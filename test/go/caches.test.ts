/** A cache that the operator limits holds, lists and delivers what its options say. */
import { join } from 'node:path'
import { defineScenario, explore, goController, patch } from 'kamera'
import { describe, expect, it } from 'vitest'
import { COMPILE_LIMIT_MS, go, root } from './go-programs.ts'

if (go === undefined) {
  // biome-ignore lint/suspicious/noSkippedTests: told by name, with the reason
  it.skip('limited caches of a Go program are skipped: there is no Go 1.25', () => {})
} else describe('the cache of a Go program', { timeout: COMPILE_LIMIT_MS }, tests)

const configMap = (namespace: string, name: string, app: string) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace, name, labels: { app } },
})

/** The Secrets that the operator has made at the end, in whatever order. */
async function made(mode: string, more: object = {}) {
  const scenario = defineScenario({
    name: 'caches',
    controllers: [
      goController({
        name: 'counting-operator',
        directory: join(root, 'test/go/programs'),
        command: ['go', 'run', './caches'],
        environment: { MODE: mode },
      }),
    ],
    objects: [
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'other' } },
      configMap('default', 'a', 'mine'),
      configMap('default', 'b', 'theirs'),
      configMap('other', 'c', 'mine'),
    ],
    actions: [],
    ...more,
  })
  const report = await explore(scenario, { faults: 0 })
  expect(report).toMatchObject({ verdict: 'holds', exhaustive: true, outcomes: [{}] })
  const secrets = report.outcomes[0]?.objects.filter((text) => text.startsWith('Secret ')) ?? []
  return { secrets: secrets.map((text) => text.slice('Secret '.length)), lints: report.lints }
}

function tests(): void {
  it.each([
    ['everything', ['default/a-of-3-mine', 'default/b-of-3-theirs', 'other/c-of-3-mine']],
    ['labels', ['default/a-of-2-mine', 'other/c-of-2-mine']],
    ['namespaces', ['default/a-of-2-mine', 'default/b-of-2-theirs']],
    ['namespace of labels', ['default/a-of-2-mine', 'other/c-of-2-mine']],
    ['transform', ['default/a-of-3-transformed', 'default/b-of-3-transformed', 'other/c-of-3-transformed']],
  ])('holds, limited by its options: %s', async (mode, expected) => {
    expect((await made(mode)).secrets).toEqual(expected)
  })

  it('forgets what no longer matches, and learns what comes to match', async () => {
    const relabel = (name: string, app: string) =>
      patch({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'default', name }, { metadata: { labels: { app } } })
    const actions = [relabel('a', 'theirs'), relabel('b', 'mine')].map((action) => ({ ...action, at: 'rest' as const }))
    expect((await made('labels', { actions })).secrets).toEqual([
      'default/a-gone',
      'default/a-of-2-mine',
      'default/b-of-2-mine',
      'other/c-of-2-mine',
    ])
  })

  it('has sources beside it that are named: a channel', async () => {
    const { lints } = await made('channel')
    expect(lints.map(({ message }) => message).join()).toContain('counter is also woken by a channel (source.Channel)')
  })
}
