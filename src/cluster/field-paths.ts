/**
 * The leaves of an object by path: `status.conditions[Ready].reason`. Elements of lists that have a `type` or a `name`
 * are told apart by it (conditions, containers); other lists are values. What the API server sets by itself is left out.
 */
import type { KubernetesObject } from '#api/object.ts'

const SERVER_FIELDS: ReadonlySet<string> = new Set([
  'metadata.resourceVersion',
  'metadata.generation',
  'metadata.managedFields',
  'metadata.uid',
  'metadata.creationTimestamp',
  'metadata.deletionTimestamp',
  'metadata.deletionGracePeriodSeconds',
])

/** Value of each leaf, as JSON. */
export function leavesOf(object: KubernetesObject): ReadonlyMap<string, string> {
  const leaves = new Map<string, string>()
  collect(object, '', leaves)
  return leaves
}

function collect(value: unknown, path: string, leaves: Map<string, string>): void {
  if (SERVER_FIELDS.has(path)) return
  if (Array.isArray(value)) {
    const keys = value.map(keyOf)
    if (value.length > 0 && new Set(keys).size === value.length && !keys.includes(undefined)) {
      for (const [index, key] of keys.entries()) collect(value[index], `${path}[${key}]`, leaves)
      return
    }
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, field] of Object.entries(value)) collect(field, path === '' ? name : `${path}.${name}`, leaves)
    return
  }
  leaves.set(path, JSON.stringify(value))
}

function keyOf(element: unknown): string | undefined {
  if (typeof element !== 'object' || element === null) return undefined
  const { type, name } = element as { readonly type?: unknown; readonly name?: unknown }
  return typeof type === 'string' ? type : typeof name === 'string' ? name : undefined
}

/** Paths whose values differ; one that only one side has differs. */
export function differingPaths(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): readonly string[] {
  return [...new Set([...before.keys(), ...after.keys()])].filter((path) => before.get(path) !== after.get(path))
}
