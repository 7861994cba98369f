/**
 * A structural 64-bit hash of JSON, without building strings: two 32-bit lanes, commutative over object keys.
 * `undefined` fields count as absent. Results are left in `lanes` because a pair of numbers would have to be
 * allocated at every level.
 */

/** The result of the last call. */
export const lanes = { high: 0, low: 0 }

const HIGH_SEED = 0x2545f491
const LOW_SEED = 0x4f6cdd1d

/** Finalises a lane; the 32-bit mixer of Murmur3. */
function mix32(value: number): number {
  let h = value
  h ^= h >>> 16
  h = Math.imul(h, 0x85ebca6b)
  h ^= h >>> 13
  h = Math.imul(h, 0xc2b2ae35)
  return h ^ (h >>> 16)
}

/** Combines two 64-bit values, in order, into `lanes`. */
export function combine(aHigh: number, aLow: number, bHigh: number, bLow: number): void {
  const high = mix32((aHigh ^ Math.imul(bLow, 0x9e3779b1)) + HIGH_SEED)
  const low = mix32((aLow ^ Math.imul(bHigh, 0x85ebca77)) + Math.imul(bLow, 0xc2b2ae3d) + LOW_SEED)
  lanes.high = mix32(high + Math.imul(low, 0x27d4eb2f))
  lanes.low = mix32(low ^ bLow ^ Math.imul(aHigh, 0x165667b1))
}

export function hashString(text: string): void {
  let high = HIGH_SEED
  let low = LOW_SEED
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    high = Math.imul(high ^ code, 0x01000193)
    low = Math.imul(low + code, 0x5bd1e995)
    low ^= low >>> 15
  }
  lanes.high = mix32(high ^ text.length)
  lanes.low = mix32(low ^ high)
}

export function hashNumber(value: number): void {
  if ((value | 0) === value) {
    lanes.high = mix32(value ^ 0x3c6ef372)
    lanes.low = mix32(value + 0x1b873593)
  } else hashString(`\u0000${value}`)
}

/** Replaces a leaf by another value before it is hashed: how canonical forms forget what nobody can observe. */
export type Substitute = (value: string | number, key: string) => string | number

/** Replaces a key of an object before it is hashed. */
export type SubstituteKey = (key: string) => string

/** Hashes any JSON value into `lanes`, with what `substitute` makes of its leaves and `substituteKey` of its keys. */
export function hashJson(value: unknown, substitute?: Substitute, key = '', substituteKey?: SubstituteKey): void {
  switch (typeof value) {
    case 'string':
      return hashLeaf(substitute === undefined ? value : substitute(value, key))
    case 'number':
      return hashLeaf(substitute === undefined ? value : substitute(value, key))
    case 'boolean':
      lanes.high = value ? 0x5a827999 : 0x6ed9eba1
      lanes.low = value ? 0x428a2f98 : 0x71374491
      return
    case 'object':
      break
    default:
      lanes.high = 0x10
      lanes.low = 0x20
      return
  }
  if (value === null) {
    lanes.high = 0x31415926
    lanes.low = 0x53589793
    return
  }
  if (Array.isArray(value)) {
    let high = value.length
    let low = 0x7f4a7c15
    for (const element of value) {
      hashJson(element, substitute, key, substituteKey)
      combine(high, low, lanes.high, lanes.low)
      high = lanes.high
      low = lanes.low
    }
    lanes.high = high ^ 0x41
    lanes.low = low
    return
  }
  let sumHigh = 0x1234567
  let sumLow = 0x89abcde
  const record = value as Record<string, unknown>
  for (const name in record) {
    const field = record[name]
    if (field === undefined) continue
    hashJson(field, substitute, name, substituteKey)
    const fieldHigh = lanes.high
    const fieldLow = lanes.low
    hashString(substituteKey === undefined ? name : substituteKey(name))
    combine(lanes.high, lanes.low, fieldHigh, fieldLow)
    sumHigh = (sumHigh + lanes.high) | 0
    sumLow = (sumLow + lanes.low) | 0
  }
  lanes.high = mix32(sumHigh ^ 0x7b)
  lanes.low = mix32(sumLow + sumHigh)
}

function hashLeaf(value: string | number): void {
  if (typeof value === 'string') hashString(value)
  else hashNumber(value)
}

/** The 53 bits of `lanes` that fit a JavaScript number: a key for a Map. */
export function lanesKey(): number {
  return (lanes.high & 0x1fffff) * 4294967296 + (lanes.low >>> 0)
}
