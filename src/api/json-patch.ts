/**
 * JSON Patch (RFC 6902) over frozen JSON: copies the paths it changes and shares the rest.
 * A patch that cannot be decoded is `malformed` (400); one that does not fit the document is `failed` (422).
 * The texts follow github.com/evanphx/json-patch, which the API server uses.
 */
import { setField } from './clone.ts'
import { equalJson } from './equal.ts'

export type JsonPatchResult =
  | { readonly type: 'ok'; readonly value: unknown }
  /** Not a JSON patch at all. */
  | { readonly type: 'malformed'; readonly message: string }
  /** A `test` that does not hold, or a path that is not there. */
  | { readonly type: 'failed'; readonly message: string }
  /** More operations than a patch may have. */
  | { readonly type: 'large'; readonly message: string }

interface Operation {
  readonly op: string
  readonly path: readonly string[]
  readonly from?: readonly string[]
  readonly value?: unknown
}

/** As upstream. */
const OPERATIONS_MAX = 10_000
/** Bytes of JSON that all copies of one patch may add, as upstream. */
const COPIED_BYTES_MAX = 3 * 1024 * 1024
/** Entries of lists and maps that one patch may move in memory: about a second. Upstream has no such limit. */
const ENTRIES_MAX = 50_000_000

/** Applies all operations or none. */
export function applyJsonPatch(document: unknown, patch: unknown): JsonPatchResult {
  const operations = decodeOperations(patch)
  if (typeof operations === 'string') return { type: 'malformed', message: operations }
  if (operations.length > OPERATIONS_MAX) {
    const message = `The allowed maximum operations in a JSON patch is ${OPERATIONS_MAX}, got ${operations.length}`
    return { type: 'large', message }
  }
  let value = document
  let copiedBytes = 0
  let entries = 0
  try {
    for (const operation of operations) {
      if (operation.op === 'copy') copiedBytes += bytesAt(value, operation.from as readonly string[])
      if (copiedBytes > COPIED_BYTES_MAX)
        throw new PatchFailure(
          `Unable to complete the copy, the accumulated size increase of copy is ${copiedBytes}, exceeding the limit ${COPIED_BYTES_MAX}`,
        )
      if (operation.op !== 'test') entries += entriesOn(value, operation.path)
      if (operation.op === 'move') entries += entriesOn(value, operation.from as readonly string[])
      if (entries > ENTRIES_MAX) throw new PatchFailure('the patch takes too long: it changes large lists too often')
      value = applyOperation(value, operation)
    }
  } catch (error) {
    if (error instanceof PatchFailure) return { type: 'failed', message: error.message }
    throw error
  }
  return { type: 'ok', value }
}

function bytesAt(document: unknown, path: readonly string[]): number {
  const { value } = find(document, path)
  return value === undefined ? 0 : JSON.stringify(value).length
}

/** How many entries the lists and maps on the way to a place have: what a change there copies. */
function entriesOn(document: unknown, path: readonly string[]): number {
  let entries = 0
  let value = document
  for (const token of path) {
    if (value === null || typeof value !== 'object') break
    entries += Array.isArray(value) ? value.length : Object.keys(value).length
    value = Array.isArray(value)
      ? value[existingIndex(value, token) ?? -1]
      : Object.hasOwn(value, token)
        ? (value as Record<string, unknown>)[token]
        : undefined
  }
  return entries
}

class PatchFailure extends Error {}

const OPS = ['add', 'remove', 'replace', 'move', 'copy', 'test']

function decodeOperations(patch: unknown): readonly Operation[] | string {
  if (!Array.isArray(patch)) return 'json: cannot unmarshal object into Go value of type jsonpatch.Patch'
  const operations: Operation[] = []
  for (const item of patch as readonly unknown[]) {
    if (item === null || typeof item !== 'object' || Array.isArray(item)) {
      return 'json: cannot unmarshal value into Go value of type jsonpatch.Operation'
    }
    const { op, path, from, value } = item as Record<string, unknown>
    if (typeof op !== 'string' || !OPS.includes(op))
      return `Unexpected kind: ${typeof op === 'string' ? op : 'unknown'}`
    const pointer = parsePointer(path)
    if (pointer === undefined) return `${op} operation has no valid path`
    if (op === 'move' || op === 'copy') {
      const source = parsePointer(from)
      if (source === undefined) return `${op} operation has no valid from`
      operations.push({ op, path: pointer, from: source })
    } else {
      operations.push({ op, path: pointer, value: value ?? null })
    }
  }
  return operations
}

/** The reference tokens of a JSON pointer (RFC 6901). A pointer must be empty or begin with a slash. */
export function parsePointer(pointer: unknown): readonly string[] | undefined {
  if (typeof pointer !== 'string') return undefined
  if (pointer === '') return []
  if (pointer[0] !== '/') return undefined
  return pointer
    .slice(1)
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
}

function applyOperation(document: unknown, operation: Operation): unknown {
  const { op, path } = operation
  switch (op) {
    case 'add':
      return add(document, path, operation.value)
    case 'remove':
      return removeAt(document, path, 0)
    case 'replace':
      requirePath(document, path, 'replace')
      return put(document, path, operation.value)
    case 'move': {
      const from = operation.from as readonly string[]
      if (from.length < path.length && from.every((token, index) => token === path[index])) {
        throw new PatchFailure(`move operation cannot move ${show(from)} into itself`)
      }
      const value = requirePath(document, from, 'move')
      return add(removeAt(document, from, 0), path, value)
    }
    case 'copy':
      return add(document, path, requirePath(document, operation.from as readonly string[], 'copy'))
    default: {
      const found = find(document, path)
      if (!found.exists && operation.value === null) return document
      if (!found.exists || !equalJson(found.value, operation.value)) {
        throw new PatchFailure(`testing value ${show(path)} failed: test failed`)
      }
      return document
    }
  }
}

function show(path: readonly string[]): string {
  return path.map((token) => `/${token.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}

type Found = { readonly exists: boolean; readonly value?: unknown }

function find(document: unknown, path: readonly string[]): Found {
  let value = document
  for (const token of path) {
    if (Array.isArray(value)) {
      const index = existingIndex(value, token)
      if (index === undefined) return { exists: false }
      value = value[index]
    } else if (value !== null && typeof value === 'object' && Object.hasOwn(value, token)) {
      value = (value as Record<string, unknown>)[token]
    } else {
      return { exists: false }
    }
  }
  return { exists: true, value }
}

function requirePath(document: unknown, path: readonly string[], op: string): unknown {
  const found = find(document, path)
  if (!found.exists)
    throw new PatchFailure(`${op} operation does not apply: doc is missing key: ${show(path)}: missing value`)
  return found.value
}

function existingIndex(list: readonly unknown[], token: string): number | undefined {
  const index = arrayIndex(token)
  if (index === undefined) return undefined
  const place = index < 0 ? index + list.length : index
  return place >= 0 && place < list.length ? place : undefined
}

/** The API server's library takes negative indices from the end. */
function arrayIndex(token: string): number | undefined {
  return /^(0|-?[1-9][0-9]*)$/.test(token) ? Number(token) : undefined
}

/** Sets an existing place. */
function put(document: unknown, path: readonly string[], value: unknown, depth = 0): unknown {
  if (depth === path.length) return value
  const token = path[depth] as string
  if (Array.isArray(document)) {
    const copy = document.slice()
    const index = existingIndex(document, token) as number
    copy[index] = put(document[index], path, value, depth + 1)
    return Object.freeze(copy)
  }
  const copy: Record<string, unknown> = { ...(document as Record<string, unknown>) }
  setField(copy, token, put(copy[token], path, value, depth + 1))
  return Object.freeze(copy)
}

function add(document: unknown, path: readonly string[], value: unknown): unknown {
  if (path.length === 0) return value
  const parentPath = path.slice(0, -1)
  const last = path[path.length - 1] as string
  const parent = find(document, parentPath)
  if (!parent.exists || parent.value === null || typeof parent.value !== 'object') {
    throw new PatchFailure(`add operation does not apply: doc is missing path: "${show(path)}": missing value`)
  }
  if (!Array.isArray(parent.value)) {
    const copy: Record<string, unknown> = { ...(parent.value as Record<string, unknown>) }
    setField(copy, last, value)
    return put(document, parentPath, Object.freeze(copy))
  }
  const list: readonly unknown[] = parent.value
  const index = last === '-' ? list.length : arrayIndex(last)
  if (index === undefined)
    throw new PatchFailure(`add operation does not apply: ${JSON.stringify(last)} is no array index`)
  const place = index < 0 ? index + list.length + 1 : index
  if (place < 0 || place > list.length) {
    throw new PatchFailure(
      `add operation does not apply: Unable to access invalid index: ${index}: invalid index referenced`,
    )
  }
  const copy = list.slice()
  copy.splice(place, 0, value)
  return put(document, parentPath, Object.freeze(copy))
}

function removeAt(document: unknown, path: readonly string[], depth: number): unknown {
  if (path.length === 0) return null
  const token = path[depth] as string
  const last = depth === path.length - 1
  if (Array.isArray(document)) {
    const index = existingIndex(document, token)
    if (index === undefined) {
      throw new PatchFailure(
        `remove operation does not apply: Unable to access invalid index: ${token}: invalid index referenced`,
      )
    }
    const copy = document.slice()
    if (last) copy.splice(index, 1)
    else copy[index] = removeAt(document[index], path, depth + 1)
    return Object.freeze(copy)
  }
  if (document === null || typeof document !== 'object' || !Object.hasOwn(document, token)) {
    throw new PatchFailure(`remove operation does not apply: Unable to remove nonexistent key: ${token}: missing value`)
  }
  const copy: Record<string, unknown> = { ...(document as Record<string, unknown>) }
  if (last) delete copy[token]
  else setField(copy, token, removeAt(copy[token], path, depth + 1))
  return Object.freeze(copy)
}
