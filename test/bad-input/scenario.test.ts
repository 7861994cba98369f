/** Scenarios that cannot be used: exit status 2, with the file or the object and what to do. */
import { describe, expect, it } from 'vitest'
import { explore, moduleOf, removeFolders, scenarioOf } from './bad-scenario.ts'

removeFolders()

const definition = (spec: string) =>
  `{ apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: 'foo.example.com' }, spec: ${spec} }`

interface Case {
  readonly what: string
  readonly source: string
  readonly files?: Readonly<Record<string, string>>
  readonly options?: readonly string[]
  /** Each must be in the message. */
  readonly says: readonly (string | RegExp)[]
}

const modules: readonly Case[] = [
  {
    what: 'does not parse',
    source: moduleOf("export default defineScenario({ name: 'bad', controllers: [idle"),
    says: [
      /The scenario scenario\.ts does not parse: \S*scenario\.ts:6: Expected "\]"/,
      /do: Correct \S*scenario\.ts:6/,
    ],
  },
  {
    what: 'has no default export',
    source: moduleOf("export const scenario = defineScenario({ name: 'bad', controllers: [idle] })"),
    says: ['scenario.ts has no default export', 'It exports scenario', 'export default defineScenario'],
  },
  {
    what: 'throws while it is loaded',
    source: moduleOf("throw new Error('no cluster')"),
    says: [/failed while it was loaded: \S*scenario\.ts:5: Error: no cluster/],
  },
  {
    what: 'exports something else',
    source: 'export default 7\n',
    says: ['The default export of scenario.ts is not a scenario', 'export default defineScenario'],
  },
]

const definitions: readonly Case[] = [
  {
    what: 'has a controller for an unknown kind',
    source: scenarioOf('controllers: [idle]'),
    says: ['controller idle watches Foo of example.com/v1', 'Add its CRD to crds, or { apiVersion, kind } to kinds'],
  },
  {
    what: 'has a CRD with an error',
    source: scenarioOf(
      `crds: [${definition("{ group: 'example.com', scope: 'Namespaced', names: { plural: 'foos', kind: 'Foo' }, versions: [] }")}], controllers: []`,
    ),
    says: ['crds[0] (foo.example.com)', 'spec.versions: Required value', 'metadata.name: Invalid value'],
  },
  {
    what: 'has an object without a name',
    source: scenarioOf("kinds: [foo], objects: [{ ...foo, metadata: { namespace: 'default' } }], controllers: [idle]"),
    says: ['The object at scenario.ts, objects[0] (Foo) has no name', 'Give it apiVersion, kind and metadata.name'],
  },
  {
    what: 'has an object without a name in a file',
    source: scenarioOf("kinds: [foo], objects: ['./foo.yaml'], controllers: [idle]"),
    files: { 'foo.yaml': 'apiVersion: example.com/v1\nkind: Foo\nmetadata:\n  namespace: default\n' },
    says: ['The object at foo.yaml:1 (Foo) has no name'],
  },
  {
    what: 'has two definitions of one kind',
    source: scenarioOf(
      `crds: ['foos', 'fooz'].map((plural) => (${definition("{ group: 'example.com', scope: 'Namespaced', names: { plural, kind: 'Foo' }, versions: [{ name: 'v1', served: true, storage: true }] }")})).map((crd) => ({ ...crd, metadata: { name: crd.spec.names.plural + '.example.com' } })), controllers: []`,
    ),
    says: ['crds[1] (fooz.example.com) defines the kind Foo, which foos.example.com has', 'Leave one out'],
  },
  {
    what: 'has an object of an unknown kind',
    source: scenarioOf("objects: [{ apiVersion: 'v1', kind: 'Widget', metadata: { name: 'a' } }], controllers: []"),
    says: ['nobody serves the kind Widget in v1', 'add its CRD'],
  },
  {
    what: 'has a manifest with a syntax error',
    source: scenarioOf("kinds: [foo], objects: ['./foo.yaml'], controllers: [idle]"),
    files: { 'foo.yaml': 'apiVersion: example.com/v1\nkind: Foo\nmetadata:\n  name: a\n   labels: {\n' },
    says: ['foo.yaml:4 is not a manifest', 'Correct line 4 of foo.yaml'],
  },
  {
    what: 'names a manifest that is not there',
    source: scenarioOf("kinds: [foo], objects: ['./missing.yaml'], controllers: [idle]"),
    says: ['The manifest ./missing.yaml that scenario.ts, objects[0] names does not exist', 'Correct the path'],
  },
  {
    what: 'has two controllers of one name',
    source: scenarioOf('kinds: [foo], controllers: [idle, idle]'),
    says: ['two controllers named idle: controllers[0] and controllers[1]', 'Give one of them another name'],
  },
  {
    what: 'switches an oracle off that does not exist',
    source: scenarioOf("kinds: [foo], controllers: [idle], oracles: { 'same-outcom': false }"),
    says: ['the oracle same-outcom, which does not exist (did you mean "same-outcome"?)'],
  },
]

const options: readonly Case[] = [
  {
    what: 'is searched under an unknown profile',
    source: scenarioOf('kinds: [foo], controllers: [idle]'),
    options: ['--profile', 'laging'],
    says: ['laging', 'lagging'],
  },
  {
    what: 'is searched with a negative budget',
    source: scenarioOf('kinds: [foo], controllers: [idle]'),
    options: ['--faults', '-1'],
    says: ['--faults', '-1', /whole number|0 or more/],
  },
  {
    what: 'is searched with a budget that is no number',
    source: scenarioOf('kinds: [foo], controllers: [idle]'),
    options: ['--crash', 'many'],
    says: ['--crash', 'many'],
  },
]

describe.each([
  ['A module that', modules],
  ['A scenario that', definitions],
  ['A scenario that', options],
] as const)('%s', (_, cases) => {
  for (const { what, source, files, options: given, says } of cases) {
    it.concurrent(what, async () => {
      const { status, error, report } = await explore(source, files, given)
      expect({ status, report }).toEqual({ status: 2, report: '' })
      expect(error).toMatch(/^kamera: /)
      for (const words of says) expect(error).toMatch(words)
    })
  }
})

it('A field that has no effect is told, and nothing else is changed by it', async () => {
  const { status, error } = await explore(scenarioOf('kinds: [foo], controllers: [idle], action: []'))
  expect(status).toBe(0)
  expect(error).toBe(
    'warning: The scenario scenario.ts has a field action, which has no effect (did you mean "actions"?).',
  )
})
