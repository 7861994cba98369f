/**
 * Strategic merge patch: merge patch with lists that merge by key, and directives in the patch.
 * Source: apimachinery/pkg/util/strategicpatch/patch.go.
 */
import { copyFields, setField } from '../clone.ts'
import { equalJson } from '../equal.ts'
import { type FieldType, type MergeType, UNTYPED } from './merge-types.ts'

export type StrategicMergeResult =
  | { readonly type: 'ok'; readonly value: unknown }
  /** The patch contradicts itself or its type. */
  | { readonly type: 'failed'; readonly message: string }

type Fields = Readonly<Record<string, unknown>>

class PatchFailure extends Error {}

const PATCH = '$patch'
const RETAIN_KEYS = '$retainKeys'
const ORDER_PREFIX = '$setElementOrder/'
const DELETE_PREFIX = '$deleteFromPrimitiveList/'

/** The patched object; neither argument is changed. */
export function applyStrategicMergePatch(document: unknown, patch: unknown, type: MergeType): StrategicMergeResult {
  if (!isFields(document) || !isFields(patch)) return { type: 'failed', message: 'invalid JSON document' }
  try {
    return { type: 'ok', value: mergeObject(document, patch, type) }
  } catch (error) {
    if (error instanceof PatchFailure) return { type: 'failed', message: error.message }
    throw error
  }
}

function isFields(value: unknown): value is Fields {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}

function fieldOf(type: MergeType, name: string): FieldType {
  return (type.kind === 'object' ? type.field(name) : undefined) ?? { type: UNTYPED }
}

function mergeObject(original: Fields, patch: Fields, type: MergeType): Fields {
  if (Object.hasOwn(patch, PATCH)) return ofDirective(patch)
  const result = copyFields(original)
  retainKeys(result, patch)
  for (const key of Object.keys(patch)) {
    if (key === RETAIN_KEYS || key.startsWith(ORDER_PREFIX) || key.startsWith(DELETE_PREFIX)) continue
    const value = patch[key]
    if (value === null) delete result[key]
    else setField(result, key, mergeField(own(result, key), value, fieldOf(type, key)))
  }
  for (const key of Object.keys(patch)) {
    if (key.startsWith(ORDER_PREFIX)) orderList(result, { original, patch, key, type })
    else if (key.startsWith(DELETE_PREFIX)) deletePrimitives(result, key, patch[key])
  }
  return Object.freeze(result)
}

function own(fields: Fields, key: string): unknown {
  return Object.hasOwn(fields, key) ? fields[key] : undefined
}

function ofDirective(patch: Fields): Fields {
  switch (patch[PATCH]) {
    case 'replace': {
      const { [PATCH]: _directive, ...rest } = patch
      return Object.freeze(rest)
    }
    case 'delete':
      return Object.freeze({})
    default:
      throw new PatchFailure(`unknown patch type found: ${JSON.stringify(patch[PATCH])}`)
  }
}

/** Fields that `$retainKeys` does not name go; the patch may not set others than those. */
function retainKeys(result: Record<string, unknown>, patch: Fields): void {
  const keys = patch[RETAIN_KEYS]
  if (keys === undefined) return
  if (!Array.isArray(keys)) throw new PatchFailure('$retainKeys must be a list')
  for (const key of Object.keys(patch)) {
    if (!key.startsWith('$') && patch[key] !== null && !keys.includes(key))
      throw new PatchFailure('the patch has a field that is not in its $retainKeys list')
  }
  for (const key of Object.keys(result)) if (!keys.includes(key)) delete result[key]
}

function mergeField(
  original: unknown,
  value: unknown,
  { type, patchStrategy = '', patchMergeKey }: FieldType,
): unknown {
  if (original === undefined || original === null) return withoutDirectives(value)
  const strategies = patchStrategy.split(',')
  if (isFields(value) && isFields(original))
    return strategies.includes('replace') ? withoutDirectives(value) : mergeObject(original, value, type)
  if (Array.isArray(value) && Array.isArray(original)) {
    if (!strategies.includes('merge')) return withoutDirectives(value)
    return mergeList(original, value, { item: type.kind === 'list' ? type.item : UNTYPED, mergeKey: patchMergeKey })
  }
  return withoutDirectives(value)
}

/** A value that the patch adds: nulls and directives in it have nothing to act on. */
function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) {
    const kept = value.filter((item) => !(isFields(item) && item[PATCH] !== undefined))
    return Object.freeze(kept.map(withoutDirectives))
  }
  if (!isFields(value)) return value
  if (value[PATCH] === 'delete') return Object.freeze({})
  const result: Record<string, unknown> = {}
  for (const key of Object.keys(value)) {
    const field = value[key]
    if (field === null || key === PATCH || key === RETAIN_KEYS) continue
    if (key.startsWith(ORDER_PREFIX) || key.startsWith(DELETE_PREFIX)) continue
    setField(result, key, withoutDirectives(field))
  }
  return Object.freeze(result)
}

interface ListMerge {
  readonly item: MergeType
  readonly mergeKey: string | undefined
}

function mergeList(
  original: readonly unknown[],
  patch: readonly unknown[],
  { item, mergeKey }: ListMerge,
): readonly unknown[] {
  if (![...original, ...patch].some(isFields)) {
    const merged = distinct([...original, ...patch])
    return inOrder(merged, patch, original, undefined)
  }
  if (mergeKey === undefined) throw new PatchFailure('cannot merge lists of objects without a merge key')
  const { base, rest } = ofSpecialElements(original, patch, mergeKey)
  const merged = [...base]
  for (const element of rest) {
    const place = merged.findIndex((other) => sameKey(other, element, mergeKey))
    if (place < 0) merged.push(withoutDirectives(element))
    else merged[place] = mergeObject(merged[place] as Fields, element as Fields, item)
  }
  return inOrder(merged, rest, base, mergeKey)
}

/** Elements with `$patch`: `replace` empties the list before, `delete` takes the element of that key away. */
function ofSpecialElements(
  original: readonly unknown[],
  patch: readonly unknown[],
  mergeKey: string,
): { readonly base: readonly unknown[]; readonly rest: readonly unknown[] } {
  let base = original
  const rest: unknown[] = []
  for (const element of patch) {
    if (!isFields(element)) throw new PatchFailure('lists must not mix objects and other values')
    const directive = element[PATCH]
    if (directive === 'replace') {
      base = []
      continue
    }
    if (!Object.hasOwn(element, mergeKey))
      throw new PatchFailure(`map: ${JSON.stringify(element)} does not contain declared merge key: ${mergeKey}`)
    if (directive === undefined) rest.push(element)
    else if (directive === 'delete') base = base.filter((other) => !sameKey(other, element, mergeKey))
    else if (directive !== 'merge') throw new PatchFailure(`unknown patch type found: ${JSON.stringify(directive)}`)
    else {
      const { [PATCH]: _merge, ...fields } = element
      rest.push(fields)
    }
  }
  return { base, rest }
}

function sameKey(a: unknown, b: unknown, mergeKey: string | undefined): boolean {
  if (mergeKey === undefined) return equalJson(a, b)
  return isFields(a) && isFields(b) && Object.hasOwn(a, mergeKey) && equalJson(a[mergeKey], b[mergeKey])
}

function distinct(list: readonly unknown[]): readonly unknown[] {
  return list.filter((item, index) => list.indexOf(item) === index)
}

/**
 * The order of a merged list: elements that the patch names as it names them, the others as they were; among each
 * other an element that was there goes before a patched one only if it did so before.
 */
function inOrder(
  merged: readonly unknown[],
  patchOrder: readonly unknown[],
  formerOrder: readonly unknown[],
  mergeKey: string | undefined,
): readonly unknown[] {
  const placeIn = (order: readonly unknown[], item: unknown): number =>
    order.findIndex((other) => sameKey(other, item, mergeKey))
  const byPlace = (order: readonly unknown[], items: readonly unknown[]): readonly unknown[] =>
    items.toSorted((a, b) => placeIn(order, a) - placeIn(order, b))
  const patched = byPlace(
    patchOrder,
    merged.filter((item) => placeIn(patchOrder, item) >= 0),
  )
  const others = byPlace(
    formerOrder,
    merged.filter((item) => placeIn(patchOrder, item) < 0),
  )
  const result: unknown[] = []
  let next = 0
  for (const item of patched) {
    const place = placeIn(formerOrder, item)
    while (place >= 0 && next < others.length && placeIn(formerOrder, others[next]) < place) result.push(others[next++])
    result.push(item)
  }
  return Object.freeze([...result, ...others.slice(next)])
}

interface Ordering {
  readonly original: Fields
  readonly patch: Fields
  readonly key: string
  readonly type: MergeType
}

/** `$setElementOrder/LIST`: keys of elements (or the elements themselves) in the wanted order. */
function orderList(result: Record<string, unknown>, { original, patch, key, type }: Ordering): void {
  const order = patch[key]
  const name = key.slice(ORDER_PREFIX.length)
  if (!Array.isArray(order)) throw new PatchFailure(`${key} must be a list`)
  const { patchMergeKey } = fieldOf(type, name)
  const patched: unknown = patch[name]
  const isNamed = (item: unknown): boolean => order.some((other) => sameKey(other, item, patchMergeKey))
  if (Array.isArray(patched)) {
    const unnamed = patched.some((item) => !(isFields(item) && item[PATCH] !== undefined) && !isNamed(item))
    if (unnamed) throw new PatchFailure("the order in patch list doesn't match $setElementOrder list")
  }
  const list = result[name]
  if (!Array.isArray(list)) return
  const former = original[name]
  setField(result, name, inOrder(list, order, Array.isArray(former) ? former : [], patchMergeKey))
}

function deletePrimitives(result: Record<string, unknown>, key: string, values: unknown): void {
  const name = key.slice(DELETE_PREFIX.length)
  if (!Array.isArray(values)) throw new PatchFailure(`${key} must be a list`)
  const list = result[name]
  if (Array.isArray(list)) setField(result, name, Object.freeze(list.filter((item) => !values.includes(item))))
}
