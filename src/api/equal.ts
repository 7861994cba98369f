/**
 * Deep equality of JSON, and the sharing of equal parts between an old and a new version of a value.
 */

import { copyFields, setField } from './clone.ts'

/** Deep equality of JSON. The order of an object's keys does not matter. */
export function equalJson(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return false
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false
    for (let index = 0; index < a.length; index++) if (!equalJson(a[index], b[index])) return false
    return true
  }
  if (Array.isArray(b)) return false
  return equalFields(a as Fields, b as Fields)
}

type Fields = Readonly<Record<string, unknown>>

function equalFields(a: Fields, b: Fields): boolean {
  const keys = Object.keys(a)
  if (keys.length !== Object.keys(b).length) return false
  for (const key of keys) {
    const right = ownField(b, key)
    if (right === undefined || !equalJson(a[key], right)) return false
  }
  return true
}

/**
 * `next` with every part that equals the part of `previous` at the same place replaced by it: `previous` itself when
 * all is equal. So a no-op write is seen by identity, and versions of an object share what did not change.
 * Neither argument is changed; new parts are frozen. Elements of lists are compared place by place.
 */
export function shareEqual<T>(previous: unknown, next: T): T {
  return share(previous, next) as T
}

function share(previous: unknown, next: unknown): unknown {
  if (
    previous === next ||
    next === null ||
    typeof next !== 'object' ||
    previous === null ||
    typeof previous !== 'object'
  ) {
    return next
  }
  if (Array.isArray(next)) return Array.isArray(previous) ? shareItems(previous, next) : next
  return Array.isArray(previous) ? next : shareFields(previous as Fields, next as Fields)
}

function shareItems(previous: readonly unknown[], next: readonly unknown[]): unknown {
  let same = previous.length === next.length
  let copy: unknown[] | undefined
  for (let index = 0; index < next.length; index++) {
    const item = index < previous.length ? share(previous[index], next[index]) : next[index]
    if (same && item !== previous[index]) same = false
    if (item !== next[index]) {
      copy ??= next.slice()
      copy[index] = item
    }
  }
  if (same) return previous
  return copy === undefined ? next : Object.freeze(copy)
}

function shareFields(previous: Fields, next: Fields): unknown {
  const keys = Object.keys(next)
  let same = keys.length === Object.keys(previous).length
  let copy: Record<string, unknown> | undefined
  for (const key of keys) {
    const old = ownField(previous, key)
    const field = share(old, next[key])
    if (same && (field !== old || field === undefined)) same = false
    if (field !== next[key]) {
      copy ??= copyFields(next)
      setField(copy, key, field)
    }
  }
  if (same) return previous
  return copy === undefined ? next : Object.freeze(copy)
}

/** JSON may name `__proto__`; an object that has no such field answers its prototype. */
function ownField(fields: Fields, key: string): unknown {
  return key === '__proto__' && !Object.hasOwn(fields, key) ? undefined : fields[key]
}
