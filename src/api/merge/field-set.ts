/**
 * Sets of field paths, as managedFields have them. A path is a chain of elements `f:NAME`, `k:{KEYS}`, `v:VALUE`.
 * Source: sigs.k8s.io/structured-merge-diff/v6/fieldpath.
 */
import { deepFreeze, setField } from '../clone.ts'
import type { MergeType } from './merge-types.ts'

/** One place: whether the path to it is in the set, and what is below. Immutable. */
export interface FieldSet {
  readonly isMember: boolean
  readonly children: ReadonlyMap<string, FieldSet>
}

const NO_CHILDREN: ReadonlyMap<string, FieldSet> = new Map()
export const EMPTY_SET: FieldSet = Object.freeze({ isMember: false, children: NO_CHILDREN })
export const MEMBER: FieldSet = Object.freeze({ isMember: true, children: NO_CHILDREN })

export function isEmptySet(set: FieldSet): boolean {
  return !set.isMember && set.children.size === 0
}

/** A set of these parts; empty children are left out. */
export function fieldSet(isMember: boolean, children: ReadonlyMap<string, FieldSet>): FieldSet {
  const kept = new Map([...children].filter(([, child]) => !isEmptySet(child)))
  if (kept.size === 0) return isMember ? MEMBER : EMPTY_SET
  return Object.freeze({ isMember, children: kept })
}

/** `a` itself when it has all of `b`. */
export function union(a: FieldSet, b: FieldSet): FieldSet {
  if (a === b || isEmptySet(b)) return a
  if (isEmptySet(a)) return b
  let children: Map<string, FieldSet> | undefined
  for (const [key, added] of b.children) {
    const child = a.children.get(key)
    const both = child === undefined ? added : union(child, added)
    if (both === child) continue
    children ??= new Map(a.children)
    children.set(key, both)
  }
  if (children === undefined && (a.isMember || !b.isMember)) return a
  return fieldSet(a.isMember || b.isMember, children ?? a.children)
}

/** `a` itself when it has nothing of `b`. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  if (isEmptySet(a) || isEmptySet(b)) return a
  let children: Map<string, FieldSet> | undefined
  for (const [key, child] of a.children) {
    const taken = b.children.get(key)
    const rest = taken === undefined ? child : difference(child, taken)
    if (rest === child) continue
    children ??= new Map(a.children)
    children.set(key, rest)
  }
  if (children === undefined && !(a.isMember && b.isMember)) return a
  return fieldSet(a.isMember && !b.isMember, children ?? a.children)
}

/** `a` itself when `b` has all of it. */
export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  if (a === b || isEmptySet(a)) return a
  if (isEmptySet(b)) return EMPTY_SET
  let children: Map<string, FieldSet> | undefined
  for (const [key, child] of a.children) {
    const both = intersection(child, b.children.get(key) ?? EMPTY_SET)
    if (both === child) continue
    children ??= new Map(a.children)
    children.set(key, both)
  }
  if (children === undefined && (b.isMember || !a.isMember)) return a
  return fieldSet(a.isMember && b.isMember, children ?? a.children)
}

/** The set without these places and everything below them. */
export function without(set: FieldSet, paths: readonly (readonly string[])[]): FieldSet {
  return paths.reduce((rest, path) => withoutPath(rest, path), set)
}

function withoutPath(set: FieldSet, [first, ...rest]: readonly string[]): FieldSet {
  const child = first === undefined ? undefined : set.children.get(first)
  if (first === undefined || child === undefined) return set
  const children = new Map(set.children)
  children.set(first, rest.length === 0 ? EMPTY_SET : withoutPath(child, rest))
  return fieldSet(set.isMember, children)
}

/** The set of exactly these paths. */
export function setOfPaths(paths: readonly (readonly string[])[]): FieldSet {
  return paths.reduce((set, path) => union(set, setOfPath(path)), EMPTY_SET)
}

function setOfPath([first, ...rest]: readonly string[]): FieldSet {
  return first === undefined ? MEMBER : fieldSet(false, new Map([[first, setOfPath(rest)]]))
}

/** The set with every declared field on the way to a member as a member too. */
export function withNamedFields(set: FieldSet, type: MergeType): FieldSet {
  const children = new Map<string, FieldSet>()
  for (const [element, child] of set.children) {
    const { type: below, isDeclared } = typeBelow(type, element)
    const named = withNamedFields(child, below)
    children.set(element, isDeclared && child.children.size > 0 ? fieldSet(true, named.children) : named)
  }
  return fieldSet(set.isMember, children)
}

function typeBelow(type: MergeType, element: string): { readonly type: MergeType; readonly isDeclared: boolean } {
  if (type.kind === 'object' && element.startsWith('f:')) {
    const field = type.field(element.slice(2))
    if (field !== undefined) return { type: field.type, isDeclared: field.isMapKey !== true }
  }
  if (type.kind === 'list' && element.startsWith('k:')) return { type: type.item, isDeclared: false }
  return { type: { kind: 'untyped' }, isDeclared: false }
}

/** All members as paths, sorted. */
export function pathsOf(set: FieldSet, path = ''): readonly string[] {
  const own = set.isMember ? [path] : []
  const below = [...set.children].flatMap(([element, child]) => pathsOf(child, path + showElement(element)))
  return [...own, ...below].sort()
}

function showElement(element: string): string {
  const rest = element.slice(2)
  switch (element[0]) {
    case 'k': {
      const keys = JSON.parse(rest) as Readonly<Record<string, unknown>>
      return `[${Object.keys(keys)
        .map((key) => `${key}=${JSON.stringify(keys[key])}`)
        .join()}]`
    }
    case 'v':
      return `[=${rest}]`
    case 'i':
      return `[${rest}]`
    default:
      return `.${rest}`
  }
}

/** Sets are immutable, and those of a write are mostly those of the write before. */
const encodedSets = new WeakMap<FieldSet, object>()

/** As `fieldsV1`. */
export function encodeFieldSet(set: FieldSet): object {
  let encoded = encodedSets.get(set)
  if (encoded === undefined) encodedSets.set(set, (encoded = encodeFields(set)))
  return encoded
}

function encodeFields(set: FieldSet): object {
  const fields: Record<string, unknown> = {}
  if (set.isMember && set.children.size > 0) fields['.'] = {}
  for (const element of [...set.children.keys()].sort())
    setField(fields, element, encodeFieldSet(set.children.get(element) as FieldSet))
  return deepFreeze(fields)
}

const decodedSets = new WeakMap<object, FieldSet>()

/** Undefined for what is no `fieldsV1`. */
export function decodeFieldSet(fields: unknown): FieldSet | undefined {
  if (fields === null || typeof fields !== 'object') return undefined
  const known = decodedSets.get(fields)
  if (known !== undefined) return known
  const set = decodeNode(fields, 0)
  if (set === undefined) return undefined
  const decoded = fieldSet(false, set.children)
  // What is stored is frozen through and through.
  if (Object.isFrozen(fields)) decodedSets.set(fields, decoded)
  return decoded
}

const DEPTH_MAX = 200

function decodeNode(fields: unknown, depth: number): FieldSet | undefined {
  if (fields === null || typeof fields !== 'object' || Array.isArray(fields) || depth > DEPTH_MAX) return undefined
  const keys = Object.keys(fields)
  const children = new Map<string, FieldSet>()
  for (const key of keys) {
    if (key === '.') continue
    if (!/^[fvki]:/.test(key) || (key[0] !== 'f' && !isJson(key.slice(2)))) return undefined
    const child = decodeNode((fields as Readonly<Record<string, unknown>>)[key], depth + 1)
    if (child === undefined) return undefined
    children.set(key, child)
  }
  return { isMember: keys.length === 0 || keys.includes('.'), children }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
