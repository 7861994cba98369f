/**
 * Validation of a value by its schema, with the API server's causes, field paths and messages. A schema is compiled
 * once into closures; a check without a report stops at the first fault and builds no paths, so that what is valid
 * (nearly every write) costs little. A part that equals the same part of the old object is not judged again
 * (ratcheting).
 * Source: kube-openapi/pkg/validation/validate, apiextensions-apiserver/pkg/apiserver/validation.
 */
import { equalJson } from '../equal.ts'
import {
  type FieldError,
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
  fieldTooLong,
  fieldTooMany,
  fieldTypeInvalid,
} from '../field-errors.ts'
import { formatCheck } from './formats.ts'
import { additionalSchema, type Fields, isFields, type JsonSchema } from './json-schema.ts'
import { compilePattern } from './patterns.ts'

/** Where faults are collected. `matched` counts checks as upstream does, to choose the nearest branch of an anyOf. */
export interface Report {
  readonly errors: FieldError[]
  matched: number
}

/** A place in the object that is judged: without a report nothing is said, only true or false. */
interface Place {
  readonly path: string
  readonly report: Report
}

type Check = (value: unknown, old: unknown, place: Place | undefined) => boolean

/** The faults of a value; `old` undefined for a new one. Paths are relative to the value. */
export type ValidateValue = (value: unknown, old: unknown) => readonly FieldError[]

const NO_ERRORS: readonly FieldError[] = Object.freeze([])

export function compileValidation(schema: JsonSchema): ValidateValue {
  const check = checkOf(schema)
  return (value, old) => {
    if (check(value, old, undefined)) return NO_ERRORS
    const report: Report = { errors: [], matched: 0 }
    check(value, old, { path: '', report })
    return withoutDuplicates(report.errors)
  }
}

function withoutDuplicates(errors: readonly FieldError[]): readonly FieldError[] {
  const seen = new Set<string>()
  return errors.filter((error) => {
    const key = `${error.field} ${error.message}`
    return !seen.has(key) && seen.add(key)
  })
}

/** Every check of a schema, as one. */
function checkOf(schema: JsonSchema): Check {
  const checks = [
    typeCheck(schema),
    ...junctorChecks(schema),
    stringCheck(schema),
    numberCheck(schema),
    listCheck(schema),
    enumCheck(schema),
    objectCheck(schema),
  ].filter((check) => check !== undefined)
  const nullChecks = [typeCheck(schema), enumCheck(schema)].filter((check) => check !== undefined)
  return (value, old, place) => {
    if (value === old && value !== undefined) return true
    const list = value === null ? nullChecks : checks
    if (place === undefined) {
      for (const check of list) if (!check(value, old, undefined)) return false
      return true
    }
    if (old !== undefined && equalJson(value, old)) return true
    place.report.matched += value === null ? 0 : applicableChecks(schema, value)
    let valid = true
    for (const check of list) valid = check(value, old, place) && valid
    return valid
  }
}

/** How many of upstream's validators look at a value of this type, and those that count themselves. */
function applicableChecks(schema: JsonSchema, value: unknown): number {
  const typed = schema.type !== undefined || schema['x-kubernetes-int-or-string'] === true ? 1 : 0
  const ofKind = typeof value === 'boolean' ? 0 : typeof value === 'number' || Array.isArray(value) ? 2 : 1
  const format = typeof value === 'string' && formatCheck(schema.format) !== undefined ? 1 : 0
  return 4 + typed + ofKind + format
}

function fail(place: Place | undefined, error: (path: string) => FieldError): false {
  place?.report.errors.push(error(place.path))
  return false
}

const inBody = (path: string, text: string): string => `${path} in body ${text}`

/** JSON's name of a value's type; a number without fraction is an integer. */
function typeName(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number'
  return typeof value
}

function typeCheck(schema: JsonSchema): Check | undefined {
  const wanted = schema['x-kubernetes-int-or-string'] === true ? 'integer,string' : schema.type
  if (wanted === undefined) return undefined
  const matches = TYPE_TESTS[wanted]
  const isNullable = schema.nullable === true
  return (value, _old, place) => {
    if (value === null ? isNullable : matches === undefined || matches(value)) {
      if (place !== undefined) place.report.matched++
      return true
    }
    const actual = typeName(value)
    return fail(place, (path) =>
      fieldTypeInvalid(path, actual, inBody(path, `must be of type ${wanted}: ${JSON.stringify(actual)}`)),
    )
  }
}

const TYPE_TESTS: Readonly<Record<string, (value: unknown) => boolean>> = {
  string: (value) => typeof value === 'string',
  boolean: (value) => typeof value === 'boolean',
  number: (value) => typeof value === 'number',
  integer: (value) => Number.isInteger(value),
  'integer,string': (value) => typeof value === 'string' || Number.isInteger(value),
  array: (value) => Array.isArray(value),
  object: isFields,
}

/** Length in code points. */
function lengthOf(text: string): number {
  let length = text.length
  for (let index = 0; index < text.length - 1; index++) {
    const code = text.charCodeAt(index)
    if (code >= 0xd800 && code <= 0xdbff) length--
  }
  return length
}

/** Only the first fault of a string is named, and that of its format. */
function stringCheck({ minLength, maxLength, pattern, format }: JsonSchema): Check | undefined {
  const checkFormat = formatCheck(format)
  if (minLength === undefined && maxLength === undefined && !pattern && checkFormat === undefined) return undefined
  const matches = pattern ? compilePattern(pattern) : undefined
  const textFault = (value: string): ((path: string) => FieldError) | undefined => {
    if (maxLength !== undefined && lengthOf(value) > maxLength) return (path) => fieldTooLong(path, maxLength)
    if (minLength !== undefined && lengthOf(value) < minLength)
      return (path) => fieldInvalid(path, value, inBody(path, `should be at least ${minLength} chars long`))
    if (matches !== undefined && !matches(value))
      return (path) => fieldInvalid(path, value, inBody(path, `should match '${pattern}'`))
    return undefined
  }
  return (value, _old, place) => {
    if (typeof value !== 'string') return true
    const fault = textFault(value)
    const validFormat = checkFormat === undefined || checkFormat(value)
    if (fault === undefined && validFormat) return true
    if (fault !== undefined) fail(place, fault)
    if (!validFormat)
      fail(place, (path) =>
        fieldTypeInvalid(path, value, inBody(path, `must be of type ${format}: ${JSON.stringify(value)}`)),
      )
    return false
  }
}

function numberCheck(schema: JsonSchema): Check | undefined {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema
  if (minimum === undefined && maximum === undefined && multipleOf === undefined) return undefined
  return (value, _old, place) => {
    if (typeof value !== 'number') return true
    const invalid = (text: string): false => fail(place, (path) => fieldInvalid(path, value, inBody(path, text)))
    let valid = true
    if (multipleOf !== undefined && !isMultiple(value, multipleOf))
      valid = invalid(`should be a multiple of ${multipleOf}`)
    if (maximum !== undefined && (value > maximum || (exclusiveMaximum === true && value === maximum)))
      valid = invalid(`should be less than ${exclusiveMaximum === true ? '' : 'or equal to '}${maximum}`)
    if (minimum !== undefined && (value < minimum || (exclusiveMinimum === true && value === minimum)))
      valid = invalid(`should be greater than ${exclusiveMinimum === true ? '' : 'or equal to '}${minimum}`)
    return valid
  }
}

/** Upstream compares an integer with the integral part of the factor, and everything else as floats. */
function isMultiple(value: number, factor: number): boolean {
  const whole = Math.trunc(factor)
  if (Number.isInteger(value) && whole > 0) return value % whole === 0
  if (factor <= 0) return false
  const quotient = factor < 1 ? (1 / factor) * value : value / factor
  return Math.abs(quotient - Math.round(quotient)) < 1e-9
}

function enumCheck({ enum: values }: JsonSchema): Check | undefined {
  if (values === undefined || values.length === 0) return undefined
  const scalars = new Set(values.filter((value) => value === null || typeof value !== 'object'))
  const others = values.filter((value) => value !== null && typeof value === 'object')
  const supported = values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value)))
  return (value, _old, place) =>
    scalars.has(value) ||
    others.some((other) => equalJson(other, value)) ||
    fail(place, (path) => fieldNotSupported(path, value, supported))
}

function listCheck(schema: JsonSchema): Check | undefined {
  const { items, minItems, maxItems, uniqueItems } = schema
  if (items === undefined && minItems === undefined && maxItems === undefined && uniqueItems !== true) return undefined
  const checkItem = items === undefined ? undefined : checkOf(items)
  const keys = schema['x-kubernetes-list-type'] === 'map' ? (schema['x-kubernetes-list-map-keys'] ?? []) : undefined
  return (value, old, place) => {
    if (!Array.isArray(value)) return true
    const list = value as readonly unknown[]
    let valid = true
    if (checkItem !== undefined) {
      const former = keys === undefined || !Array.isArray(old) ? undefined : (old as readonly unknown[])
      for (let index = 0; index < list.length; index++) {
        const item = list[index]
        const at = place === undefined ? undefined : { ...place, path: `${place.path}[${index}]` }
        const before = former === undefined ? undefined : sameKeys(former, item, keys as readonly string[], index)
        if (checkItem(item, before, at)) continue
        if (place === undefined) return false
        valid = false
      }
    }
    if (minItems !== undefined && list.length < minItems)
      valid = fail(place, (path) =>
        fieldInvalid(path, list.length, inBody(path, `should have at least ${minItems} items`)),
      )
    if (maxItems !== undefined && list.length > maxItems)
      valid = fail(place, (path) => fieldTooMany(path, list.length, maxItems))
    if (
      uniqueItems === true &&
      list.some((item, index) => list.slice(0, index).some((other) => equalJson(item, other)))
    )
      valid = fail(place, (path) => fieldInvalid(path, '', inBody(path, "shouldn't contain duplicates")))
    return valid
  }
}

/** The element of a list-type map with the same keys. */
function sameKeys(list: readonly unknown[], item: unknown, keys: readonly string[], index: number): unknown {
  if (list[index] === item) return item
  if (!isFields(item)) return undefined
  return list.find((other) => isFields(other) && keys.every((key) => equalJson(other[key], item[key])))
}

function objectCheck(schema: JsonSchema): Check | undefined {
  const { required = [], minProperties, maxProperties } = schema
  const properties = new Map(Object.entries(schema.properties ?? {}).map(([key, below]) => [key, checkOf(below)]))
  const values = additionalSchema(schema)
  const additional = values === undefined ? undefined : checkOf(values)
  const counts = minProperties !== undefined || maxProperties !== undefined
  if (properties.size === 0 && additional === undefined && required.length === 0 && !counts) return undefined
  return (value, old, place) => {
    if (!isFields(value)) return true
    const former: Fields | undefined = isFields(old) ? old : undefined
    let valid = !counts || checkCount(schema, Object.keys(value).length, place)
    if (!valid && place === undefined) return false
    for (const key of Object.keys(value)) {
      const check = properties.get(key) ?? additional
      if (check === undefined) continue
      const at = place === undefined ? undefined : { ...place, path: place.path === '' ? key : `${place.path}.${key}` }
      if (check(value[key], former === undefined ? undefined : former[key], at)) continue
      if (place === undefined) return false
      valid = false
    }
    for (const key of required) {
      if (Object.hasOwn(value, key)) continue
      valid = fail(place, (path) => fieldRequired(path === '' ? key : `${path}.${key}`))
      if (place === undefined) return false
    }
    return valid
  }
}

function checkCount({ minProperties, maxProperties }: JsonSchema, count: number, place: Place | undefined): boolean {
  if (minProperties !== undefined && count < minProperties)
    return fail(place, (path) =>
      fieldInvalid(path, count, inBody(path, `should have at least ${minProperties} properties`)),
    )
  if (maxProperties !== undefined && count > maxProperties)
    return fail(place, (path) => fieldTooMany(path, count, maxProperties))
  return true
}

/** allOf, anyOf, oneOf and not. Their own faults have no field: upstream prints it as `<nil>`. */
function junctorChecks(schema: JsonSchema): readonly Check[] {
  const checks: Check[] = []
  const { anyOf = [], oneOf = [], allOf = [], not } = schema
  if (anyOf.length > 0) checks.push(anyOfCheck(anyOf.map(checkOf)))
  if (oneOf.length > 0) checks.push(oneOfCheck(oneOf.map(checkOf)))
  if (allOf.length > 0) checks.push(allOfCheck(allOf.map(checkOf)))
  if (not !== undefined) {
    const check = checkOf(not)
    checks.push(
      (value, old, place) => !check(value, old, undefined) || failHere(place, 'must not validate the schema (not)'),
    )
  }
  return checks
}

function failHere(place: Place | undefined, text: string): false {
  return fail(place, (path) => fieldInvalid('<nil>', '', `${JSON.stringify(path)} ${text}`))
}

function anyOfCheck(branches: readonly Check[]): Check {
  return (value, old, place) => {
    if (branches.some((branch) => branch(value, old, undefined))) return true
    failHere(place, 'must validate at least one schema (anyOf)')
    reportNearest(branches, value, old, place)
    return false
  }
}

function oneOfCheck(branches: readonly Check[]): Check {
  return (value, old, place) => {
    const valid = branches.filter((branch) => branch(value, old, undefined)).length
    if (valid === 1) return true
    const found = valid === 0 ? 'Found none valid' : `Found ${valid} valid alternatives`
    failHere(place, `must validate one and only one schema (oneOf). ${found}`)
    if (valid === 0) reportNearest(branches, value, old, place)
    return false
  }
}

function allOfCheck(branches: readonly Check[]): Check {
  return (value, old, place) => {
    let valid = 0
    for (const branch of branches) {
      if (branch(value, old, place)) valid++
      else if (place === undefined) return false
    }
    return (
      valid === branches.length ||
      failHere(place, `must validate all the schemas (allOf)${valid === 0 ? '. None validated' : ''}`)
    )
  }
}

/** The faults of the branch that most checks held in. */
function reportNearest(branches: readonly Check[], value: unknown, old: unknown, place: Place | undefined): void {
  if (place === undefined) return
  let nearest: Report | undefined
  for (const branch of branches) {
    const report: Report = { errors: [], matched: 0 }
    branch(value, old, { path: place.path, report })
    if (nearest === undefined || report.matched > nearest.matched) nearest = report
  }
  place.report.errors.push(...(nearest?.errors ?? []))
}
