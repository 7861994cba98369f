/**
 * How values of a kind merge: which lists are sets or maps by key, which objects are one value. Known for built-in
 * kinds from generated data, for custom resources from their schema; anything else is untyped.
 * Source: sigs.k8s.io/structured-merge-diff/v6/schema.
 */
import type { ResourceInfo } from '../resource.ts'
import { additionalSchema, type JsonSchema } from '../structural-schema/json-schema.ts'
import { builtIns, type Encoded, type EncodedField, type EncodedObject } from './built-in-data.ts'

export interface ScalarType {
  readonly kind: 'scalar'
  readonly scalar: 'string' | 'number' | 'boolean' | 'any'
  /** Scalars of built-in kinds with a text form of their own; `decode-built-in.ts` knows them. */
  readonly form?: 'time' | 'microTime' | 'quantity' | 'intOrString' | 'float'
}

export interface ListType {
  readonly kind: 'list'
  readonly listType: 'atomic' | 'set' | 'map'
  /** The fields that tell the elements of a map apart. */
  readonly keys: readonly string[]
  readonly item: MergeType
}

/** An object with declared fields, or a map. */
export interface ObjectType {
  readonly kind: 'object'
  /** Of a built-in struct: its name with package and version, `core.v1.PodSpec`. */
  readonly name?: string
  readonly isAtomic: boolean
  /** A boolean may stand in its place. */
  readonly orBoolean?: true
  readonly field: (name: string) => FieldType | undefined
}

/** JSON of any shape: objects merge by field, lists are one value. */
export interface UntypedType {
  readonly kind: 'untyped'
}

export type MergeType = ScalarType | ListType | ObjectType | UntypedType

export interface FieldType {
  readonly type: MergeType
  /** Whether the name is a key of a map, not a declared field. */
  readonly isMapKey?: true
  readonly default?: unknown
  /** `merge`, `replace` or `retainKeys`, and both with a comma: strategic merge patches only. */
  readonly patchStrategy?: string
  readonly patchMergeKey?: string
}

export const UNTYPED: UntypedType = Object.freeze({ kind: 'untyped' })

/** A field of an object whose shape nobody declared. */
export const UNTYPED_FIELD: FieldType = Object.freeze({ type: UNTYPED, isMapKey: true })

const types = new WeakMap<ResourceInfo, MergeType>()

/** The type of a kind's objects. */
export function mergeTypeOf(resource: ResourceInfo): MergeType {
  const known = types.get(resource)
  if (known !== undefined) return known
  const type =
    resource.schema === undefined
      ? (builtInType(`${resource.group}/${resource.version}/${resource.kind}`) ?? untypedResource())
      : resourceOfSchema(resource.schema.source)
  types.set(resource, type)
  return type
}

const named = new Map<string, MergeType>()

/** The type of a built-in kind, `GROUP/VERSION/KIND`; undefined for one whose fields nobody declared. */
export function builtInType(kind: string): MergeType | undefined {
  const name = builtIns().kinds[kind]
  return name === undefined ? undefined : namedType(name)
}

function namedType(name: string): MergeType {
  const known = named.get(name)
  if (known !== undefined) return known
  const decoded = decode(builtIns().types[name] as EncodedObject)
  const type: MergeType = decoded.kind === 'object' ? { ...decoded, name } : decoded
  named.set(name, type)
  return type
}

const SCALARS: Readonly<Record<string, ScalarType>> = {
  s: { kind: 'scalar', scalar: 'string' },
  n: { kind: 'scalar', scalar: 'number' },
  b: { kind: 'scalar', scalar: 'boolean' },
  u: { kind: 'scalar', scalar: 'any' },
  t: { kind: 'scalar', scalar: 'any', form: 'time' },
  m: { kind: 'scalar', scalar: 'any', form: 'microTime' },
  q: { kind: 'scalar', scalar: 'any', form: 'quantity' },
  i: { kind: 'scalar', scalar: 'any', form: 'intOrString' },
  d: { kind: 'scalar', scalar: 'number', form: 'float' },
}

function decode(encoded: Encoded): MergeType {
  if (typeof encoded === 'string')
    return encoded.startsWith('#') ? namedType(encoded.slice(1)) : (SCALARS[encoded] ?? UNTYPED)
  if (encoded.r !== undefined) {
    const type = decode(encoded.r)
    return type.kind === 'object' ? { ...type, isAtomic: true } : type
  }
  if (encoded.l !== undefined) {
    const listType = encoded.m !== undefined ? 'map' : encoded.s === 1 ? 'set' : 'atomic'
    return { kind: 'list', listType, keys: encoded.m ?? [], item: decode(encoded.l) }
  }
  const isAtomic = encoded.a === 1
  if (encoded.v !== undefined) {
    const values = { type: decode(encoded.v), isMapKey: true as const }
    return { kind: 'object', isAtomic, field: () => values }
  }
  const field = lazyFields(encoded.f ?? {}, decodeField)
  return encoded.b === 1 ? { kind: 'object', isAtomic, orBoolean: true, field } : { kind: 'object', isAtomic, field }
}

function decodeField(field: EncodedField): FieldType {
  if (typeof field === 'string' || !('t' in field)) return { type: decode(field) }
  return {
    type: decode(field.t),
    ...(field.p === undefined ? {} : { patchStrategy: field.p }),
    ...(field.k === undefined ? {} : { patchMergeKey: field.k }),
    ...(field.d === undefined ? {} : { default: field.d }),
  }
}

/** Fields are made when they are asked for: types refer to each other, some to themselves. */
function lazyFields<T>(
  fields: Readonly<Record<string, T>>,
  make: (field: T) => FieldType,
): (name: string) => FieldType | undefined {
  const made = new Map<string, FieldType>()
  return (name) => {
    const known = made.get(name)
    if (known !== undefined || !Object.hasOwn(fields, name)) return known
    const field = make(fields[name] as T)
    made.set(name, field)
    return field
  }
}

/** `metadata` of every kind. */
function metadataType(): MergeType {
  return namedType('apis.meta.v1.ObjectMeta')
}

const TYPE_FIELD: FieldType = { type: SCALARS['s'] as ScalarType }

function resourceFields(rest: (name: string) => FieldType | undefined): ObjectType {
  const metadata = { type: metadataType() }
  return {
    kind: 'object',
    isAtomic: false,
    field: (name) => {
      if (name === 'metadata') return metadata
      return name === 'apiVersion' || name === 'kind' ? TYPE_FIELD : rest(name)
    },
  }
}

function untypedResource(): ObjectType {
  return resourceFields(() => UNTYPED_FIELD)
}

function resourceOfSchema(schema: JsonSchema): ObjectType {
  return resourceFields(schemaFields(schema))
}

function schemaFields(schema: JsonSchema): (name: string) => FieldType | undefined {
  const declared = lazyFields(schema.properties ?? {}, (property) => ({
    type: typeOfSchema(property),
    ...(property.default === undefined ? {} : { default: property.default }),
  }))
  const values = additionalSchema(schema)
  let ofValues: FieldType | undefined
  const keepsAny = schema['x-kubernetes-preserve-unknown-fields'] === true || schema.additionalProperties === true
  const any = keepsAny ? UNTYPED_FIELD : undefined
  return (name) => {
    const property = declared(name)
    if (property !== undefined) return property
    if (values === undefined) return any
    ofValues ??= { type: typeOfSchema(values), isMapKey: true }
    return ofValues
  }
}

function typeOfSchema(schema: JsonSchema): MergeType {
  if (schema['x-kubernetes-int-or-string'] === true) return SCALARS['u'] as ScalarType
  switch (schema.type) {
    case 'string':
      return SCALARS['s'] as ScalarType
    case 'integer':
    case 'number':
      return SCALARS['n'] as ScalarType
    case 'boolean':
      return SCALARS['b'] as ScalarType
    case 'array':
      return {
        kind: 'list',
        listType: schema['x-kubernetes-list-type'] ?? 'atomic',
        keys: schema['x-kubernetes-list-map-keys'] ?? [],
        item: schema.items === undefined ? UNTYPED : typeOfSchema(schema.items),
      }
    case 'object': {
      const isAtomic = schema['x-kubernetes-map-type'] === 'atomic'
      const rest = schemaFields(schema)
      if (schema['x-kubernetes-embedded-resource'] === true) return { ...resourceFields(rest), isAtomic }
      return { kind: 'object', isAtomic, field: rest }
    }
    default:
      return UNTYPED
  }
}
