/**
 * What decoding makes of a custom resource before anybody looks at it: fields that the schema does not have go, nulls
 * that it does not allow go or become the default, and missing defaults are filled in. One pass, compiled once a
 * schema; a value that needs no change is answered as it is, so frozen bodies stay shared.
 * Source: apiextensions-apiserver/pkg/apiserver/schema/{pruning,defaulting,objectmeta}.
 */
import { copyFields, frozenCopy, setField } from '../clone.ts'
import {
  additionalSchema,
  type Fields,
  isFields,
  type JsonSchema,
  METADATA_FIELDS,
  RESOURCE_FIELDS,
} from './json-schema.ts'

/** Changes nothing in place. */
export type Normalise = (value: unknown) => unknown

interface Field {
  readonly normalise: Normalise
  /** What a null becomes: itself, the default, or nothing. */
  readonly ofNull: { readonly value: unknown } | undefined
}

/** How a schema node is compiled. */
interface Mode {
  readonly isRoot: boolean
  /** Whether the node is the item of a list that preserves unknown fields. */
  readonly unpruned: boolean
  readonly fillsIn: boolean
}

/**
 * The normaliser of a whole resource: `apiVersion`, `kind` and `metadata` are left alone. Without `fillsIn` it only
 * takes away, as when an object is shown in another version than that of its storage.
 */
export function compileNormalise(schema: JsonSchema, fillsIn: boolean): Normalise {
  return normaliserOf(schema, { isRoot: true, unpruned: false, fillsIn })
}

function normaliserOf(schema: JsonSchema, { isRoot, unpruned, fillsIn }: Mode): Normalise {
  const inside = { isRoot: false, unpruned: false, fillsIn }
  const preserves = unpruned || schema['x-kubernetes-preserve-unknown-fields'] === true
  const fields = new Map<string, Field>()
  const defaults: (readonly [string, unknown])[] = []
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    const below = isRoot && RESOURCE_FIELDS.has(key) ? itself : normaliserOf(property, inside)
    const normalise = isRoot ? remembering(below) : below
    const field = fieldOf(property, normalise, fillsIn)
    fields.set(key, field)
    if (fillsIn && property.default !== undefined && property.default !== null)
      defaults.push([key, normalise(frozenCopy(property.default))])
  }
  const values = additionalSchema(schema)
  const additional =
    values !== undefined
      ? fieldOf(values, normaliserOf(values, inside), fillsIn)
      : schema.additionalProperties === undefined
        ? undefined
        : ANYTHING_SHALLOW
  const isResource = isRoot || schema['x-kubernetes-embedded-resource'] === true
  const ofObject = (value: Fields): Fields => {
    let copy: Record<string, unknown> | undefined
    for (const key of Object.keys(value)) {
      if (isResource && RESOURCE_FIELDS.has(key)) {
        if (isRoot || key !== 'metadata') continue
        const metadata = knownMetadata(value[key])
        if (metadata !== value[key]) (copy ??= copyFields(value))[key] = metadata
        continue
      }
      const field = fields.get(key) ?? additional
      if (field === undefined) {
        if (preserves) continue
        copy ??= copyFields(value)
        delete copy[key]
        continue
      }
      const old = value[key]
      if (old === null || old === undefined) {
        if (field.ofNull === undefined) {
          copy ??= copyFields(value)
          delete copy[key]
        } else if (field.ofNull.value !== null) setField((copy ??= copyFields(value)), key, field.ofNull.value)
        continue
      }
      if (typeof old !== 'object') continue
      const next = field.normalise(old)
      if (next !== old) setField((copy ??= copyFields(value)), key, next)
    }
    for (const [key, value0] of defaults) {
      if (Object.hasOwn(copy ?? value, key)) continue
      setField((copy ??= copyFields(value)), key, value0)
    }
    return copy === undefined ? value : Object.freeze(copy)
  }
  const item = itemNormaliser(schema, { ...inside, unpruned: preserves })
  return (value) => {
    if (value === null || typeof value !== 'object') return value
    return Array.isArray(value) ? mapList(value, item) : ofObject(value as Fields)
  }
}

/** A normaliser that knows again what needs no change: `spec` and `status` are decoded often and replaced seldom. */
function remembering(normalise: Normalise): Normalise {
  const normal = new WeakSet<object>()
  return (value) => {
    if (value === null || typeof value !== 'object' || normal.has(value)) return value
    const result = normalise(value) as object
    if (Object.isFrozen(result)) normal.add(result)
    return result
  }
}

function fieldOf(schema: JsonSchema, normalise: Normalise, fillsIn: boolean): Field {
  if (schema.default !== undefined && schema.default !== null && schema.nullable !== true) {
    return { normalise, ofNull: { value: fillsIn ? normalise(frozenCopy(schema.default)) : null } }
  }
  return { normalise, ofNull: schema.nullable === true ? { value: null } : undefined }
}

function itemNormaliser({ items }: JsonSchema, mode: Mode): Normalise {
  if (items === undefined) return mode.unpruned ? itself : emptied
  const normalise = normaliserOf(items, mode)
  if (!mode.fillsIn || items.nullable === true || items.default === undefined || items.default === null)
    return normalise
  const fallback = normalise(frozenCopy(items.default))
  return (value) => (value === null ? fallback : normalise(value))
}

const itself: Normalise = (value) => value

/** Objects at a place that the schema does not know lose every field. */
const emptied: Normalise = (value) => {
  if (value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return mapList(value, emptied)
  return Object.keys(value).length === 0 ? value : Object.freeze({})
}

/** Below `additionalProperties: true` keys are kept, but what is in them has no schema. */
const ANYTHING_SHALLOW: Field = { normalise: emptied, ofNull: { value: null } }

function mapList(list: readonly unknown[], change: Normalise): readonly unknown[] {
  let copy: unknown[] | undefined
  for (let index = 0; index < list.length; index++) {
    const item = list[index]
    const next = change(item)
    if (next !== item) (copy ??= list.slice())[index] = next
  }
  return copy === undefined ? list : Object.freeze(copy)
}

/** ObjectMeta of an embedded resource, without fields that it does not have. */
function knownMetadata(metadata: unknown): unknown {
  if (!isFields(metadata)) return metadata
  const keys = Object.keys(metadata)
  if (keys.every((key) => METADATA_FIELDS.has(key) && metadata[key] !== null)) return metadata
  const known: Record<string, unknown> = {}
  for (const key of keys) if (METADATA_FIELDS.has(key) && metadata[key] !== null) known[key] = metadata[key]
  return Object.freeze(known)
}
