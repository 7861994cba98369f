/**
 * Values of custom resources as CEL sees them: types and conversions by schema. Integers become BigInt, objects become
 * typed instances, maps stay maps; fields without a type of their own are left out, as upstream does.
 * Source: apiserver/pkg/cel/common/schemas.go, apiserver/pkg/cel/escaping.go.
 */
import type { Environment } from '@marcbachmann/cel-js'
import { Duration } from '@marcbachmann/cel-js/evaluator'
import { additionalSchema, isFields, type JsonSchema } from './json-schema.ts'

/** A CEL type and how JSON of that schema is brought into it. */
export interface CelType {
  readonly name: string
  readonly toCel: (value: unknown) => unknown
}

const DYNAMIC: CelType = { name: 'dyn', toCel: dynamicValue }
const TIMESTAMP = 'google.protobuf.Timestamp'
const DURATION = 'google.protobuf.Duration'

const SCALARS: Readonly<Record<string, CelType>> = {
  boolean: { name: 'bool', toCel: (value) => value },
  integer: { name: 'int', toCel: (value) => (typeof value === 'number' ? BigInt(Math.trunc(value)) : value) },
  number: { name: 'double', toCel: (value) => value },
}

/**
 * The type of a schema; types of objects are registered in the environment under names that begin with `name`.
 * Undefined where the schema says too little.
 */
export function celTypeOf(
  environment: Environment,
  schema: JsonSchema,
  name: string,
  isResource: boolean,
): CelType | undefined {
  const type = rawTypeOf(environment, schema, name, isResource)
  if (type === undefined || schema.nullable !== true) return type
  return { name: type.name, toCel: (value) => (value === null ? null : type.toCel(value)) }
}

function rawTypeOf(
  environment: Environment,
  schema: JsonSchema,
  name: string,
  isResource: boolean,
): CelType | undefined {
  if (schema['x-kubernetes-int-or-string'] === true) return DYNAMIC
  switch (schema.type) {
    case 'array':
      return listType(environment, schema, name)
    case 'object':
      return isResource || schema.properties !== undefined
        ? objectType(environment, schema, name, isResource)
        : mapType(environment, schema, name)
    case 'string':
      return stringType(schema.format)
    default:
      return SCALARS[schema.type ?? '']
  }
}

function stringType(format: string | undefined): CelType {
  switch (format) {
    case 'date':
    case 'date-time':
      return { name: TIMESTAMP, toCel: (value) => new Date(String(value)) }
    case 'duration':
      return { name: DURATION, toCel: (value) => parseDuration(String(value)) }
    case 'byte':
      return { name: 'bytes', toCel: (value) => bytesOfBase64(String(value)) }
    default:
      return { name: 'string', toCel: (value) => value }
  }
}

const UNIT_MS: Readonly<Record<string, number>> = { h: 3.6e6, m: 6e4, s: 1e3, ms: 1, us: 1e-3, µs: 1e-3, ns: 1e-6 }

function parseDuration(text: string): Duration {
  let milliseconds = 0
  for (const [, amount, unit] of text.matchAll(/([0-9.]+)\s*(ns|us|µs|ms|s|m|h)/g))
    milliseconds += Number(amount) * (UNIT_MS[unit as string] as number)
  return Duration.fromMilliseconds(text.startsWith('-') ? -milliseconds : milliseconds)
}

function bytesOfBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
}

function listType(environment: Environment, schema: JsonSchema, name: string): CelType | undefined {
  if (schema.items === undefined) return undefined
  const { items } = schema
  const item = celTypeOf(environment, items, `${name}.item`, items['x-kubernetes-embedded-resource'] === true)
  if (item === undefined) return undefined
  return { name: `list<${item.name}>`, toCel: (value) => (Array.isArray(value) ? value.map(item.toCel) : value) }
}

function mapType(environment: Environment, schema: JsonSchema, name: string): CelType | undefined {
  const values = additionalSchema(schema)
  if (values === undefined) return undefined
  const isResource = values['x-kubernetes-embedded-resource'] === true
  const type = celTypeOf(environment, values, `${name}.value`, isResource)
  if (type === undefined) return undefined
  return {
    name: `map<string, ${type.name}>`,
    toCel: (value) =>
      isFields(value) ? new Map(Object.keys(value).map((key) => [key, type.toCel(value[key])])) : value,
  }
}

const RESOURCE_PROPERTIES: Readonly<Record<string, JsonSchema>> = {
  apiVersion: { type: 'string' },
  kind: { type: 'string' },
  metadata: { type: 'object', properties: { name: { type: 'string' }, generateName: { type: 'string' } } },
}

function objectType(environment: Environment, schema: JsonSchema, name: string, isResource: boolean): CelType {
  const properties = { ...schema.properties, ...(isResource ? RESOURCE_PROPERTIES : {}) }
  const fields = new Map<string, readonly [string, CelType]>()
  for (const [key, property] of Object.entries(properties)) {
    const escaped = escapeFieldName(key)
    if (escaped === undefined) continue
    const embeds = property['x-kubernetes-embedded-resource'] === true
    const type = celTypeOf(environment, property, `${name}.${escaped}`, embeds)
    if (type !== undefined) fields.set(key, [escaped, type])
  }
  /** Fields live in the map, so that none of them can hide what a JavaScript object has. */
  const Instance = class extends Map<string, unknown> {}
  const declared = Object.fromEntries([...fields.values()].map(([escaped, type]) => [escaped, type.name]))
  environment.registerType(name, { ctor: Instance, fields: declared })
  environment.registerOperator(`${name} == ${name}`, equalCel)
  return {
    name,
    toCel: (value) => {
      if (!isFields(value)) return value
      const instance = new Instance()
      for (const [key, [escaped, type]] of fields) {
        const field = value[key]
        if (field !== undefined && (field !== null || properties[key]?.nullable === true))
          instance.set(escaped, type.toCel(field))
      }
      return instance
    },
  }
}

const KEYWORDS: ReadonlySet<string> = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
)

/** A field's name in expressions; undefined when it has none. */
function escapeFieldName(name: string): string | undefined {
  if (KEYWORDS.has(name)) return `__${name}__`
  if (!/^[a-zA-Z_][a-zA-Z0-9_./-]*$/.test(name)) return undefined
  return name
    .replaceAll('__', '__underscores__')
    .replaceAll('.', '__dot__')
    .replaceAll('-', '__dash__')
    .replaceAll('/', '__slash__')
}

/** JSON without a schema: whole numbers are integers. */
function dynamicValue(value: unknown): unknown {
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : value
  if (Array.isArray(value)) return value.map(dynamicValue)
  if (isFields(value)) return new Map(Object.keys(value).map((key) => [key, dynamicValue(value[key])]))
  return value
}

/** Deep equality of CEL values. */
export function equalCel(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) {
    return (typeof a === 'bigint' && typeof b === 'number') || (typeof a === 'number' && typeof b === 'bigint')
      ? Number(a) === Number(b)
      : false
  }
  if (a instanceof Date || a instanceof Duration) return a.valueOf() === b.valueOf()
  if (a instanceof Map && b instanceof Map)
    return a.size === b.size && [...a].every(([key, value]) => b.has(key) && equalCel(value, b.get(key)))
  if (isListLike(a) && isListLike(b))
    return a.length === b.length && Array.from(a).every((item, index) => equalCel(item, b[index]))
  return false
}

function isListLike(value: object): value is ArrayLike<unknown> {
  return Array.isArray(value) || value instanceof Uint8Array
}
