/**
 * Lists that declare to be sets or maps must not repeat elements or keys; embedded resources must be resources.
 * Source: apiextensions-apiserver/pkg/apiserver/schema/{listtype,objectmeta}.
 */
import { type FieldError, fieldDuplicate, fieldInvalid, fieldRequired } from '../field-errors.ts'
import { labelFault } from '../name-formats.ts'
import { additionalSchema, type Fields, isFields, type JsonSchema } from './json-schema.ts'

const NO_ERRORS: readonly FieldError[] = Object.freeze([])

/** Whether all lists keep their types; parts that are the very same as before are not looked at. */
export type ListTypesHold = (value: unknown, old: unknown) => boolean

/** Undefined for a schema without sets and maps. Only the way to those is walked. */
export function compileListTypes(schema: JsonSchema): ListTypesHold | undefined {
  const properties = new Map<string, ListTypesHold>()
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    const holds = compileListTypes(property)
    if (holds !== undefined) properties.set(key, holds)
  }
  const values = additionalSchema(schema)
  const ofValues = values === undefined ? undefined : compileListTypes(values)
  const ofItems = schema.items === undefined ? undefined : compileListTypes(schema.items)
  const listType = schema['x-kubernetes-list-type']
  const keys = schema['x-kubernetes-list-map-keys'] ?? []
  const isTyped = listType === 'set' || listType === 'map'
  if (properties.size === 0 && ofValues === undefined && ofItems === undefined && !isTyped) return undefined
  return (value, old) => {
    if (value === old || value === null || typeof value !== 'object') return true
    if (Array.isArray(value)) {
      if (listType === 'set' && repeated(value, '').length > 0) return false
      if (listType === 'map' && repeatedKeys(value, keys, '').length > 0) return false
      return ofItems === undefined || value.every((item) => ofItems(item, undefined))
    }
    const former = isFields(old) ? old : undefined
    for (const [key, holds] of properties) {
      if (!holds((value as Fields)[key], former?.[key])) return false
    }
    if (ofValues === undefined) return true
    return Object.keys(value).every((key) => properties.has(key) || ofValues((value as Fields)[key], former?.[key]))
  }
}

/** Faults of lists of type set and map, at every depth. */
export function listTypeFaults(schema: JsonSchema, value: unknown): readonly FieldError[] {
  const errors: FieldError[] = []
  visit(schema, value, '', (at, list, path) => {
    if (!Array.isArray(list)) return
    if (at['x-kubernetes-list-type'] === 'set') errors.push(...repeated(list, path))
    else if (at['x-kubernetes-list-type'] === 'map')
      errors.push(...repeatedKeys(list, at['x-kubernetes-list-map-keys'] ?? [], path))
  })
  return errors
}

/** Faults of embedded resources: `apiVersion` and `kind` must be there. */
export function embeddedResourceFaults(schema: JsonSchema, value: unknown): readonly FieldError[] {
  const errors: FieldError[] = []
  visit(schema, value, '', (at, resource, path) => {
    if (at['x-kubernetes-embedded-resource'] !== true || !isFields(resource)) return
    for (const field of ['apiVersion', 'kind'] as const) {
      if (!Object.hasOwn(resource, field)) errors.push(fieldRequired(`${path}.${field}`))
    }
    errors.push(...typeFaults(resource, path))
  })
  return errors
}

function typeFaults({ apiVersion, kind }: Fields, path: string): readonly FieldError[] {
  const errors: FieldError[] = []
  if (apiVersion === '') errors.push(fieldInvalid(`${path}.apiVersion`, apiVersion, 'must not be empty'))
  else if (typeof apiVersion === 'string' && apiVersion.split('/').length > 2)
    errors.push(fieldInvalid(`${path}.apiVersion`, apiVersion, `unexpected GroupVersion string: ${apiVersion}`))
  if (kind === '') errors.push(fieldInvalid(`${path}.kind`, kind, 'must not be empty'))
  else if (typeof kind === 'string') {
    const fault = labelFault(kind.toLowerCase())
    if (fault !== undefined)
      errors.push(fieldInvalid(`${path}.kind`, kind, `may have mixed case, but should otherwise match: ${fault}`))
  }
  return errors
}

/** Why an embedded resource cannot be decoded: its type or metadata has the wrong JSON type. */
export function embeddedResourceTypeFault(
  schema: JsonSchema,
  value: unknown,
  metadataFault: (metadata: unknown) => string | undefined,
): string | undefined {
  let fault: string | undefined
  visit(schema, value, '', (at, resource, path) => {
    if (fault !== undefined || at['x-kubernetes-embedded-resource'] !== true || !isFields(resource)) return
    for (const field of ['apiVersion', 'kind'] as const) {
      if (resource[field] !== undefined && typeof resource[field] !== 'string')
        fault = `${path}.${field}: Invalid value: ${JSON.stringify(resource[field])}: must be a string`
    }
    const inMetadata = metadataFault(resource['metadata'])
    if (inMetadata !== undefined) fault = `${path}.metadata: Invalid value: ${inMetadata}`
  })
  return fault
}

function visit(
  schema: JsonSchema,
  value: unknown,
  path: string,
  look: (schema: JsonSchema, value: unknown, path: string) => void,
): void {
  if (value === null || typeof value !== 'object') return
  look(schema, value, path)
  if (Array.isArray(value)) {
    const { items } = schema
    if (items !== undefined) value.forEach((item, index) => visit(items, item, `${path}[${index}]`, look))
    return
  }
  const values = additionalSchema(schema)
  for (const [key, field] of Object.entries(value as Fields)) {
    const property =
      schema.properties !== undefined && Object.hasOwn(schema.properties, key) ? schema.properties[key] : undefined
    if (property !== undefined) visit(property, field, path === '' ? key : `${path}.${key}`, look)
    else if (values !== undefined) visit(values, field, `${path}[${key}]`, look)
  }
}

/** The second appearance of each element that is there more than once. */
function repeated(list: readonly unknown[], path: string): readonly FieldError[] {
  if (list.length < 2) return NO_ERRORS
  return secondAppearances(list).map((index) => fieldDuplicate(`${path}[${index}]`, list[index]))
}

function repeatedKeys(list: readonly unknown[], keys: readonly string[], path: string): readonly FieldError[] {
  const wrong = list.findIndex((item) => item !== null && !isFields(item))
  if (wrong >= 0)
    return [fieldInvalid(`${path}[${wrong}]`, list[wrong], 'must be an object for an array of list-type map')]
  if (list.length < 2) return NO_ERRORS
  const keyed = list.map((item) => {
    const present = isFields(item) ? keys.filter((key) => Object.hasOwn(item, key)) : []
    return Object.fromEntries(present.map((key) => [key, (item as Fields)[key]]))
  })
  return secondAppearances(keyed).map((index) => fieldDuplicate(`${path}[${index}]`, keyed[index]))
}

function secondAppearances(list: readonly unknown[]): readonly number[] {
  const times = new Map<string, number>()
  const found: number[] = []
  list.forEach((item, index) => {
    const key = canonical(item)
    const before = times.get(key) ?? 0
    if (before === 1) found.push(index)
    times.set(key, before + 1)
  })
  return found
}

/** JSON with sorted keys. */
function canonical(value: unknown): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null'
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`
  const keys = Object.keys(value).sort()
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical((value as Fields)[key])}`).join()}}`
}
