/**
 * OpenAPI schemas of the built-in kinds, from the same generated data as their merge types: structure, defaults and
 * how lists and maps merge; no descriptions.
 */
import { builtIns, type Encoded, type EncodedField, type EncodedObject } from './built-in-data.ts'

export type Schema = Readonly<Record<string, unknown>>

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1'

/** The name under which OpenAPI documents have a type: `io.k8s.api.apps.v1.Deployment`. */
function schemaName(type: string): string {
  return type.startsWith('apis.meta.v1.') ? `${META}.${type.slice('apis.meta.v1.'.length)}` : `io.k8s.api.${type}`
}

export const OBJECT_META_SCHEMA = `${META}.ObjectMeta`

/** The name of a built-in kind's schema; undefined for one whose fields nobody declared. */
export function builtInSchemaName(kind: {
  readonly group: string
  readonly version: string
  readonly kind: string
}): string | undefined {
  const type = builtIns().kinds[`${kind.group}/${kind.version}/${kind.kind}`]
  return type === undefined ? undefined : schemaName(type)
}

/** Adds the schemas of these names and of all that they refer to. Names are those of `builtInSchemaName`. */
export function collectBuiltInSchemas(names: readonly string[], into: Record<string, Schema>): void {
  const { types } = builtIns()
  const byName = schemasByName()
  const queue = [...names]
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (Object.hasOwn(into, name)) continue
    const type = byName.get(name)
    if (type === undefined) continue
    into[name] = schemaOf(types[type] as EncodedObject, queue)
  }
}

let namesOfTypes: ReadonlyMap<string, string> | undefined

function schemasByName(): ReadonlyMap<string, string> {
  namesOfTypes ??= new Map(Object.keys(builtIns().types).map((type) => [schemaName(type), type]))
  return namesOfTypes
}

const SCALARS: Readonly<Record<string, Schema>> = {
  s: { type: 'string' },
  n: { type: 'integer' },
  b: { type: 'boolean' },
  u: {},
  t: { type: 'string', format: 'date-time' },
  m: { type: 'string', format: 'date-time' },
  q: { oneOf: [{ type: 'string' }, { type: 'number' }] },
  i: { oneOf: [{ type: 'integer' }, { type: 'string' }], format: 'int-or-string' },
}

function schemaOf(encoded: Encoded, referred: string[]): Schema {
  if (typeof encoded === 'string') {
    if (!encoded.startsWith('#')) return SCALARS[encoded] ?? {}
    const name = schemaName(encoded.slice(1))
    referred.push(name)
    return { $ref: `#/components/schemas/${name}` }
  }
  if (encoded.r !== undefined) return { allOf: [schemaOf(encoded.r, referred)], 'x-kubernetes-map-type': 'atomic' }
  if (encoded.l !== undefined) {
    const listType = encoded.m !== undefined ? 'map' : encoded.s === 1 ? 'set' : 'atomic'
    return {
      type: 'array',
      items: schemaOf(encoded.l, referred),
      'x-kubernetes-list-type': listType,
      ...(encoded.m === undefined ? {} : { 'x-kubernetes-list-map-keys': encoded.m }),
    }
  }
  const atomic = encoded.a === 1 ? { 'x-kubernetes-map-type': 'atomic' } : {}
  if (encoded.v !== undefined) return { type: 'object', additionalProperties: schemaOf(encoded.v, referred), ...atomic }
  const properties: Record<string, Schema> = {}
  for (const [name, field] of Object.entries(encoded.f ?? {})) properties[name] = fieldSchema(field, referred)
  return { type: 'object', properties, ...atomic }
}

function fieldSchema(field: EncodedField, referred: string[]): Schema {
  if (typeof field === 'string' || !('t' in field)) return withReference(schemaOf(field, referred), {})
  return withReference(schemaOf(field.t, referred), {
    ...(field.p === undefined ? {} : { 'x-kubernetes-patch-strategy': field.p }),
    ...(field.k === undefined ? {} : { 'x-kubernetes-patch-merge-key': field.k }),
    ...(field.d === undefined ? {} : { default: field.d }),
  })
}

/** Nothing may stand beside a `$ref`, so it is wrapped. */
function withReference(schema: Schema, beside: Schema): Schema {
  return '$ref' in schema ? { allOf: [schema], ...beside } : { ...schema, ...beside }
}
