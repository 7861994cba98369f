/**
 * JSON merge patch (RFC 7386): null removes, objects merge, everything else replaces.
 */
import { copyFields, setField } from './clone.ts'

type Fields = Readonly<Record<string, unknown>>

/** The patched value; shares unchanged parts with `target` and `patch`, changes neither. New objects are frozen. */
export function applyMergePatch(target: unknown, patch: unknown): unknown {
  if (!isFields(patch)) return patch
  const old: Fields = isFields(target) ? target : {}
  const result = copyFields(old)
  for (const key of Object.keys(patch)) {
    const value = patch[key]
    if (value === null) delete result[key]
    else if (value !== undefined)
      setField(result, key, isFields(value) ? applyMergePatch(ownField(old, key), value) : value)
  }
  return Object.freeze(result)
}

function ownField(fields: Fields, key: string): unknown {
  return Object.hasOwn(fields, key) ? fields[key] : undefined
}

function isFields(value: unknown): value is Fields {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}
