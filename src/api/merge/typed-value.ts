/**
 * Values by their merge types: the fields of a value, the difference and the merge of two, and removal of fields.
 * Source: sigs.k8s.io/structured-merge-diff/v6/typed.
 */
import { setField } from '../clone.ts'
import { equalJson } from '../equal.ts'
import { EMPTY_SET, type FieldSet, fieldSet, isEmptySet, MEMBER } from './field-set.ts'
import { type FieldType, type ListType, type MergeType, UNTYPED_FIELD } from './merge-types.ts'

type Fields = Readonly<Record<string, unknown>>

function isFields(value: unknown): value is Fields {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}

/** What a value is to its type: an object or list that merges, or one value (`leaf`). */
type Shape =
  | { readonly shape: 'object'; readonly field: (name: string) => FieldType }
  | { readonly shape: 'list'; readonly list: ListType }
  | { readonly shape: 'leaf' }

const LEAF: Shape = { shape: 'leaf' }

function shapeOf(type: MergeType, value: unknown): Shape {
  switch (type.kind) {
    case 'object':
      if (type.isAtomic || !(isFields(value) || value === null)) return LEAF
      return { shape: 'object', field: (name) => type.field(name) ?? UNTYPED_FIELD }
    case 'list':
      return type.listType === 'atomic' || !(Array.isArray(value) || value === null)
        ? LEAF
        : { shape: 'list', list: type }
    case 'untyped':
      return isFields(value) ? { shape: 'object', field: () => UNTYPED_FIELD } : LEAF
    default:
      return LEAF
  }
}

const element = (name: string): string => `f:${name}`

/** The path element of an item of a set or map; an Error says why it has none. */
function itemElement({ listType, keys, item: type }: ListType, item: unknown): string {
  if (listType === 'set') {
    if (item !== null && typeof item === 'object')
      throw new TypeMismatch("associative list without keys has an element that's a map type")
    return `v:${JSON.stringify(item)}`
  }
  if (!isFields(item)) throw new TypeMismatch('associative list with keys may not have non-map elements')
  const found: Record<string, unknown> = {}
  for (const key of keys.toSorted()) {
    const value = item[key] ?? (type.kind === 'object' ? type.field(key)?.default : undefined)
    if (value !== undefined && value !== null) found[key] = value
  }
  if (Object.keys(found).length === 0)
    throw new TypeMismatch(`associative list with keys has an element that omits key field ${JSON.stringify(keys[0])}`)
  return `k:${JSON.stringify(found)}`
}

class TypeMismatch extends Error {}

/** Why a value cannot be applied: a field that its type does not have, a wrong type, or a repeated item. */
export function applyFault(type: MergeType, value: unknown, path = ''): string | undefined {
  if (value === null || value === undefined || type.kind === 'untyped') return undefined
  const at = path === '' ? '' : `${path}: `
  switch (type.kind) {
    case 'scalar':
      if (type.scalar === 'any' ? typeof value !== 'object' || isFields(value) : typeof value === type.scalar)
        return undefined
      return `${at}expected ${type.scalar === 'number' ? 'numeric (int or float)' : type.scalar}, got &value.valueUnstructured{Value:${JSON.stringify(value)}}`
    case 'list':
      return Array.isArray(value) ? listFault(type, value, path) : `${at}expected list, got ${JSON.stringify(value)}`
    default: {
      if (type.orBoolean === true && typeof value === 'boolean') return undefined
      if (!isFields(value)) return `${at}expected map, got ${JSON.stringify(value)}`
      for (const key of Object.keys(value)) {
        const field = type.field(key)
        if (field === undefined) return `${path}.${key}: field not declared in schema`
        const fault = applyFault(field.type, value[key], `${path}.${key}`)
        if (fault !== undefined) return fault
      }
      return undefined
    }
  }
}

function listFault(type: ListType, list: readonly unknown[], path: string): string | undefined {
  const seen = new Set<string>()
  for (const [index, item] of list.entries()) {
    const fault = applyFault(type.item, item, `${path}[${index}]`)
    if (fault !== undefined) return fault
    if (type.listType === 'atomic') continue
    try {
      const key = itemElement(type, item)
      if (seen.has(key)) return `${path}: duplicate entries for key ${key.slice(2)}`
      seen.add(key)
    } catch (error) {
      if (error instanceof TypeMismatch) return `${path}: element ${index}: ${error.message}`
      throw error
    }
  }
  return undefined
}

/** Items by path element, in order. Those without one are passed over, of repeated ones the first counts. */
function itemsOf(list: ListType, items: unknown): ReadonlyMap<string, unknown> {
  const found = new Map<string, unknown>()
  if (!Array.isArray(items)) return found
  for (const item of items) {
    try {
      const key = itemElement(list, item)
      if (!found.has(key)) found.set(key, item)
    } catch (error) {
      if (!(error instanceof TypeMismatch)) throw error
    }
  }
  return found
}

/** Items by path element; live lists may repeat elements or have some without a key: those get a name of their own. */
function allItemsOf(list: ListType, items: unknown): ReadonlyMap<string, unknown> {
  const found = new Map<string, unknown>()
  if (!Array.isArray(items)) return found
  for (const [index, item] of items.entries()) {
    const key = elementOf(list, item)
    found.set(key === '' || found.has(key) ? `i:${index}` : key, item)
  }
  return found
}

/** Every field that a value has: its leaves, items of lists, and empty objects. */
export function fieldSetOf(type: MergeType, value: unknown): FieldSet {
  const shape = shapeOf(type, value)
  if (shape.shape === 'leaf') return MEMBER
  const children = new Map<string, FieldSet>()
  if (shape.shape === 'list') {
    for (const [key, item] of itemsOf(shape.list, value))
      children.set(key, fieldSet(true, fieldSetOf(shape.list.item, item).children))
  } else if (isFields(value)) {
    for (const key of Object.keys(value)) {
      const field = shape.field(key)
      const below = fieldSetOf(field.type, value[key])
      const isEmpty = value[key] === null || (isFields(value[key]) && Object.keys(value[key]).length === 0)
      children.set(element(key), isEmpty || field.isMapKey === true ? fieldSet(true, below.children) : below)
    }
  }
  return fieldSet(false, children)
}

/** What differs between two values, by path. */
export interface Comparison {
  readonly added: FieldSet
  readonly modified: FieldSet
  readonly removed: FieldSet
}

const SAME: Comparison = { added: EMPTY_SET, modified: EMPTY_SET, removed: EMPTY_SET }

/** Compares two values; `undefined` for one that is not there. */
export function compareValues(type: MergeType, old: unknown, next: unknown): Comparison {
  if (old === next) return SAME
  const oldShape = old === undefined ? undefined : shapeOf(type, old)
  const nextShape = next === undefined ? undefined : shapeOf(type, next)
  const shape = nextShape ?? oldShape ?? LEAF
  const isReshaped = oldShape !== undefined && nextShape !== undefined && oldShape.shape !== nextShape.shape
  if (shape.shape === 'leaf' || isReshaped || (isBare(old) && isBare(next))) return compareLeaves(old, next)
  const parts = {
    added: new Map<string, FieldSet>(),
    modified: new Map<string, FieldSet>(),
    removed: new Map<string, FieldSet>(),
  }
  const visit = (key: string, below: MergeType, before: unknown, after: unknown): void => {
    const part = compareValues(below, before, after)
    parts.added.set(key, part.added)
    parts.modified.set(key, part.modified)
    parts.removed.set(key, part.removed)
  }
  if (shape.shape === 'list') {
    const before = itemsOf(shape.list, old)
    const after = itemsOf(shape.list, next)
    for (const key of new Set([...before.keys(), ...after.keys()]))
      visit(key, shape.list.item, before.get(key), after.get(key))
  } else {
    const before = isFields(old) ? old : {}
    const after = isFields(next) ? next : {}
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
      const had = Object.hasOwn(before, key) ? before[key] : undefined
      const has = Object.hasOwn(after, key) ? after[key] : undefined
      visit(element(key), shape.field(key).type, had, has)
    }
  }
  return {
    added: fieldSet(old === undefined, parts.added),
    modified: fieldSet(false, parts.modified),
    removed: fieldSet(next === undefined, parts.removed),
  }
}

function compareLeaves(old: unknown, next: unknown): Comparison {
  if (old === undefined) return { ...SAME, added: MEMBER }
  if (next === undefined) return { ...SAME, removed: MEMBER }
  return equalJson(old, next) ? SAME : { ...SAME, modified: MEMBER }
}

/** Nothing inside: then even an object counts as one value. */
function isBare(value: unknown): boolean {
  if (value === undefined || value === null) return true
  return typeof value === 'object' && Object.keys(value).length === 0
}

/** The live value with what is applied on top. New parts are frozen. */
export function mergeValues(type: MergeType, live: unknown, applied: unknown): unknown {
  if (applied === undefined) return live
  if (live === undefined) return applied
  const shape = shapeOf(type, applied)
  if (shape.shape === 'leaf' || shapeOf(type, live).shape !== shape.shape || (isBare(live) && isBare(applied)))
    return applied
  if (shape.shape === 'list') return mergeItems(shape.list, live, applied)
  const before = isFields(live) ? live : {}
  const after = isFields(applied) ? applied : {}
  const result: Record<string, unknown> = {}
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const had = Object.hasOwn(before, key) ? before[key] : undefined
    const has = Object.hasOwn(after, key) ? after[key] : undefined
    setField(result, key, mergeValues(shape.field(key).type, had, has))
  }
  return Object.freeze(result)
}

/**
 * Items of both lists: shared ones in the order that is applied, the live list's own ones where they were between
 * them, new ones after what precedes them.
 */
function mergeItems(list: ListType, live: unknown, applied: unknown): readonly unknown[] {
  const before = allItemsOf(list, live)
  const after = itemsOf(list, applied)
  const left = [...before.keys()]
  const right = [...after.keys()]
  const shared = right.filter((key) => before.has(key))
  const done = new Set<string>()
  const result: unknown[] = []
  const take = (key: string): void => {
    result.push(mergeValues(list.item, before.get(key), after.get(key)))
    done.add(key)
  }
  let l = 0
  let r = 0
  while (l < left.length || r < right.length) {
    const lKey = left[l]
    const rKey = right[r]
    if (lKey !== undefined && rKey !== undefined) {
      if (lKey === rKey) {
        take(lKey)
        l++
        r++
        continue
      }
      const wanted = shared.find((key) => !done.has(key))
      if (after.has(lKey) && wanted !== undefined && wanted !== lKey) {
        l++
        continue
      }
    }
    if (lKey !== undefined) {
      if (!after.has(lKey)) {
        take(lKey)
        l++
        continue
      }
      if (done.has(lKey)) l++
    }
    if (rKey !== undefined) {
      take(rKey)
      r++
    } else if (lKey !== undefined && !done.has(lKey)) l++
  }
  return Object.freeze(result)
}

/** The value without the members of the set; `undefined` when nothing is left of it. */
export function removeFields(type: MergeType, value: unknown, set: FieldSet): unknown {
  if (isEmptySet(set)) return value
  const shape = shapeOf(type, value)
  if (shape.shape === 'list') {
    if (!Array.isArray(value)) return value
    const kept = value.flatMap((item) => {
      const below = set.children.get(elementOf(shape.list, item)) ?? EMPTY_SET
      if (below.isMember) return []
      return below.children.size === 0 ? [item] : [removeFields(shape.list.item, item, below)]
    })
    return kept.length === 0 ? undefined : Object.freeze(kept)
  }
  if (shape.shape !== 'object' || !isFields(value)) return shape.shape === 'leaf' ? value : undefined
  const result: Record<string, unknown> = {}
  for (const key of Object.keys(value)) {
    const below = set.children.get(element(key)) ?? EMPTY_SET
    if (below.isMember) continue
    const rest = below.children.size === 0 ? value[key] : removeFields(shape.field(key).type, value[key], below)
    if (rest !== undefined) setField(result, key, rest)
  }
  return Object.keys(result).length === 0 ? undefined : Object.freeze(result)
}

function elementOf(list: ListType, item: unknown): string {
  try {
    return itemElement(list, item)
  } catch (error) {
    if (error instanceof TypeMismatch) return ''
    throw error
  }
}
