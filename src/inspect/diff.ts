/**
 * Which fields differ between two objects: what a write changed, or where two runs ended apart. Lists are
 * compared as Kubernetes means them: by the key of their elements (`name`, `type`, …) or as sets of scalars.
 */

/** `left` or `right` is undefined where the field is absent. `path` is dotted: `spec.containers[name=a].image`. */
export interface ObjectDifference {
  readonly path: string
  readonly left: unknown
  readonly right: unknown
}

/** Bookkeeping of the API server that changes with every write. */
const IGNORED_PATHS: readonly string[] = ['metadata.resourceVersion', 'metadata.managedFields']

/** In order of preference; the first that every element of both lists has, once each, is taken. */
const LIST_KEYS = ['name', 'type', 'uid', 'key', 'containerPort', 'port', 'mountPath', 'ip', 'topologyKey']

/**
 * The differences in the order of the fields: those of `left` first, then those that only `right` has.
 * @param ignored dotted paths that are left out; default: resourceVersion and managedFields of `metadata`
 */
export function differences(
  left: unknown,
  right: unknown,
  ignored: readonly string[] = IGNORED_PATHS,
): readonly ObjectDifference[] {
  return compare(left, right, '', new Set(ignored))
}

function compare(
  left: unknown,
  right: unknown,
  path: string,
  ignored: ReadonlySet<string>,
): readonly ObjectDifference[] {
  if (left === right || ignored.has(path)) return []
  if (isFields(left) && isFields(right)) {
    const names = [...new Set([...Object.keys(left), ...Object.keys(right)])]
    return names.flatMap((name) => compare(own(left, name), own(right, name), fieldPath(path, name), ignored))
  }
  if (Array.isArray(left) && Array.isArray(right)) return compareLists(left, right, path, ignored)
  return [{ path, left, right }]
}

function compareLists(
  left: readonly unknown[],
  right: readonly unknown[],
  path: string,
  ignored: ReadonlySet<string>,
): readonly ObjectDifference[] {
  const identify = identification(left, right)
  if (identify === undefined) {
    const indices = Array.from({ length: Math.max(left.length, right.length) }, (_, index) => index)
    return indices.flatMap((index) => compare(left[index], right[index], `${path}[${index}]`, ignored))
  }
  const leftById = new Map(left.map((item) => [identify(item), item]))
  const rightById = new Map(right.map((item) => [identify(item), item]))
  const ids = [...new Set([...leftById.keys(), ...rightById.keys()])]
  return [
    ...orderDifference([...leftById.keys()], [...rightById.keys()], path),
    ...ids.flatMap((id) => compare(leftById.get(id), rightById.get(id), `${path}[${id}]`, ignored)),
  ]
}

/** Elements that both lists have, in another order. */
function orderDifference(
  leftIds: readonly string[],
  rightIds: readonly string[],
  path: string,
): readonly ObjectDifference[] {
  const left = leftIds.filter((id) => rightIds.includes(id))
  const right = rightIds.filter((id) => leftIds.includes(id))
  return left.every((id, index) => id === right[index]) ? [] : [{ path: `${path} (order)`, left, right }]
}

/** What tells the elements of both lists apart, or undefined when only their position does. */
function identification(left: readonly unknown[], right: readonly unknown[]): ((item: unknown) => string) | undefined {
  const both = [...left, ...right]
  const distinct = (identify: (item: unknown) => string) =>
    new Set(left.map(identify)).size === left.length && new Set(right.map(identify)).size === right.length
  if (both.every(isScalar)) return distinct(String) ? String : undefined
  if (!both.every(isFields)) return undefined
  for (const key of LIST_KEYS) {
    const identify = (item: unknown) => `${key}=${String((item as Fields)[key])}`
    if (both.every((item) => isScalar((item as Fields)[key])) && distinct(identify)) return identify
  }
  return undefined
}

/** Keys with a dot or slash (labels, annotations) are quoted, so that a path can be read back. */
function fieldPath(path: string, name: string): string {
  if (!/^[\w$-]+$/.test(name)) return `${path}["${name}"]`
  return path === '' ? name : `${path}.${name}`
}

/** Fields may be called `constructor` or `toString`. */
function own(fields: Fields, name: string): unknown {
  return Object.hasOwn(fields, name) ? fields[name] : undefined
}

type Fields = Readonly<Record<string, unknown>>

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
}
