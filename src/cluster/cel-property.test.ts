import { expect, test } from 'vitest'
import { defineController } from '#controller/define-controller.ts'
import { explore } from '#explore.ts'
import { celProperty } from './cel-property.ts'
import { type ClusterReader, create, defineScenario } from './scenario.ts'

const pods = [
  { metadata: { name: 'a' }, spec: { nodeName: 'node', priority: 3, weight: 0.5, tolerations: [{ key: 'gpu' }] } },
  { metadata: { name: 'b' }, spec: { priority: 4 } },
]

const reader: ClusterReader = {
  get: (type, { namespace, name }) =>
    (type.kind === 'Pod' && namespace === 'default'
      ? pods.find((pod) => pod.metadata.name === name)
      : undefined) as never,
  list: ({ kind }, options) => (kind === 'Pod' && options?.namespace !== 'empty' ? pods : []) as never,
  external: () => undefined as never,
}

test.each([
  ["cluster.list('v1', 'Pod').size() == 2", true],
  ["cluster.list('v1', 'Pod', 'empty').size() == 0", true],
  ["cluster.list('v1', 'Service').all(service, false)", true],
  ["cluster.list('v1', 'Pod').all(pod, has(pod.spec.nodeName))", false],
  ["cluster.list('v1', 'Pod').exists(pod, pod.spec.priority + 1 == 4 && pod.spec.weight < 0.6)", true],
  ["cluster.list('v1', 'Pod').filter(p, has(p.spec.tolerations)).map(p, p.spec.tolerations[0].key) == ['gpu']", true],
  ["cluster.list('v1', 'Pod').all(p, p.metadata.name.matches('^[ab]$'))", true],
  ["cluster.get('v1', 'Pod', 'default/a').hasValue()", true],
  ["cluster.get('v1', 'Pod', 'default/c').hasValue()", false],
  ["cluster.get('v1', 'Pod', 'default/b').?spec.?nodeName.orValue('none') == 'none'", true],
])('%s is %s', (text, expected) => {
  expect(celProperty(text).holds(reader)).toBe(expected)
})

test('what is no CEL, or no bool, is refused with its text', () => {
  expect(() => celProperty('cluster.list(')).toThrow(/The property "cluster.list\(" does not compile as CEL/)
  expect(() => celProperty("cluster.list('v1', 'Pod').size()")).toThrow(/it is a int, and must be a bool/)
  expect(() => celProperty('cluster.pods.size() == 0')).toThrow(/does not compile as CEL/)
  expect(() => celProperty('pods.size() == 0')).toThrow(/pods/)
})

test('a field that is not there names the way out', () => {
  expect(() => celProperty("cluster.list('v1', 'Pod').all(p, p.status.phase == 'Running')").holds(reader)).toThrow(
    /^No such key: status \(a field may not be there yet: has/,
  )
})

test('a text among the properties must be true in every state, and names its finding', async () => {
  const configMap = (name: string) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { namespace: 'default', name },
  })
  const report = await explore(
    defineScenario({
      name: 'cel',
      controllers: [
        defineController({
          name: 'idle',
          for: { apiVersion: 'v1', kind: 'ConfigMap' },
          reconciler: () => ({ reconcile: async () => undefined }),
        }),
      ],
      actions: [create(configMap('a')), create(configMap('b'))],
      properties: ["cluster.list('v1', 'ConfigMap').size() < 2"],
    }),
    {},
  )
  expect(report.verdict).toBe('violated')
  expect(report.findings.map(({ oracle, message, steps }) => [oracle, message, steps])).toMatchInlineSnapshot(`
    [
      [
        "always",
        ""cluster.list('v1', 'ConfigMap').size() < 2" is not true here.",
        2,
      ],
    ]
  `)
})
