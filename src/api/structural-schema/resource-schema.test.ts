import { describe, expect, it } from 'vitest'
import { deepFreeze, frozenCopy } from '../clone.ts'
import type { KubernetesObject } from '../object.ts'
import type { JsonSchema } from './json-schema.ts'
import { compileResourceSchema } from './resource-schema.ts'
import { schemaFaults } from './schema-faults.ts'

const compile = (spec: JsonSchema, status: JsonSchema = { type: 'object' }) =>
  compileResourceSchema(frozenCopy<JsonSchema>({ type: 'object', properties: { spec, status } }))
const widget = (spec: unknown, status?: unknown): KubernetesObject =>
  deepFreeze({
    apiVersion: 'x.io/v1',
    kind: 'Widget',
    metadata: { name: 'a' },
    spec,
    ...(status === undefined ? {} : { status }),
  })
const object = (properties: Readonly<Record<string, JsonSchema>>, more: JsonSchema = {}): JsonSchema => ({
  type: 'object',
  properties,
  ...more,
})
const text: JsonSchema = { type: 'string' }
const normalised = (spec: JsonSchema, value: unknown): unknown => compile(spec).normalise(widget(value))['spec']
const faults = (spec: JsonSchema, value: unknown, old?: unknown): readonly string[] =>
  compile(spec)
    .validate(widget(value), old === undefined ? undefined : widget(old))
    .map(({ reason, field, message }) => `${field} ${reason}: ${message}`)

describe('decoding by schema', () => {
  it('answers the very same object when nothing is unknown and nothing is missing', () => {
    const given = widget({ color: 'red', list: [{ a: 'x' }] })
    const spec = object({ color: { ...text, default: 'blue' }, list: { type: 'array', items: object({ a: text }) } })
    expect(compile(spec).normalise(given)).toBe(given)
  })

  it('takes away what the schema does not have, but not below preserve-unknown-fields', () => {
    const free = object({ known: object({ a: text }) }, { 'x-kubernetes-preserve-unknown-fields': true })
    expect(normalised(object({ free }), { gone: 1, free: { x: { y: 1 }, known: { a: 'a', gone: 1 } } })).toEqual({
      free: { x: { y: 1 }, known: { a: 'a' } },
    })
  })

  it('empties objects where the schema says nothing about them, as upstream does', () => {
    expect(
      normalised(object({ any: { type: 'object', additionalProperties: true } }), { any: { a: { b: 1 } } }),
    ).toEqual({ any: { a: {} } })
  })

  it('keeps unknown fields in the items of a list that preserves them', () => {
    const list: JsonSchema = {
      type: 'array',
      'x-kubernetes-preserve-unknown-fields': true,
      items: object({ a: object({}) }),
    }
    expect(normalised(object({ list }), { list: [{ x: 1, a: { gone: 1 } }] })).toEqual({ list: [{ x: 1, a: {} }] })
  })

  it('drops a null that is not allowed, replaces one that has a default, and keeps a nullable one', () => {
    const spec = object({ never: text, red: { ...text, default: 'red' }, maybe: { ...text, nullable: true } })
    expect(normalised(spec, { never: null, red: null, maybe: null })).toEqual({ red: 'red', maybe: null })
  })

  it('fills in defaults inside of defaults, list items and map values', () => {
    const inner = object({ a: { ...text, default: 'x' } })
    const spec = object({
      nested: { ...inner, default: {} },
      list: { type: 'array', items: inner },
      map: { type: 'object', additionalProperties: inner },
      absent: inner,
    })
    expect(normalised(spec, { list: [{}], map: { k: {} } })).toEqual({
      nested: { a: 'x' },
      list: [{ a: 'x' }],
      map: { k: { a: 'x' } },
    })
  })

  it('leaves names of the prototype alone', () => {
    const spec: JsonSchema = { type: 'object', additionalProperties: text }
    const given = JSON.parse('{"__proto__": "a", "constructor": "b"}') as object
    expect(JSON.stringify(normalised(spec, given))).toBe('{"__proto__":"a","constructor":"b"}')
    expect(normalised(object({}), given)).toEqual({})
  })

  it('names what is unknown with its path', () => {
    const spec = object({ list: { type: 'array', items: object({ a: text }) } })
    const given = deepFreeze({ ...widget({ list: [{ a: 'x', b: 1 }], c: 1 }), metadata: { name: 'a', bogus: 1 } })
    expect(compile(spec).unknownFields(given as KubernetesObject)).toEqual([
      'metadata.bogus',
      'spec.c',
      'spec.list[0].b',
    ])
  })
})

describe('validation by schema', () => {
  it('says type, bounds, length, pattern and enum with field and reason', () => {
    const spec = object({
      count: { type: 'integer', minimum: 1 },
      name: { ...text, maxLength: 3 },
      code: { ...text, pattern: '^[a-z]+$' },
      color: { ...text, enum: ['red'] },
    })
    expect(faults(spec, { count: 0, name: 'four', code: 'A', color: 'blue' })).toEqual([
      'spec.count FieldValueInvalid: Invalid value: 0: spec.count in body should be greater than or equal to 1',
      'spec.name FieldValueTooLong: Too long: may not be more than 3 bytes',
      'spec.code FieldValueInvalid: Invalid value: "A": spec.code in body should match \'^[a-z]+$\'',
      'spec.color FieldValueNotSupported: Unsupported value: "blue": supported values: "red"',
    ])
    expect(faults(spec, { count: 1.5 })).toEqual([
      'spec.count FieldValueTypeInvalid: Invalid value: "number": spec.count in body must be of type integer: "number"',
    ])
  })

  it('counts characters, not code units', () => {
    expect(faults(object({ name: { ...text, maxLength: 2 } }), { name: '😀😀' })).toEqual([])
  })

  it('names the branch of an anyOf that came nearest', () => {
    const spec = object(
      { a: { type: 'integer' }, b: text },
      { anyOf: [{ required: ['b'] }, { properties: { a: { minimum: 5 } } }] },
    )
    expect(faults(spec, { a: 3 })).toEqual([
      '<nil> FieldValueInvalid: Invalid value: "": "spec" must validate at least one schema (anyOf)',
      'spec.a FieldValueInvalid: Invalid value: 3: spec.a in body should be greater than or equal to 5',
    ])
    expect(faults(spec, { b: 'x', a: 3 })).toEqual([])
  })

  it('refuses what not forbids', () => {
    const spec = object({ a: text }, { not: { required: ['a'] } })
    expect(faults(spec, { a: 'x' })).toEqual([
      '<nil> FieldValueInvalid: Invalid value: "": "spec" must not validate the schema (not)',
    ])
  })

  it('passes over what was wrong before and did not change', () => {
    const spec = object({ a: { ...text, maxLength: 1 }, b: { ...text, maxLength: 1 } })
    expect(faults(spec, { a: 'long', b: 'x' }, { a: 'long', b: 'y' })).toEqual([])
    expect(faults(spec, { a: 'long', b: 'long' }, { a: 'long', b: 'y' })).toHaveLength(1)
  })

  it('finds the former element of a list-type map by its keys, but none of an atomic list', () => {
    const items = object({ name: text, size: { type: 'integer', maximum: 5 } }, { required: ['name'] })
    const map: JsonSchema = {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
      items,
    }
    const before = { list: [{ name: 'a', size: 9 }] }
    const after = {
      list: [
        { name: 'b', size: 1 },
        { name: 'a', size: 9 },
      ],
    }
    expect(faults(object({ list: map }), after, before)).toEqual([])
    expect(faults(object({ list: { type: 'array', items } }), after, before)).toHaveLength(1)
  })

  it('judges only the status at the status endpoint', () => {
    const schema = compile(object({ a: { ...text, maxLength: 1 } }), object({ phase: { ...text, enum: ['Up'] } }))
    const [fault] = schema.validateStatus(widget({ a: 'long' }, { phase: 'Down' }), widget({ a: 'long' }))
    expect(fault).toMatchObject({ field: 'status.phase', reason: 'FieldValueNotSupported' })
  })
})

describe('schemas that are refused', () => {
  it.each<readonly [string, JsonSchema, string]>([
    ['a field without type', object({ a: {} }), 'spec.x.properties[a].type'],
    ['a list without items', object({ a: { type: 'array' } }), 'spec.x.properties[a].items'],
    ['a pattern that does not compile', object({ a: { ...text, pattern: '(' } }), 'spec.x.properties[a].pattern'],
    ['a look-ahead, which RE2 lacks', object({ a: { ...text, pattern: '(?=a)' } }), 'spec.x.properties[a].pattern'],
    ['a type inside of anyOf', object({ a: text }, { anyOf: [{ type: 'object' }] }), 'spec.x.anyOf[0].type'],
    [
      'a field that only anyOf knows',
      object({}, { anyOf: [{ properties: { b: { minimum: 1 } } }] }),
      'spec.x.properties[b]',
    ],
    [
      'a map list without keys',
      object({ a: { type: 'array', items: object({}), 'x-kubernetes-list-type': 'map' } }),
      'spec.x.properties[a].x-kubernetes-list-map-keys',
    ],
    ['a root that is no object', { type: 'string' }, 'spec.x.type'],
    [
      'rules about metadata',
      object({ metadata: object({ labels: { type: 'object' } }) }),
      'spec.x.properties[metadata]',
    ],
  ])('%s', (_what, schema, field) => {
    expect(schemaFaults(schema, 'spec.x').map((fault) => fault.field)).toEqual([field])
  })

  it('but not int-or-string with its two types', () => {
    const port: JsonSchema = { anyOf: [{ type: 'integer' }, { type: 'string' }], 'x-kubernetes-int-or-string': true }
    expect(schemaFaults(object({ port }), 'spec.x')).toEqual([])
  })
})
