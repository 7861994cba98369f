/**
 * What is wrong with the defaults of a schema: each must be a value of its own place, without unknown fields. Upstream
 * does not fill defaults into a default first, so a required field that is missing in one is a fault.
 * Source: apiextensions-apiserver/pkg/apiserver/schema/defaulting/validation.go.
 */
import { type FieldError, fieldInvalid } from '../field-errors.ts'
import type { KubernetesObject } from '../object.ts'
import { compileRules } from './cel-rules.ts'
import { type JsonSchema, RESOURCE_FIELDS } from './json-schema.ts'
import { unknownFields } from './unknown-fields.ts'
import { compileValidation } from './validate.ts'

type DefaultCheck = (schema: JsonSchema, at: string) => readonly FieldError[]

/** Defaults that do not fit their schema; `at` is the path of the schema. It has no other faults. */
export function defaultFaults(schema: JsonSchema, at: string): readonly FieldError[] {
  return forEachDefault(schema, at, (place, field) => {
    const value = place.default
    const unknown = unknownFields(asField(place), { default: value }).length > 0
    const faults = compileValidation(place)(value, undefined)
    return [
      ...(unknown ? [fieldInvalid(field, value, 'must not have unknown fields')] : []),
      ...faults.map((fault) => ({ ...fault, field: below(field, fault.field) })),
    ]
  })
}

/** Defaults that break a rule of their place. The schema has no other faults. */
export function defaultRuleFaults(schema: JsonSchema, at: string): readonly FieldError[] {
  return forEachDefault(schema, at, (place, field) => {
    const rules = compileRules(asField(place))
    const holder = { default: place.default } as unknown as KubernetesObject
    const faults = rules?.evaluate(holder, undefined) ?? []
    return faults.map((fault) => ({ ...fault, field: field.slice(0, -'default'.length) + fault.field }))
  })
}

/** A schema of which `schema` is a field, because the root of a schema is a resource. */
function asField(schema: JsonSchema): JsonSchema {
  return { type: 'object', properties: { default: schema } }
}

function below(field: string, path: string): string {
  return path === '' || path === '<nil>' ? field : `${field}.${path}`
}

/** Without the metadata of resources, and without additionalProperties, which may have no defaults. */
function forEachDefault(schema: JsonSchema, at: string, check: DefaultCheck, isRoot = true): readonly FieldError[] {
  const errors: FieldError[] = []
  if (schema.default !== undefined && schema.default !== null) errors.push(...check(schema, `${at}.default`))
  if (schema.items !== undefined) errors.push(...forEachDefault(schema.items, `${at}.items`, check, false))
  const isResource = isRoot || schema['x-kubernetes-embedded-resource'] === true
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    if (isResource && RESOURCE_FIELDS.has(name)) continue
    errors.push(...forEachDefault(property, `${at}.properties[${name}]`, check, false))
  }
  return errors
}
