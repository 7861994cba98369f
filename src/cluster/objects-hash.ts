/** A 64-bit hash of which versions of objects and external systems a state holds, for caches by them. */
import { type Cluster, PART_EXTERNAL, PART_OBJECT } from './tables.ts'

/** The result of `hashObjects`. */
export const objectsHash = { high: 0, low: 0 }

/** Hashes into `objectsHash`; `seed` keeps apart what is not to be taken for one. */
export function hashObjects({ partType }: Cluster, state: Int32Array, length: number, seed = 0): void {
  let high = 0x6a09e667 ^ seed
  let low = 0x3c6ef372
  for (let part = 0; part < length; part++) {
    const type = partType[part]
    if (type !== PART_OBJECT && type !== PART_EXTERNAL) continue
    const value = state[part] as number
    if (value === 0) continue
    high = Math.imul(high ^ value, 0x9e3779b1)
    high = Math.imul(high ^ (high >>> 15) ^ part, 0x27d4eb2f)
    low = (Math.imul(low + value, 0x85ebca6b) ^ (low >>> 13) ^ high) + part
  }
  objectsHash.high = high | 0
  objectsHash.low = low | 0
}
