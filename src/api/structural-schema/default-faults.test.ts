import { expect, test } from 'vitest'
import type { JsonSchema } from './json-schema.ts'
import { schemaFaults } from './schema-faults.ts'

const inSpec = (property: JsonSchema): JsonSchema => ({
  type: 'object',
  properties: { spec: { type: 'object', properties: { x: property } } },
})
const faults = (property: JsonSchema): readonly (readonly [string, string])[] =>
  schemaFaults(inSpec(property), 's').map(({ field, message }) => [field.replace('s.properties[spec].', ''), message])

test('a default must be a value of its place', () => {
  expect(faults({ type: 'integer', default: 3 })).toEqual([])
  expect(faults({ type: 'integer', default: 'a' })).toMatchObject([
    ['properties[x].default', expect.stringContaining('must be of type integer')],
  ])
  expect(faults({ type: 'string', enum: ['a'], default: 'b' })).toMatchObject([
    ['properties[x].default', expect.stringContaining('Unsupported value: "b"')],
  ])
  const required = { type: 'object', required: ['a'], properties: { a: { type: 'string', default: 'z' } } } as const
  expect(faults({ ...required, default: { a: 'q' } })).toEqual([])
  expect(faults({ ...required, default: {} })).toEqual([['properties[x].default.a', 'Required value']])
  expect(
    faults({
      type: 'array',
      items: { type: 'object', properties: { n: { type: 'integer', minimum: 1, default: 0 } } },
    }),
  ).toMatchObject([
    ['properties[x].items.properties[n].default', expect.stringContaining('should be greater than or equal to 1')],
  ])
})

test('a default has no unknown fields, not even those of resources', () => {
  const object = { type: 'object', properties: { a: { type: 'string' } } } as const
  for (const name of ['b', 'metadata'])
    expect(faults({ ...object, default: { [name]: {} } })).toMatchObject([
      ['properties[x].default', expect.stringContaining('must not have unknown fields')],
    ])
  expect(faults({ ...object, 'x-kubernetes-preserve-unknown-fields': true, default: { b: 1 } })).toEqual([])
})

test('a default fulfils the rules of its place', () => {
  const rules = [{ rule: 'self > 2', message: 'too small' }]
  expect(faults({ type: 'integer', default: 3, 'x-kubernetes-validations': rules })).toEqual([])
  expect(faults({ type: 'integer', default: 1, 'x-kubernetes-validations': rules })).toMatchObject([
    ['properties[x].default', expect.stringContaining('too small')],
  ])
})
