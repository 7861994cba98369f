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

/** Of bodies of versions, which are never changed and asked about in every state that has them. */
const leavesByObject = new WeakMap<KubernetesObject, ReadonlyMap<string, string>>()
const pathsByObjects = new WeakMap<KubernetesObject, WeakMap<KubernetesObject, readonly string[]>>()

/** Value of each leaf, as JSON. The object must not change afterwards: the answer is kept. */
export function leavesOf(object: KubernetesObject): ReadonlyMap<string, string> {
  const known = leavesByObject.get(object)
  if (known !== undefined) return known
  const leaves = new Map<string, string>()
  collect(object, '', leaves)
  leavesByObject.set(object, leaves)
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

/** Paths of leaves whose values differ; one that only one side has differs. Neither may change afterwards. */
export function differingPaths(before: KubernetesObject, after: KubernetesObject): readonly string[] {
  let byAfter = pathsByObjects.get(before)
  if (byAfter === undefined) {
    byAfter = new WeakMap()
    pathsByObjects.set(before, byAfter)
  }
  const known = byAfter.get(after)
  if (known !== undefined) return known
  const [left, right] = [leavesOf(before), leavesOf(after)]
  const paths = [...new Set([...left.keys(), ...right.keys()])].filter((path) => left.get(path) !== right.get(path))
  byAfter.set(after, paths)
  return paths
}
