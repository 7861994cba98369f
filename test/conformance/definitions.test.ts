/** What a kube-apiserver says to definitions that are no definitions, and to changes that a served kind does not allow. */
import { describe, expect, it } from 'vitest'
import { type InProcessServer, startInProcessServer, type TranscriptResponse } from './in-process-server.ts'

const collection = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
const definition = (spec: object = {}, schema: object = {}, plural = 'gadgets'): object => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `${plural}.q.io` },
  spec: {
    group: 'q.io',
    scope: 'Namespaced',
    names: { plural, kind: 'Gadget' },
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', ...schema } } }],
    ...spec,
  },
})
const create = (server: InProcessServer, body: object, query: Record<string, string> = {}): TranscriptResponse =>
  server.send({ method: 'POST', path: collection, query, body })
const patch = (server: InProcessServer, body: unknown, type = 'merge'): TranscriptResponse =>
  server.send({
    method: 'PATCH',
    path: `${collection}/gadgets.q.io`,
    headers: { 'content-type': `application/${type}-patch+json` },
    body,
  })
const causesOf = ({ json }: TranscriptResponse): readonly (readonly [string, string])[] =>
  (json as { details: { causes: { field: string; reason: string }[] } }).details.causes.map(
    ({ field, reason }) => [field, reason] as const,
  )

describe('definitions', () => {
  it('are refused with 400 when their type cannot hold them', () => {
    for (const [field, value] of [
      ['x-kubernetes-validations', { rule: 'true' }],
      ['properties', []],
      ['required', 'a'],
      ['maximum', '1'],
      ['additionalProperties', 'yes'],
      ['allOf', {}],
    ] as const)
      expect([field, create(startInProcessServer(), definition({}, { [field]: value })).status]).toEqual([field, 400])
  })

  it('may have fractions as limits and a boolean for additional properties', () => {
    const properties = {
      a: { type: 'number', maximum: 1.5, multipleOf: 0.1 },
      b: { type: 'object', additionalProperties: true },
    }
    const answered = create(startInProcessServer(), definition({}, { properties }), { fieldValidation: 'Strict' })
    expect(answered.status).toBe(201)
    expect(answered.json).toMatchObject({ spec: { versions: [{ schema: { openAPIV3Schema: { properties } } }] } })
  })

  it('lose fields that nobody declared, and are refused for them by strict validation', () => {
    const sent = definition({ extra: 1 }, { propertiez: {} })
    const { status, json } = create(startInProcessServer(), sent, { fieldValidation: 'Strict' })
    expect(status).toBe(400)
    expect((json as { message: string }).message).toContain(
      'strict decoding error: unknown field "spec.versions[0].schema.openAPIV3Schema.propertiez", unknown field "spec.extra"',
    )
    const { json: kept } = create(startInProcessServer(), sent, { fieldValidation: 'Ignore' })
    expect((kept as { spec: object }).spec).not.toHaveProperty('extra')
  })

  it('may not use the words of JSON schema that are not supported', () => {
    const schema = { $ref: '#/x', properties: { a: { type: 'object', patternProperties: { b: { type: 'string' } } } } }
    const at = 'spec.validation.openAPIV3Schema'
    expect(causesOf(create(startInProcessServer(), definition({}, schema)))).toEqual(
      expect.arrayContaining([
        [`${at}.$ref`, 'FieldValueForbidden'],
        [`${at}.properties[a].patternProperties`, 'FieldValueForbidden'],
      ]),
    )
  })

  it('keep scope and kind once they are served, and every version that was stored', () => {
    const server = startInProcessServer()
    create(server, definition())
    expect(causesOf(patch(server, { spec: { scope: 'Cluster', names: { kind: 'Other' } } }))).toEqual([
      ['spec.scope', 'FieldValueInvalid'],
      ['spec.names.kind', 'FieldValueInvalid'],
    ])
    const renamed = patch(server, [{ op: 'replace', path: '/spec/versions/0/name', value: 'v2' }], 'json')
    expect(causesOf(renamed)).toEqual([['status.storedVersions[0]', 'FieldValueInvalid']])
  })
})

describe('an eviction', () => {
  it('names the pod that its path names', () => {
    const server = startInProcessServer()
    const pods = '/api/v1/namespaces/default/pods'
    const pod = { metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'i' }] } }
    expect(server.send({ method: 'POST', path: pods, body: pod }).status).toBe(201)
    const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'q' } }
    expect(server.send({ method: 'POST', path: `${pods}/p/eviction`, body }).status).toBe(400)
    expect(server.send({ path: `${pods}/p` }).status).toBe(200)
  })
})
