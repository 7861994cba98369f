/** Arrays of 32-bit integers that grow; the memory of a search. */

export interface GrowableInt32 {
  values: Int32Array
  length: number
}

export function growable(capacity = 1024): GrowableInt32 {
  return { values: new Int32Array(capacity), length: 0 }
}

/** Appends a value and returns its index. */
export function push(array: GrowableInt32, value: number): number {
  const index = array.length
  if (index === array.values.length) reserve(array, index + 1)
  array.values[index] = value
  array.length = index + 1
  return index
}

/** Makes room for `length` values; grows by half so that memory follows need. */
function reserve(array: GrowableInt32, length: number): void {
  if (length <= array.values.length) return
  const larger = new Int32Array(Math.max(length, array.values.length + (array.values.length >> 1) + 16))
  larger.set(array.values.subarray(0, array.length))
  array.values = larger
}

export function at(array: GrowableInt32, index: number): number {
  return array.values[index] as number
}
