/**
 * Copies between the caller's objects and frozen JSON. A body that leaves a controller is frozen and clean, so that
 * it may be shared, stored and compared without fear; an answer that belongs to the caller is a plain mutable copy.
 */
import type { Json } from '#api/object.ts'

/** Deeper nesting is taken for a cycle. */
const depthMax = 200

/** A call that no API server would get to see: the body is no JSON, or the call names nothing. A defect of the caller. */
export class ClientUsageError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'ClientUsageError'
  }
}

/**
 * The value as deeply frozen JSON; shared, not copied, where it is frozen and clean already. As in JSON.stringify,
 * fields that are undefined are left out, undefined in an array becomes null, and a Date becomes its ISO string.
 * @throws ClientUsageError that names the field, for what JSON cannot carry.
 */
export function frozenJson(value: unknown, what = 'the body'): Json {
  return freezeValue(value, { what, keys: [] })
}

/** A deep copy of clean JSON that the caller may change. */
export function mutableCopy<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) {
    const copy = new Array(value.length)
    for (let index = 0; index < value.length; index++) copy[index] = mutableCopy(value[index])
    return copy as T
  }
  const copy: Record<string, unknown> = {}
  for (const key in value) {
    const field = (value as Record<string, unknown>)[key]
    if (key === '__proto__') defineField(copy, key, mutableCopy(field))
    else copy[key] = typeof field === 'object' && field !== null ? mutableCopy(field) : field
  }
  return copy as T
}

interface Place {
  readonly what: string
  /** The path to the value at hand; pushed and popped on the way. */
  readonly keys: (string | number)[]
}

function freezeValue(value: unknown, place: Place): Json {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value
    case 'number':
      if (Number.isFinite(value)) return value
      throw unfit(place, `is ${value}, which JSON cannot carry`)
    case 'object':
      if (value === null) return null
      if (place.keys.length > depthMax) throw unfit(place, 'contains itself, or is nested too deeply')
      return Array.isArray(value) ? freezeArray(value, place) : freezeObject(value, place)
    case 'undefined':
      throw unfit(place, 'is undefined')
    case 'bigint':
      throw unfit(place, 'is a BigInt, which JSON cannot carry: use a number, or a string')
    default:
      throw unfit(place, `is a ${typeof value}, which JSON cannot carry`)
  }
}

function freezeArray(value: readonly unknown[], place: Place): Json {
  let same = Object.isFrozen(value)
  const copy: Json[] = new Array(value.length)
  for (let index = 0; index < value.length; index++) {
    const element = value[index]
    if (element === undefined) {
      copy[index] = null
      same = false
      continue
    }
    place.keys.push(index)
    const frozen = freezeValue(element, place)
    place.keys.pop()
    copy[index] = frozen
    if (frozen !== element) same = false
  }
  return same ? (value as readonly Json[]) : Object.freeze(copy)
}

function freezeObject(value: object, place: Place): Json {
  const prototype = Object.getPrototypeOf(value)
  // A plain object of another realm has another Object.prototype, whose own prototype is null too.
  if (prototype !== Object.prototype && prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    if (Object.prototype.toString.call(value) === '[object Date]')
      return dateText(value as { toJSON(): string | null }, place)
    throw unfit(
      place,
      `is an instance of ${prototype.constructor?.name || 'a class'}, which is no JSON: write a plain object ({ ...it })`,
    )
  }
  let same = Object.isFrozen(value)
  const copy: Record<string, Json> = {}
  for (const key of Object.keys(value)) {
    const field = (value as Record<string, unknown>)[key]
    if (field === undefined) {
      same = false
      continue
    }
    let frozen: Json
    if (typeof field === 'string' || typeof field === 'boolean') frozen = field
    else {
      place.keys.push(key)
      frozen = freezeValue(field, place)
      place.keys.pop()
      if (frozen !== field) same = false
    }
    if (key === '__proto__') defineField(copy, key, frozen)
    else copy[key] = frozen
  }
  return same ? (value as Json) : Object.freeze(copy)
}

function dateText(value: { toJSON(): string | null }, place: Place): string {
  const text = value.toJSON()
  if (text === null) throw unfit(place, 'is an invalid Date')
  return text
}

/** Assigning to `__proto__` would change the prototype instead of adding a field. */
function defineField(target: object, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true })
}

function unfit(place: Place, complaint: string): ClientUsageError {
  const shown = place.keys.length > 8 ? [...place.keys.slice(0, 8), '…'] : place.keys
  const path = shown
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${key}`))
    .join('')
    .replace(/^\./, '')
  const field = path === '' ? place.what : `field ${path} of ${place.what}`
  return new ClientUsageError(`${field} ${complaint}. The API server takes JSON only.`)
}
