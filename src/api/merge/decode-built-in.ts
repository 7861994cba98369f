/**
 * Objects of built-in kinds as Go's types hold them: fields that nobody declared are dropped, nulls are the absence of
 * a value, quantities and times have one form each, and a value of another type is a fault.
 * Source: sigs.k8s.io/json, apimachinery/pkg/apis/meta/v1/{time,micro_time}.go, pkg/api/resource/quantity.go.
 */
import { setField } from '../clone.ts'
import { canonicalQuantity } from '../structural-schema/quantity-text.ts'
import type { MergeType, ObjectType, ScalarType } from './merge-types.ts'

type Fields = Readonly<Record<string, unknown>>

export interface DecodedBuiltIn {
  /** The very value that was given when it is as the types hold it. New parts are frozen. */
  readonly value: unknown
  /** Paths of fields that nobody declared, in the order of the text: `spec.containers[0].extra`. */
  readonly unknown: readonly string[]
  /** Why the value cannot be held at all; the first reason. */
  readonly fault?: string
}

const NONE: readonly string[] = Object.freeze([])

/** `value` as `type` holds it. */
export function decodeBuiltIn(type: MergeType, value: unknown): DecodedBuiltIn {
  if (isHeld(type, value)) return { value, unknown: NONE }
  const decoding: Decoding = { unknown: [], fault: undefined }
  const decoded = decode(type, value, ROOT, decoding)
  return {
    value: decoded,
    unknown: decoding.unknown,
    ...(decoding.fault === undefined ? {} : { fault: decoding.fault }),
  }
}

/** Frozen values that are known to be as their type holds them: the same parts are sent again and again. */
const known = new WeakMap<object, MergeType>()

/** Whether decoding would change nothing: the common case, without paths and copies. */
function isHeld(type: MergeType, value: unknown): boolean {
  if (value === undefined || type.kind === 'untyped') return true
  if (type.kind === 'scalar') return isHeldScalar(type, value)
  if (typeof value === 'boolean') return type.kind === 'object' && type.orBoolean === true
  if (value === null || typeof value !== 'object') return false
  if (known.get(value) === type) return true
  if (!(type.kind === 'list' ? areItemsHeld(type.item, value) : areFieldsHeld(type, value))) return false
  if (Object.isFrozen(value)) known.set(value, type)
  return true
}

function areItemsHeld(item: MergeType, list: object): boolean {
  if (!Array.isArray(list)) return false
  for (const each of list) if (each === undefined || !isHeld(item, each)) return false
  return true
}

function areFieldsHeld(type: ObjectType, fields: object): boolean {
  if (Array.isArray(fields)) return false
  for (const key of Object.keys(fields)) {
    const field = type.field(key)
    if (field === undefined || !isHeld(field.type, (fields as Fields)[key])) return false
  }
  return true
}

const TIME = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3])(?::[0-5]\d){2}Z$/
const MICRO_TIME = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3])(?::[0-5]\d){2}\.\d{6}Z$/

function isHeldScalar({ scalar, form }: ScalarType, value: unknown): boolean {
  if (form === undefined)
    return scalar === 'number' ? Number.isInteger(value) : scalar === 'any' || typeof value === scalar
  switch (form) {
    case 'time':
      return typeof value === 'string' && TIME.test(value)
    case 'microTime':
      return typeof value === 'string' && MICRO_TIME.test(value)
    case 'quantity':
      return typeof value === 'string' && canonicalQuantity(value) === value
    case 'intOrString':
      return typeof value === 'string' || Number.isInteger(value)
    case 'float':
      return typeof value === 'number'
  }
}

interface Decoding {
  readonly unknown: string[]
  fault: string | undefined
}

interface Place {
  /** With indices, as warnings have it. */
  readonly path: string
  /** Without them, as Go's decoder has it. */
  readonly goPath: string
  /** The struct that has the field. */
  readonly struct: string
}

const ROOT: Place = { path: '', goPath: '', struct: '' }

function decode(type: MergeType, value: unknown, place: Place, decoding: Decoding): unknown {
  if (isHeld(type, value)) return value
  if (value === null) return emptyOf(type)
  switch (type.kind) {
    case 'scalar':
      return decodeScalar(type, value, place, decoding)
    case 'list': {
      if (!Array.isArray(value)) return wrongType(type, value, place, decoding)
      return Object.freeze(
        value.map((item, index) =>
          decode(type.item, item ?? null, { ...place, path: `${place.path}[${index}]` }, decoding),
        ),
      )
    }
    case 'object':
      if (typeof value !== 'object' || Array.isArray(value)) return wrongType(type, value, place, decoding)
      return decodeFields(type, value as Fields, place, decoding)
    default:
      return value
  }
}

function decodeFields(type: ObjectType, fields: Fields, place: Place, decoding: Decoding): unknown {
  const decoded: Record<string, unknown> = {}
  const struct = type.name === undefined ? place.struct : (type.name.split('.').at(-1) as string)
  for (const key of Object.keys(fields)) {
    const value = fields[key]
    if (value === undefined) continue
    const field = type.field(key)
    const path = place.path === '' ? key : `${place.path}.${key}`
    if (field === undefined) {
      decoding.unknown.push(path)
      continue
    }
    if (value === null && field.isMapKey !== true) continue
    const isEntry = field.isMapKey === true
    const goPath = isEntry ? place.goPath : place.goPath === '' ? key : `${place.goPath}.${key}`
    setField(decoded, key, decode(field.type, value, { path, goPath, struct }, decoding))
  }
  return Object.freeze(decoded)
}

/** What Go makes of a null item of a list or value of a map. */
function emptyOf(type: MergeType): unknown {
  if (type.kind === 'list' || type.kind === 'untyped') return null
  if (type.kind === 'object') return Object.freeze({})
  if (type.form === 'quantity') return '0'
  if (type.form === 'float') return 0
  if (type.form !== undefined || type.scalar === 'any') return null
  return type.scalar === 'string' ? '' : type.scalar === 'number' ? 0 : false
}

function decodeScalar(type: ScalarType, value: unknown, place: Place, decoding: Decoding): unknown {
  switch (type.form) {
    case 'time':
    case 'microTime': {
      if (typeof value !== 'string') return wrongType(type, value, place, decoding)
      const text = timeText(value, type.form === 'microTime')
      decoding.fault ??= text === undefined ? timeFault(value, type.form === 'microTime') : undefined
      return text ?? value
    }
    case 'quantity': {
      const text =
        typeof value === 'string' || typeof value === 'number' ? canonicalQuantity(String(value).trim()) : undefined
      decoding.fault ??= text === undefined ? QUANTITY_FAULT : undefined
      return text ?? value
    }
    default:
      return wrongType(type, value, place, decoding)
  }
}

const QUANTITY_FAULT = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"

const RFC_3339 = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:[.,](\d+))?(Z|[+-]\d\d:\d\d)$/

/** In UTC, with whole seconds or exactly six decimals; undefined for what is no time. */
function timeText(text: string, isMicro: boolean): string | undefined {
  const match = RFC_3339.exec(text)
  if (match === null) return undefined
  const [, seconds = '', fraction = '', zone = ''] = match
  const timeMs = Date.parse(seconds + zone)
  if (Number.isNaN(timeMs)) return undefined
  const utc = new Date(timeMs).toISOString().slice(0, 19)
  return isMicro ? `${utc}.${fraction.slice(0, 6).padEnd(6, '0')}Z` : `${utc}Z`
}

function timeFault(text: string, isMicro: boolean): string {
  const layout = isMicro ? '2006-01-02T15:04:05.000000Z07:00' : '2006-01-02T15:04:05Z07:00'
  return `parsing time ${JSON.stringify(text)} as ${JSON.stringify(layout)}: cannot parse ${JSON.stringify(text)} as "2006"`
}

/** The value itself; the sentence is that of Go's decoder. */
function wrongType(type: MergeType, value: unknown, { goPath, struct }: Place, decoding: Decoding): unknown {
  const found = Array.isArray(value)
    ? 'array'
    : typeof value === 'boolean'
      ? 'bool'
      : typeof value === 'number' && !Number.isInteger(value)
        ? `number ${value}`
        : typeof value
  const wanted = goType(type)
  decoding.fault ??= `json: cannot unmarshal ${found} into Go struct field ${struct}.${goPath} of type ${wanted}`
  return value
}

function goType(type: MergeType): string {
  switch (type.kind) {
    case 'scalar':
      if (type.form === 'time' || type.form === 'microTime') return 'string'
      if (type.form === 'float') return 'float64'
      return type.scalar === 'string' ? 'string' : type.scalar === 'boolean' ? 'bool' : 'int32'
    case 'list':
      return `[]${goType(type.item)}`
    case 'object': {
      const values = type.name === undefined ? type.field('') : undefined
      return type.name === undefined
        ? `map[string]${values === undefined ? 'string' : goType(values.type)}`
        : type.name.split('.').slice(-2).join('.')
    }
    default:
      return 'interface {}'
  }
}
