/** Webhooks of an operator run where the API server decides on a write: of the operator, and of the user. */
import { join } from 'node:path'
import { always, create, defineScenario, explore, goController } from 'kamera'
import { describe, expect, it } from 'vitest'
import { COMPILE_LIMIT_MS, go, root } from './go-programs.ts'

if (go === undefined) {
  // biome-ignore lint/suspicious/noSkippedTests: told by name, with the reason
  it.skip('webhooks of a Go program are skipped: there is no Go 1.25', () => {})
} else describe('webhooks of a Go program', { timeout: COMPILE_LIMIT_MS }, tests)

const secretType = { apiVersion: 'v1', kind: 'Secret' }
const configMapType = { apiVersion: 'v1', kind: 'ConfigMap' }
const secret = (name: string) => ({ ...secretType, metadata: { namespace: 'default', name } })
const configMap = (name: string) => ({ ...configMapType, metadata: { namespace: 'default', name } })

function scenarioOf(mode: string, more: object = {}) {
  return defineScenario({
    name: 'webhooks',
    controllers: [
      goController({
        name: 'copying-operator',
        directory: join(root, 'test/go/programs'),
        command: ['go', 'run', './webhooks'],
        environment: { MODE: mode },
        stepLimitMs: 1500,
      }),
    ],
    actions: [create(secret('a'))],
    ...more,
  })
}

/** What was seen of annotations and labels, each once. */
async function seen(mode: string, more: object = {}) {
  const texts = new Set<string>()
  const look = always('look', (cluster) => {
    for (const { metadata } of cluster.list(secretType))
      if (metadata.annotations?.['copy'] !== undefined) texts.add(`${metadata.name}: ${metadata.annotations['copy']}`)
    for (const { metadata } of cluster.list(configMapType))
      texts.add(`${metadata.name} is defaulted: ${metadata.labels?.['defaulted']}`)
    return true
  })
  const report = await explore(scenarioOf(mode, { properties: [look], ...more }), { faults: 0 })
  const ids = report.lints.map(({ id }) => id).filter((id) => id.startsWith('webhook'))
  return { texts: [...texts].sort(), ids, report }
}

const complaint = (mode: string) =>
  explore(scenarioOf(mode), { faults: 0 }).then(
    () => 'nothing wrong',
    (error: Error) => error.message,
  )

function tests(): void {
  it('default and validate what controllers write, by what they read', async () => {
    const plain = await seen('defaults')
    expect(plain.texts).toEqual(['a is defaulted: yes', 'a: label yes'])
    expect(plain.ids).toEqual(['webhook-assumed:/mutate--v1-configmap', 'webhook-assumed:/validate--v1-configmap'])
    const denied = 'admission webhook "validate--v1-configmap" denied the request'
    expect((await seen('denies')).texts).toEqual([`a: ${denied}: not yes`])
    const { texts, report } = await seen('reads', { actions: [create(secret('a')), create(secret('b'))] })
    expect(texts).toEqual([
      'a is defaulted: yes',
      `a: ${denied}: there is one: b`,
      'a: label yes',
      'b is defaulted: yes',
      `b: ${denied}: there is one: a`,
      'b: label yes',
    ])
    expect(report).toMatchObject({ exhaustive: true, outcomes: [{}, {}] })
  })

  it('default and validate what the user writes', async () => {
    const mine = { actions: [create(configMap('mine'))] }
    expect((await seen('defaults', mine)).texts).toEqual(['mine is defaulted: yes'])
    await expect(explore(scenarioOf('denies', mine))).rejects.toThrow(
      'the API server refuses it: admission webhook "validate--v1-configmap" denied the request: not yes',
    )
  })

  it('are asked where a configuration says so', async () => {
    const configuration = {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      metadata: { name: 'mine' },
      webhooks: [
        {
          name: 'raw.example.com',
          clientConfig: { service: { namespace: 'system', name: 'webhooks', path: '/raw' } },
          rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] }],
          sideEffects: 'None',
          admissionReviewVersions: ['v1'],
        },
      ],
    }
    const asked = await seen('raw', { objects: [configuration] })
    expect(asked.texts).toEqual(['a: admission webhook "raw.example.com" denied the request: nothing called a'])
    expect(asked.ids).toEqual([])
    const unasked = await seen('raw')
    expect(unasked.texts).toEqual(['a is defaulted: undefined', 'a: label '])
    expect(unasked.ids).toEqual(['webhook-assumed:/raw'])
  })

  it('of conversion are named', async () => {
    expect((await seen('conversion')).ids).toContain('webhook-conversion:/convert')
  })

  it.each([
    ['random', 'the webhook answered the same review in two ways'],
    ['exits', 'webhook /validate--v1-configmap, CREATE of ConfigMap default/a: the process ended with status 5'],
    ['waits', 'the webhook waits for something that never comes at main.go:'],
    ['writes', 'the webhook makes a delete. It may only read.'],
  ])('that do wrong are told: %s', async (mode, message) => {
    expect(await complaint(mode)).toContain(message)
  })

  it('that panic answer an error, as the library has it', async () => {
    expect((await seen('panics')).texts[0]).toContain('denied the request: panic: no webhook')
  })
}
