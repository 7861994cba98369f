/**
 * The paths of fields that pruning takes away, for warnings and strict field validation.
 * Source: apiextensions-apiserver/pkg/apiserver/schema/pruning/algorithm.go.
 */
import { type Fields, fieldSchema, isFields, type JsonSchema, METADATA_FIELDS, RESOURCE_FIELDS } from './json-schema.ts'

/** Sorted, e.g. `spec.ports[0].extra`. Unknown metadata is named too, also that of embedded resources. */
export function unknownFields(schema: JsonSchema, object: Fields): readonly string[] {
  const found: string[] = []
  walk({ ...schema, 'x-kubernetes-embedded-resource': true }, object, { path: '', found, unpruned: false })
  return found.sort()
}

interface Place {
  readonly path: string
  readonly found: string[]
  /** Whether the place is in a list that preserves unknown fields. */
  readonly unpruned: boolean
}

function walk(schema: JsonSchema | undefined, value: unknown, { path, found, unpruned }: Place): void {
  const preserves = unpruned || schema?.['x-kubernetes-preserve-unknown-fields'] === true
  if (Array.isArray(value)) {
    if (schema?.items === undefined && preserves) return
    value.forEach((item, index) => {
      walk(schema?.items, item, { path: `${path}[${index}]`, found, unpruned: preserves })
    })
    return
  }
  if (!isFields(value)) return
  for (const key of Object.keys(value)) {
    const below = path === '' ? key : `${path}.${key}`
    if (schema?.['x-kubernetes-embedded-resource'] === true && RESOURCE_FIELDS.has(key)) {
      if (key === 'metadata' && isFields(value[key])) found.push(...unknownMetadata(value[key], below))
      continue
    }
    const field = fieldSchema(schema, key)
    if (field !== undefined || schema?.additionalProperties !== undefined)
      walk(field, value[key], { path: below, found, unpruned: false })
    else if (!preserves) found.push(below)
  }
}

/** Fields of `metadata` that ObjectMeta does not have. */
export function unknownMetadata(metadata: Fields, path = 'metadata'): readonly string[] {
  return Object.keys(metadata)
    .filter((key) => !METADATA_FIELDS.has(key))
    .map((key) => `${path}.${key}`)
}
