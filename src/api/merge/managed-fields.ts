/**
 * Who set which field (`metadata.managedFields`), and server-side apply on top of it.
 * Source: apimachinery/pkg/util/managedfields/internal, sigs.k8s.io/structured-merge-diff/v6/merge/update.go.
 */
import { deepFreeze } from '../clone.ts'
import { equalJson } from '../equal.ts'
import {
  decodeFieldSet,
  difference,
  EMPTY_SET,
  encodeFieldSet,
  type FieldSet,
  intersection,
  isEmptySet,
  pathsOf,
  setOfPaths,
  union,
  withNamedFields,
  without,
} from './field-set.ts'
import type { MergeType } from './merge-types.ts'
import { compareValues, fieldSetOf, mergeValues, removeFields } from './typed-value.ts'

export interface FieldManager {
  readonly name: string
  readonly operation: 'Apply' | 'Update'
  readonly apiVersion: string
  readonly subresource?: string
}

/** One manager's fields, decoded. */
export interface ManagedEntry extends FieldManager {
  readonly fields: FieldSet
  readonly time?: string
}

export interface Conflict {
  readonly manager: FieldManager
  /** E.g. `.spec.ports[name="http"].port`. */
  readonly path: string
}

type Managed = ReadonlyMap<string, ManagedEntry>

/** Update entries of different versions are different managers. */
function keyOf({ name, operation, apiVersion, subresource = '' }: FieldManager): string {
  return JSON.stringify([name, operation, operation === 'Apply' ? '' : apiVersion, subresource])
}

function withKeys(entries: readonly ManagedEntry[]): Map<string, ManagedEntry> {
  return new Map(entries.map((entry) => [keyOf(entry), entry]))
}

/** Empty for none, and for entries that cannot be read. */
export function decodeManagedFields(entries: unknown): readonly ManagedEntry[] {
  if (!Array.isArray(entries)) return []
  const decoded: ManagedEntry[] = []
  for (const entry of entries as readonly unknown[]) {
    const { manager, operation, apiVersion, subresource, time, fieldsV1 } = (entry ?? {}) as Readonly<
      Record<string, unknown>
    >
    const fields = decodeFieldSet(fieldsV1)
    if (fields === undefined || typeof manager !== 'string' || (operation !== 'Apply' && operation !== 'Update'))
      return []
    decoded.push({
      name: manager,
      operation,
      apiVersion: typeof apiVersion === 'string' ? apiVersion : '',
      fields,
      ...(typeof subresource === 'string' && subresource !== '' ? { subresource } : {}),
      ...(typeof time === 'string' ? { time } : {}),
    })
  }
  return decoded
}

/** Sorted: Apply before Update, then older before newer, then by name. Undefined for none. */
export function encodeManagedFields(entries: Iterable<ManagedEntry>): readonly unknown[] | undefined {
  const sorted = [...entries].filter(({ fields }) => !isEmptySet(fields)).sort(compareEntries)
  if (sorted.length === 0) return undefined
  return deepFreeze(
    sorted.map(({ name, operation, apiVersion, time, fields, subresource }) => ({
      manager: name,
      operation,
      apiVersion,
      ...(time === undefined ? {} : { time }),
      fieldsType: 'FieldsV1',
      fieldsV1: encodeFieldSet(fields),
      ...(subresource === undefined ? {} : { subresource }),
    })),
  )
}

function compareEntries(a: ManagedEntry, b: ManagedEntry): number {
  const order = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0)
  return (
    order(a.operation, b.operation) ||
    order(a.time ?? '', b.time ?? '') ||
    order(a.name, b.name) ||
    order(a.apiVersion, b.apiVersion) ||
    order(a.subresource ?? '', b.subresource ?? '')
  )
}

/** Whether a client asks to forget all managers: a list of one empty entry. */
export function isReset(entries: unknown): boolean {
  return Array.isArray(entries) && entries.length === 1 && equalJson(entries[0], {})
}

/** What no manager owns: it belongs to the server, or names the object. */
const STRIPPED: FieldSet = setOfPaths([
  ['f:apiVersion'],
  ['f:kind'],
  ['f:metadata'],
  ...[
    'name',
    'namespace',
    'creationTimestamp',
    'selfLink',
    'uid',
    'generation',
    'managedFields',
    'resourceVersion',
  ].map((field) => ['f:metadata', `f:${field}`]),
])

export interface FieldsUpdate {
  readonly type: MergeType
  /** An empty object for one that is new. */
  readonly old: unknown
  readonly next: unknown
  readonly managed: readonly ManagedEntry[]
  readonly manager: FieldManager
  readonly time: string
  /** Places that the endpoint does not write. */
  readonly ignored: readonly (readonly string[])[]
}

/** Who manages what after a create, update or patch: the manager gets what it changed, everybody loses what is gone. */
export function managedAfterUpdate(update: FieldsUpdate): readonly ManagedEntry[] {
  const { type, old, next, manager, time, ignored } = update
  const comparison = compareValues(type, old, next)
  const changed = without(union(comparison.added, comparison.modified), ignored)
  const removed = without(comparison.removed, ignored)
  const managed = withKeys(update.managed)
  const taken = difference(changed, STRIPPED)
  const own = keyOf(manager)
  for (const [key, entry] of managed) {
    // Its own manager keeps what it changed, so that who writes the same fields again has the same set.
    const lost = key === own ? difference(changed, taken) : changed
    const fields = difference(difference(entry.fields, lost), removed)
    if (fields !== entry.fields) managed.set(key, { ...entry, fields })
  }
  if (!isEmptySet(taken)) {
    const before = managed.get(own)?.fields ?? EMPTY_SET
    managed.set(own, { ...manager, fields: union(before, taken), time })
  }
  return [...managed.values()].filter(({ fields }) => !isEmptySet(fields))
}

export interface Application {
  readonly type: MergeType
  /** The object as it is, without managedFields. */
  readonly live: unknown
  /** What is applied, without faults by its type. */
  readonly applied: unknown
  readonly managed: readonly ManagedEntry[]
  readonly manager: FieldManager
  readonly force: boolean
  readonly time: string
  readonly ignored: readonly (readonly string[])[]
}

export type ApplyResult =
  | { readonly value: unknown; readonly managed: readonly ManagedEntry[] }
  | { readonly conflicts: readonly Conflict[] }

/** The object after an apply: merged, without what the manager applied before and now leaves out, unless others have it. */
export function applyConfiguration(application: Application): ApplyResult {
  const { type, live, applied, manager, force, time, ignored } = application
  const managed = withKeys(application.managed)
  const key = keyOf(manager)
  const former = managed.get(key)
  const merged = mergeValues(type, live, applied)
  const fields = without(fieldSetOf(type, applied), ignored)
  managed.set(key, { ...manager, fields, ...(former?.time === undefined ? {} : { time: former.time }) })
  const value = former === undefined ? merged : prune(type, merged, former.fields, managed)

  const comparison = compareValues(type, live, value)
  const changed = without(union(comparison.added, comparison.modified), ignored)
  const removed = without(comparison.removed, ignored)
  const conflicts: Conflict[] = []
  for (const [other, entry] of managed) {
    if (other === key) continue
    const contested = intersection(entry.fields, changed)
    for (const path of pathsOf(contested)) conflicts.push({ manager: entry, path })
    managed.set(other, { ...entry, fields: difference(difference(entry.fields, contested), removed) })
  }
  if (conflicts.length > 0 && !force) return { conflicts }
  const isChanged = !equalJson(live, value)
  const own = managed.get(key) as ManagedEntry
  managed.set(key, { ...own, fields: difference(own.fields, STRIPPED), ...(isChanged ? { time } : {}) })
  return { value, managed: [...managed.values()].filter((entry) => !isEmptySet(entry.fields)) }
}

/** Takes away what was applied last time and is not any more, but for what somebody owns or nobody applied. */
function prune(type: MergeType, merged: unknown, last: FieldSet, managed: Managed): unknown {
  if (isEmptySet(last)) return merged
  const named = (set: FieldSet): FieldSet => withNamedFields(set, type)
  const lastNamed = named(last)
  const owned = [...managed.values()].reduce((all, { fields }) => union(all, fields), EMPTY_SET)
  const mergedSet = named(fieldSetOf(type, merged))
  const bare = removeFields(type, merged, lastNamed)
  const bareSet = named(fieldSetOf(type, bare ?? {}))
  const withOwned = removeFields(type, merged, difference(mergedSet, union(bareSet, named(owned))))
  const ownedSet = named(fieldSetOf(type, withOwned ?? {}))
  return removeFields(type, merged, intersection(difference(mergedSet, ownedSet), lastNamed)) ?? {}
}

/** The manager of everything that was there before the first apply to an object without managedFields. */
export const BEFORE_FIRST_APPLY = 'before-first-apply'

/** Conflicts in upstream's words. */
export function conflictMessage(conflicts: readonly Conflict[]): string {
  const [first] = conflicts
  if (conflicts.length === 1 && first !== undefined)
    return `Apply failed with 1 conflict: conflict with ${describeFieldManager(first.manager)}: ${first.path}`
  const names = [...new Set(conflicts.map(({ manager }) => describeFieldManager(manager)))].sort()
  const lines = names.flatMap((name) => [
    `conflicts with ${name}:`,
    ...conflicts.filter(({ manager }) => describeFieldManager(manager) === name).map(({ path }) => `- ${path}`),
  ])
  return `Apply failed with ${conflicts.length} conflicts: ${lines.join('\n')}`
}

export function describeFieldManager({ name, operation, apiVersion, subresource }: FieldManager): string {
  const shown =
    JSON.stringify(name) + (subresource === undefined ? '' : ` with subresource ${JSON.stringify(subresource)}`)
  return operation === 'Update' ? `${shown} using ${apiVersion}` : shown
}
