/**
 * Random and malicious requests: whatever is sent, the server answers, with no fault of its own, and goes on.
 */
import { expect, it } from 'vitest'
import { createScheme } from '#api/scheme.ts'
import { handle } from '#apiserver/apiserver.ts'
import { tableOfState } from '#apiserver/custom-resource-definitions.ts'
import { createStateHistory } from '#apiserver/history.ts'
import { parseRestRequest, type RestRequest } from '#apiserver/rest-path.ts'
import { initialState } from '#apiserver/state.ts'

const REQUESTS = Number(process.env['REQUESTS'] ?? 4000)

/** A linear congruential generator: the same requests in every run. */
function createChance(seed: number): { below(limit: number): number; pick<T>(list: readonly T[]): T } {
  let state = seed
  const next = (): number => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff
    return state / 0x80000000
  }
  const below = (limit: number): number => Math.floor(next() * limit)
  return { below, pick: (list) => list[below(list.length)] as (typeof list)[number] }
}
const chance = createChance(7)

const NAMES =
  'spec status metadata data labels finalizers ownerReferences managedFields resourceVersion uid name replicas template containers image env a b list set $patch $retainKeys $setElementOrder/containers $deleteFromPrimitiveList/finalizers __proto__ constructor toString'.split(
    ' ',
  )
const SCALARS = [null, 1, -1, 1.5, true, '', 'x', 'a', 'delete', 'replace', 'x.io/a', 1e300]

function randomJson(depth: number): unknown {
  const kind = depth <= 0 ? 0 : chance.below(10)
  if (kind < 3) return chance.pick(SCALARS)
  if (kind < 5) return Array.from({ length: chance.below(3) }, () => randomJson(depth - 1))
  return randomFields(depth)
}

function randomFields(depth: number): object {
  const entries = Array.from({ length: chance.below(5) }, () => [chance.pick(NAMES), randomJson(depth - 1)])
  return JSON.parse(
    `{${entries.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join()}}`,
  ) as object
}

const text = { type: 'string' }
const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.x.io' },
  spec: {
    group: 'x.io',
    scope: 'Namespaced',
    names: { plural: 'widgets', kind: 'Widget' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: {
                type: 'object',
                'x-kubernetes-validations': [{ rule: '!has(self.a) || self.a.size() < 10' }],
                properties: {
                  a: { ...text, default: 'q' },
                  b: { type: 'object', additionalProperties: { type: 'object', properties: { name: text } } },
                  list: {
                    type: 'array',
                    'x-kubernetes-list-type': 'map',
                    'x-kubernetes-list-map-keys': ['name'],
                    items: {
                      type: 'object',
                      required: ['name'],
                      properties: { name: text, image: { ...text, nullable: true } },
                    },
                  },
                  set: { type: 'array', 'x-kubernetes-list-type': 'set', items: text },
                  template: {
                    type: 'object',
                    'x-kubernetes-embedded-resource': true,
                    'x-kubernetes-preserve-unknown-fields': true,
                  },
                },
              },
              status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
            },
          },
        },
      },
    ],
  },
}

const KINDS = [
  ['v1', 'ConfigMap', '/api/v1/namespaces/default/configmaps'],
  ['v1', 'Pod', '/api/v1/namespaces/default/pods'],
  ['apps/v1', 'Deployment', '/apis/apps/v1/namespaces/default/deployments'],
  ['x.io/v1', 'Widget', '/apis/x.io/v1/namespaces/default/widgets'],
] as const
const PATCHES = [
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
  'application/json-patch+json',
]

function randomRequest(): RestRequest {
  const [apiVersion, kind, path] = chance.pick(KINDS)
  const name = chance.pick(['a', 'b'])
  const method = chance.pick(['POST', 'POST', 'PUT', 'PATCH', 'PATCH', 'PATCH', 'DELETE', 'GET'])
  const contentType = method === 'PATCH' ? chance.pick(PATCHES) : 'application/json'
  const isApply = contentType === 'application/apply-patch+yaml'
  const metadata = chance.below(2) === 0 ? { name } : { ...randomFields(3), name }
  const fields = chance.below(3) === 0 ? randomFields(4) : { spec: randomFields(4), data: { k: 'v' } }
  const object = { ...fields, apiVersion, kind, metadata }
  const jsonPatch = Array.from({ length: chance.below(3) }, () => ({
    op: chance.pick(['add', 'remove', 'replace', 'test', 'copy', 'move', 'x']),
    path: chance.pick([
      '',
      '/spec',
      '/metadata/labels',
      '/data/x',
      '/spec/list/0',
      '/__proto__',
      '/metadata/managedFields/0',
      'x',
    ]),
    from: chance.pick(['/metadata', '/spec', '/nope']),
    value: randomJson(3),
  }))
  const body =
    contentType === 'application/json-patch+json'
      ? jsonPatch
      : chance.below(10) === 0 || (method === 'PATCH' && !isApply)
        ? randomJson(5)
        : object
  const query = new URLSearchParams({ fieldValidation: chance.pick(['Warn', 'Strict', 'Ignore', 'x']) })
  if (isApply) query.set('fieldManager', chance.pick(['m', 'n']))
  if (isApply) query.set('force', chance.pick(['true', 'false']))
  if (chance.below(5) === 0) query.set('dryRun', 'All')
  const suffix = chance.below(5) === 0 ? chance.pick(['/status', '/scale', '/x']) : ''
  const isRandomText = chance.below(40) === 0
  return {
    method,
    path: method === 'POST' ? path : `${path}/${name}${suffix}`,
    query,
    contentType,
    accept: '',
    body:
      method === 'GET'
        ? ''
        : isRandomText
          ? chance.pick(['{', '', '[', '{"a":1,"a":2}', ' ', '- &a [*a]'])
          : JSON.stringify(body),
    userAgent: chance.pick(['fuzz/1', '', '\u0000']),
  }
}

it(`answers ${REQUESTS} random requests without a fault of its own`, () => {
  const table = createScheme()
  let state = initialState(table, [definition])
  const history = createStateHistory(state, 100)
  const codes = new Set<number>()
  for (let count = 0; count < REQUESTS; count++) {
    const rest = randomRequest()
    const parsed = parseRestRequest(tableOfState(table, state), rest)
    if (parsed.type !== 'request') continue
    const { response, state: next } = handle(table, state, parsed.request, history)
    codes.add(response.code)
    const message = 'message' in response.body ? response.body['message'] : undefined
    if (response.code >= 500)
      expect.fail(`${response.code} ${message} for ${rest.method} ${rest.path} ${rest.contentType} ${rest.body}`)
    state = next
    history.add(state)
  }
  expect([...codes].sort()).toEqual(expect.arrayContaining([200, 201, 400, 404, 409, 422]))
  expect(Object.keys(Object.prototype)).toEqual([])
})
