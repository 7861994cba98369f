/**
 * What is wrong with a schema itself: it must be structural, and its extensions must fit their places. A schema
 * without faults can be compiled.
 * Source: apiextensions-apiserver/pkg/apiserver/schema/validation.go,
 * apiextensions-apiserver/pkg/apis/apiextensions/validation (ValidateCustomResourceDefinitionOpenAPISchema).
 */
import { type FieldError, fieldForbidden, fieldInvalid, fieldNotSupported, fieldRequired } from '../field-errors.ts'
import { ruleFaults } from './cel-rules.ts'
import { defaultFaults, defaultRuleFaults } from './default-faults.ts'
import { additionalSchema, type JsonSchema, type ValidationRule } from './json-schema.ts'
import { patternFault } from './patterns.ts'

type Level = 'root' | 'item' | 'field'

/** Every fault, with its path below `at` (e.g. `spec.validation.openAPIV3Schema`). */
export function schemaFaults(schema: JsonSchema, at: string): readonly FieldError[] {
  const errors: FieldError[] = []
  checkStructure(schema, 'root', at, errors)
  if (errors.length > 0) return errors
  const faults = [...defaultFaults(schema, at), ...ruleFaults(schema, at)]
  return faults.length > 0 ? faults : defaultRuleFaults(schema, at)
}

const EMPTY_TYPE: Readonly<Record<Level, string>> = {
  root: 'must not be empty at the root',
  item: 'must not be empty for specified array items',
  field: 'must not be empty for specified object fields',
}
const TYPES = ['array', 'boolean', 'integer', 'number', 'object', 'string']

function checkStructure(schema: JsonSchema, level: Level, at: string, errors: FieldError[]): void {
  if (schema === null || typeof schema !== 'object') {
    errors.push(fieldInvalid(at, schema, 'must be a schema'))
    return
  }
  checkSupported(schema, at, errors)
  checkType(schema, level, at, errors)
  checkEmbedded(schema, at, errors)
  checkLists(schema, at, errors)
  checkMaps(schema, level, at, errors)
  checkRules(schema, at, errors)
  checkValues(schema, at, errors)
  for (const [junctor, branches] of junctorsOf(schema)) {
    branches.forEach((branch, index) => {
      if (!isIntOrStringBranch(schema, junctor)) checkNested(branch, schema, `${at}.${junctor}[${index}]`, errors)
    })
  }
  if (schema.not !== undefined) checkNested(schema.not, schema, `${at}.not`, errors)
  if (schema.items !== undefined) checkStructure(schema.items, 'item', `${at}.items`, errors)
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    if (level === 'root' && name === 'metadata') checkMetadata(property, `${at}.properties[metadata]`, errors)
    else checkStructure(property, 'field', `${at}.properties[${name}]`, errors)
  }
  const values = additionalSchema(schema)
  if (values !== undefined) checkStructure(values, 'field', `${at}.additionalProperties`, errors)
}

function junctorsOf({
  anyOf = [],
  allOf = [],
  oneOf = [],
}: JsonSchema): readonly (readonly [string, readonly JsonSchema[]])[] {
  return [
    ['anyOf', anyOf],
    ['allOf', allOf],
    ['oneOf', oneOf],
  ]
}

/** `anyOf: [{type: integer}, {type: string}]` is the way to say int-or-string; below allOf it is one too. */
function isIntOrStringBranch(schema: JsonSchema, junctor: string): boolean {
  return schema['x-kubernetes-int-or-string'] === true && (junctor === 'anyOf' || junctor === 'allOf')
}

/** Words of JSON schema that definitions may not use. */
const NOT_SUPPORTED = ['id', '$ref', 'additionalItems', 'patternProperties', 'definitions', 'dependencies']

function checkSupported(schema: JsonSchema, at: string, errors: FieldError[]): void {
  const fields: Readonly<Record<string, unknown>> = { ...schema }
  for (const name of NOT_SUPPORTED) {
    const value = fields[name]
    const isEmpty = value === undefined || value === '' || (value instanceof Object && Object.keys(value).length === 0)
    if (!isEmpty) errors.push(fieldForbidden(`${at}.${name}`, `${name} is not supported`))
  }
}

function checkType(schema: JsonSchema, level: Level, at: string, errors: FieldError[]): void {
  const { type } = schema
  const isFree =
    schema['x-kubernetes-int-or-string'] === true || schema['x-kubernetes-preserve-unknown-fields'] === true
  if (type === undefined || type === '') {
    if (!isFree && schema['x-kubernetes-embedded-resource'] !== true)
      errors.push(fieldRequired(`${at}.type`, EMPTY_TYPE[level]))
  } else if (!TYPES.includes(type)) errors.push(fieldNotSupported(`${at}.type`, type, TYPES))
  else if (level === 'root' && type !== 'object')
    errors.push(fieldInvalid(`${at}.type`, type, 'must be object at the root'))
  if (schema['x-kubernetes-preserve-unknown-fields'] === false)
    errors.push(fieldInvalid(`${at}.x-kubernetes-preserve-unknown-fields`, false, 'must be true or undefined'))
}

function checkEmbedded(schema: JsonSchema, at: string, errors: FieldError[]): void {
  if (schema['x-kubernetes-embedded-resource'] !== true) return
  if (schema.type !== 'object') {
    const why = 'must be object if x-kubernetes-embedded-resource is true'
    errors.push(schema.type ? fieldInvalid(`${at}.type`, schema.type, why) : fieldRequired(`${at}.type`, why))
  }
  if (schema.additionalProperties !== undefined)
    errors.push(
      fieldForbidden(`${at}.additionalProperties`, 'must not be used if x-kubernetes-embedded-resource is set'),
    )
  if (schema['x-kubernetes-preserve-unknown-fields'] !== true && Object.keys(schema.properties ?? {}).length === 0) {
    const why =
      'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields'
    errors.push(fieldRequired(`${at}.properties`, why))
  }
}

const LIST_TYPES = ['atomic', 'set', 'map']

function checkLists(schema: JsonSchema, at: string, errors: FieldError[]): void {
  if (schema.type === 'array' && schema.items === undefined)
    errors.push(fieldRequired(`${at}.items`, 'must be specified'))
  const listType = schema['x-kubernetes-list-type']
  const keys = schema['x-kubernetes-list-map-keys'] ?? []
  const typeField = `${at}.x-kubernetes-list-type`
  if (listType === undefined) {
    if (keys.length > 0) errors.push(fieldRequired(typeField, 'must be map if x-kubernetes-list-map-keys is non-empty'))
    return
  }
  if (schema.type !== 'array') {
    const why = 'must be array if x-kubernetes-list-type is specified'
    errors.push(schema.type ? fieldInvalid(`${at}.type`, schema.type, why) : fieldRequired(`${at}.type`, why))
  }
  if (!LIST_TYPES.includes(listType)) errors.push(fieldNotSupported(typeField, listType, LIST_TYPES))
  if (keys.length > 0 && listType !== 'map')
    errors.push(fieldInvalid(typeField, listType, 'must be map if x-kubernetes-list-map-keys is non-empty'))
  if (listType === 'map') checkListMap(schema, keys, at, errors)
  if (listType === 'set') checkListSet(schema, at, errors)
}

function checkListSet({ items }: JsonSchema, at: string, errors: FieldError[]): void {
  const why = 'must be atomic as item of a list with x-kubernetes-list-type=set'
  if (items?.type === 'array' && (items['x-kubernetes-list-type'] ?? 'atomic') !== 'atomic')
    errors.push(fieldInvalid(`${at}.items.x-kubernetes-list-type`, items['x-kubernetes-list-type'], why))
  if (items?.type === 'object' && items['x-kubernetes-map-type'] !== 'atomic')
    errors.push(fieldInvalid(`${at}.items.x-kubernetes-map-type`, items['x-kubernetes-map-type'], why))
}

function checkListMap({ items }: JsonSchema, keys: readonly string[], at: string, errors: FieldError[]): void {
  const keysField = `${at}.x-kubernetes-list-map-keys`
  if (keys.length === 0) errors.push(fieldRequired(keysField, 'must not be empty if x-kubernetes-list-type is map'))
  if (items === undefined) {
    errors.push(fieldRequired(`${at}.items`, 'must have a schema if x-kubernetes-list-type is map'))
    return
  }
  if (items.type !== 'object') {
    const why = "must be object if parent array's x-kubernetes-list-type is map"
    errors.push(fieldInvalid(`${at}.items.type`, items.type, why))
    return
  }
  for (const key of keys) {
    const property = items.properties?.[key]
    if (property === undefined)
      errors.push(fieldInvalid(keysField, keys, 'entries must all be names of item properties'))
    else if (property.type === 'array' || property.type === 'object') {
      const why = "must be a scalar type if parent array's x-kubernetes-list-type is map"
      errors.push(fieldInvalid(`${at}.items.properties[${key}].type`, property.type, why))
    } else if (property.default === undefined && items.required?.includes(key) !== true) {
      const why = 'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property'
      errors.push(fieldRequired(`${at}.items.properties[${key}].default`, why))
    }
  }
  if (new Set(keys).size !== keys.length)
    errors.push(fieldInvalid(keysField, keys, 'must not contain duplicate entries'))
}

function checkMaps(schema: JsonSchema, level: Level, at: string, errors: FieldError[]): void {
  const mapType = schema['x-kubernetes-map-type']
  if (mapType !== undefined && schema.type !== 'object') {
    const why = 'must be object if x-kubernetes-map-type is specified'
    errors.push(schema.type ? fieldInvalid(`${at}.type`, schema.type, why) : fieldRequired(`${at}.type`, why))
  }
  if (mapType !== undefined && mapType !== 'atomic' && mapType !== 'granular')
    errors.push(fieldNotSupported(`${at}.x-kubernetes-map-type`, mapType, ['atomic', 'granular']))
  const field = `${at}.additionalProperties`
  if (schema.additionalProperties === undefined) return
  if (level === 'root') errors.push(fieldForbidden(field, 'must not be used at the root'))
  if (schema.additionalProperties !== true && Object.keys(schema.properties ?? {}).length > 0)
    errors.push(fieldForbidden(field, 'additionalProperties and properties are mutual exclusive'))
  else if (schema.additionalProperties === false)
    errors.push(fieldForbidden(field, 'additionalProperties cannot be set to false'))
}

function checkValues({ pattern, uniqueItems }: JsonSchema, at: string, errors: FieldError[]): void {
  if (uniqueItems === true) {
    const why = 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic'
    errors.push(fieldForbidden(`${at}.uniqueItems`, why))
  }
  const fault = pattern ? patternFault(pattern) : undefined
  if (fault !== undefined)
    errors.push(fieldInvalid(`${at}.pattern`, pattern, `must be a valid regular expression, but isn't: ${fault}`))
}

/** What may not stand below allOf, anyOf, oneOf and not; fields that stand there must be specified outside too. */
const NOT_NESTED = ['description', 'type', 'default', 'title', 'nullable', 'additionalProperties'] as const
const EXTENSIONS_NOT_NESTED = [
  'x-kubernetes-preserve-unknown-fields',
  'x-kubernetes-embedded-resource',
  'x-kubernetes-int-or-string',
  'x-kubernetes-list-type',
  'x-kubernetes-list-map-keys',
  'x-kubernetes-map-type',
  'x-kubernetes-validations',
] as const

function checkNested(schema: JsonSchema, outside: JsonSchema | undefined, at: string, errors: FieldError[]): void {
  const fields: Readonly<Record<string, unknown>> = { ...schema }
  for (const name of NOT_NESTED) {
    if (fields[name] !== undefined && fields[name] !== '' && fields[name] !== false)
      errors.push(
        fieldForbidden(
          `${at}.${name}`,
          `must be ${name === 'nullable' ? 'false' : name === 'default' || name === 'additionalProperties' ? 'undefined' : 'empty'} to be structural`,
        ),
      )
  }
  for (const name of EXTENSIONS_NOT_NESTED) {
    if (fields[name] !== undefined && fields[name] !== false)
      errors.push(fieldForbidden(`${at}.${name}`, 'must be undefined to be structural'))
  }
  checkValues(schema, at, errors)
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const same = outside?.properties?.[name]
    if (same === undefined && outside !== undefined)
      errors.push(
        fieldRequired(pathOutside(at, `properties[${name}]`), `because it is defined in ${at}.properties[${name}]`),
      )
    checkNested(property, same, `${at}.properties[${name}]`, errors)
  }
  if (schema.items !== undefined) {
    if (outside !== undefined && outside.items === undefined)
      errors.push(fieldRequired(pathOutside(at, 'items'), `because it is defined in ${at}.items`))
    checkNested(schema.items, outside?.items, `${at}.items`, errors)
  }
  for (const [junctor, branches] of junctorsOf(schema)) {
    branches.forEach((branch, index) => {
      checkNested(branch, outside, `${at}.${junctor}[${index}]`, errors)
    })
  }
  if (schema.not !== undefined) checkNested(schema.not, outside, `${at}.not`, errors)
}

/** The place outside of allOf, anyOf, oneOf and not that a nested path speaks of. */
function pathOutside(at: string, field: string): string {
  return `${at.replace(/\.(anyOf|allOf|oneOf)\[[0-9]+\]|\.not(?=\.|$)/g, '')}.${field}`
}

function checkMetadata(schema: JsonSchema, at: string, errors: FieldError[]): void {
  if (schema.type !== 'object') errors.push(fieldInvalid(`${at}.type`, schema.type ?? '', 'must be object'))
  const allowed = new Set(['type', 'properties', 'description'])
  const names = Object.keys(schema.properties ?? {})
  if (
    Object.keys(schema).some((key) => !allowed.has(key)) ||
    names.some((name) => name !== 'name' && name !== 'generateName')
  ) {
    const why = 'must not specify anything other than name and generateName, but metadata is implicitly specified'
    errors.push(fieldForbidden(at, why))
  }
}

const REASONS = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired']

function checkRules(schema: JsonSchema, at: string, errors: FieldError[]): void {
  const rules: readonly ValidationRule[] = schema['x-kubernetes-validations'] ?? []
  rules.forEach(({ rule, message, messageExpression, reason, fieldPath }, index) => {
    const field = `${at}.x-kubernetes-validations[${index}]`
    if (!rule?.trim()) errors.push(fieldRequired(`${field}.rule`, 'rule is not specified'))
    else if (message && message.trim() === '')
      errors.push(fieldInvalid(`${field}.message`, message, 'must be non-empty if specified'))
    else if (message && /[\r\n]/.test(message.trim()))
      errors.push(fieldInvalid(`${field}.message`, message, 'must not contain line breaks'))
    else if (/[\r\n]/.test(rule.trim()) && !message)
      errors.push(fieldRequired(`${field}.message`, 'message must be specified if rule contains line breaks'))
    if (messageExpression && messageExpression.trim() === '')
      errors.push(fieldRequired(`${field}.messageExpression`, 'messageExpression must be non-empty if specified'))
    if (reason !== undefined && !REASONS.includes(reason))
      errors.push(fieldNotSupported(`${field}.reason`, reason, REASONS))
    if (fieldPath && fieldPath.trim() === '')
      errors.push(fieldInvalid(`${field}.fieldPath`, fieldPath, 'must be non-empty if specified'))
    else if (fieldPath && /[\r\n]/.test(fieldPath))
      errors.push(fieldInvalid(`${field}.fieldPath`, fieldPath, 'must not contain line breaks'))
  })
}
