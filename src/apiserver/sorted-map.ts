/**
 * A persistent map from strings, in the order of its keys: an AVL tree whose versions share their unchanged parts.
 * The server's state is made of these, so that keeping an old state costs nothing.
 */

interface Node<T> {
  readonly key: string
  readonly value: T
  readonly left: Node<T> | undefined
  readonly right: Node<T> | undefined
  readonly height: number
  readonly size: number
}

/** An immutable map; `undefined` is the empty one. */
export type SortedMap<T> = Node<T> | undefined

export function getFrom<T>(map: SortedMap<T>, key: string): T | undefined {
  let node = map
  while (node !== undefined) {
    if (key === node.key) return node.value
    node = key < node.key ? node.left : node.right
  }
  return undefined
}

export function sizeOf(map: SortedMap<unknown>): number {
  return map === undefined ? 0 : map.size
}

export function withEntry<T>(map: SortedMap<T>, key: string, value: T): SortedMap<T> {
  if (map === undefined) return node(key, value, undefined, undefined)
  if (key === map.key) return node(key, value, map.left, map.right)
  if (key < map.key) return balance(map.key, map.value, withEntry(map.left, key, value), map.right)
  return balance(map.key, map.value, map.left, withEntry(map.right, key, value))
}

export function withoutEntry<T>(map: SortedMap<T>, key: string): SortedMap<T> {
  if (map === undefined) return undefined
  if (key < map.key) return balance(map.key, map.value, withoutEntry(map.left, key), map.right)
  if (key > map.key) return balance(map.key, map.value, map.left, withoutEntry(map.right, key))
  if (map.left === undefined) return map.right
  if (map.right === undefined) return map.left
  let successor = map.right
  while (successor.left !== undefined) successor = successor.left
  return balance(successor.key, successor.value, map.left, withoutEntry(map.right, successor.key))
}

/** All values in the order of their keys, or those whose key begins with `prefix`. */
export function valuesOf<T>(map: SortedMap<T>, prefix = ''): readonly T[] {
  const values: T[] = []
  collect(map, prefix, values)
  return values
}

/** Keys and values in the order of the keys. */
export function* entriesOf<T>(map: SortedMap<T>): Generator<readonly [string, T]> {
  if (map === undefined) return
  yield* entriesOf(map.left)
  yield [map.key, map.value]
  yield* entriesOf(map.right)
}

function collect<T>(map: SortedMap<T>, prefix: string, values: T[]): void {
  if (map === undefined) return
  const matches = map.key.startsWith(prefix)
  if (matches || map.key > prefix) collect(map.left, prefix, values)
  if (matches) values.push(map.value)
  if (matches || map.key < prefix) collect(map.right, prefix, values)
}

function heightOf(map: Node<unknown> | undefined): number {
  return map === undefined ? 0 : map.height
}

function node<T>(key: string, value: T, left: SortedMap<T>, right: SortedMap<T>): Node<T> {
  return {
    key,
    value,
    left,
    right,
    height: Math.max(heightOf(left), heightOf(right)) + 1,
    size: sizeOf(left) + sizeOf(right) + 1,
  }
}

/** A node over two trees whose heights differ by two at most. */
function balance<T>(key: string, value: T, left: SortedMap<T>, right: SortedMap<T>): Node<T> {
  const difference = heightOf(left) - heightOf(right)
  if (difference > 1) {
    const { left: outer, right: inner } = left as Node<T>
    if (heightOf(outer) >= heightOf(inner)) return rotateRight(key, value, left as Node<T>, right)
    return rotateRight(
      key,
      value,
      rotateLeft((left as Node<T>).key, (left as Node<T>).value, outer, inner as Node<T>),
      right,
    )
  }
  if (difference < -1) {
    const { left: inner, right: outer } = right as Node<T>
    if (heightOf(outer) >= heightOf(inner)) return rotateLeft(key, value, left, right as Node<T>)
    return rotateLeft(
      key,
      value,
      left,
      rotateRight((right as Node<T>).key, (right as Node<T>).value, inner as Node<T>, outer),
    )
  }
  return node(key, value, left, right)
}

function rotateRight<T>(key: string, value: T, left: Node<T>, right: SortedMap<T>): Node<T> {
  return node(left.key, left.value, left.left, node(key, value, left.right, right))
}

function rotateLeft<T>(key: string, value: T, left: SortedMap<T>, right: Node<T>): Node<T> {
  return node(right.key, right.value, node(key, value, left, right.left), right.right)
}
