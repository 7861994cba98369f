/** Properties, predicates and mapping functions that break, and user actions that the API server refuses. */
import { describe, expect, it } from 'vitest'
import { explore, removeFolders, scenarioOf } from './bad-scenario.ts'

removeFolders()

const configMap = "{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'default', name: 'settings' } }"
const mapping = (requests: string) =>
  scenarioOf(
    `kinds: [foo], objects: [object, ${configMap}], controllers: [defineController({ name: 'foo-operator', for: foo, watches: [{ apiVersion: 'v1', kind: 'ConfigMap', requests: ${requests} }], reconciler: () => ({ async reconcile() {} }) })]`,
  )
const property = (holds: string) =>
  scenarioOf(`kinds: [foo], objects: [object], controllers: [idle], properties: [always('small', ${holds})]`)
const actions = (list: string) => scenarioOf(`kinds: [foo], objects: [object], controllers: [idle], actions: [${list}]`)

interface Case {
  readonly what: string
  readonly source: string
  readonly says: readonly (string | RegExp)[]
}

const refused: readonly Case[] = [
  {
    what: 'a property that throws',
    source: property("(cluster) => cluster.get(foo, { namespace: 'default', name: 'b' }).spec.size < 3"),
    says: [
      'the property "small" threw: Cannot read properties of undefined',
      'write cluster.get(…)?.spec',
      /scenario\.ts:5/,
    ],
  },
  {
    what: 'a property that returns a promise',
    source: property('async () => false'),
    says: ['the property "small" returned a promise', 'leave async and await out'],
  },
  {
    what: 'a property that is no function',
    source: property("'cluster.size < 3'"),
    says: ['the property "small" has no function', 'Write always(name, (cluster) => …)'],
  },
  {
    what: 'a property of a kind that nobody serves',
    source: property("(cluster) => cluster.list({ apiVersion: 'v1', kind: 'Widget' }).length < 3"),
    says: ['the property "small": a property reads Widget of v1, which nobody serves'],
  },
  {
    what: 'a mapping function that throws',
    source: mapping('(map) => [{ name: map.metadata.labels.app }]'),
    says: [
      'controller foo-operator: a predicate or mapping function threw',
      'ConfigMap settings',
      "reading 'app'",
      'write object.metadata.labels?.app',
      /scenario\.ts:5/,
    ],
  },
  {
    what: 'a mapping function that reads and throws',
    source: mapping(
      'async (map, { cached }) => { await cached.list(foo); return [{ name: map.metadata.labels.app }] }',
    ),
    says: [
      'controller foo-operator: a mapping function failed',
      'ConfigMap settings',
      "reading 'app'",
      'write object.metadata.labels?.app',
      /scenario\.ts:5/,
    ],
  },
  {
    what: 'a mapping function that returns no requests',
    source: mapping('() => 7'),
    says: ['the mapping function for ConfigMap settings returned number instead of an array of requests'],
  },
  {
    what: 'a mapping function that never resolves',
    source: mapping('() => new Promise(() => {})'),
    says: ['waits for something that never comes', 'a mapping function'],
  },
  {
    what: 'a user action on a kind that nobody serves',
    source: actions("patch({ apiVersion: 'v1', kind: 'Widget', name: 'a' }, { spec: {} })"),
    says: ['actions[0] (patch)', 'Widget', 'v1', 'Add its CRD to crds'],
  },
  {
    what: 'a user action that the API server refuses',
    source: actions("create({ ...foo, metadata: { namespace: 'default', name: 'Not_A_Name' } })"),
    says: ['actions[0] (create Foo default/Not_A_Name): the API server refuses it', 'RFC 1123', 'Correct the manifest'],
  },
  {
    what: 'a user action in a namespace that does not exist',
    source: actions("create({ ...foo, metadata: { namespace: 'nowhere', name: 'a' } })"),
    says: ['actions[0] (create Foo nowhere/a): the API server refuses it: namespaces "nowhere" not found'],
  },
  {
    what: 'a user action that is none',
    source: actions("'apply'"),
    says: ['scenario.ts, actions[0] is not a user action', "Write apply('./zk.yaml')"],
  },
]

describe('refused with exit status 2:', () => {
  for (const { what, source, says } of refused) {
    it.concurrent(what, async () => {
      const { status, error, report } = await explore(source)
      expect({ status, report }).toEqual({ status: 2, report: '' })
      for (const words of says) expect(error).toMatch(words)
    })
  }
})

describe('found, as the user would wait for ever:', () => {
  it.concurrent('an object that is created twice', async () => {
    const { status, report } = await explore(actions('create(object)'))
    expect(status).toBe(1)
    expect(report).toContain("the user's create Foo default/a waits for ever: Foo default/a exists")
  })

  it.concurrent('a patch of an object that is not there', async () => {
    const { status, report } = await explore(actions("patch({ ...foo, name: 'nobody' }, { spec: { size: 2 } })"))
    expect(status).toBe(1)
    expect(report).toContain("the user's patch Foo default/nobody waits for ever: Foo default/nobody does not exist")
  })
})
