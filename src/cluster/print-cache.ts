/**
 * Fingerprints of states met lately, by their encoding. Most transitions lead to an encoding that was met a moment
 * before by another order of the same steps (two of three in the ZooKeeper demo), and the renaming that a fingerprint
 * may need costs far more than a look at the encoding.
 *
 * A place holds the 64-bit hash of an encoding and its fingerprint, and the next encoding of the same place takes it,
 * so memory is fixed. Nothing depends on what is remembered but time: within one search an encoding has one
 * fingerprint. Two encodings with one hash would be taken for one, as two states with one fingerprint are; here only
 * the pairs that meet in a place count.
 */
import { print } from './fingerprint.ts'
import { hashObjects, objectsHash } from './objects-hash.ts'
import { type Cluster, INSTANT_GIVEN, TIME } from './tables.ts'

/** Places; a power of two. */
const PLACES = 1 << 18

export interface PrintCache {
  /** Of each place: high and low hash of the encoding, high and low of its fingerprint. */
  readonly places: Int32Array
  /** The place and the hash of the encoding asked about last. */
  offset: number
  high: number
  low: number
}

export function createPrintCache(): PrintCache {
  return { places: new Int32Array(PLACES * 4), offset: 0, high: 0, low: 0 }
}

/** Puts the fingerprint of an encoding into `print` and says true, or false when it is not remembered. */
export function recallPrint(cache: PrintCache, state: Int32Array, length: number): boolean {
  let high = 0x6a09e667 ^ length
  let low = 0x3c6ef372
  for (let part = 0; part < length; part++) {
    const value = state[part] as number
    high = Math.imul(high ^ value, 0x9e3779b1)
    high ^= high >>> 15
    low = Math.imul(low + value, 0x85ebca6b) ^ (low >>> 13) ^ high
  }
  return recall(cache, high, low)
}

/**
 * As `recallPrint`, for the fingerprint of the objects alone: the rest of an encoding is left out, but for the time, from
 * which instants in objects may be counted.
 */
export function recallStorePrint(cache: PrintCache, cluster: Cluster, state: Int32Array, length: number): boolean {
  hashObjects(cluster, state, length, Math.imul(state[TIME] as number, 0x9e3779b1) ^ (state[INSTANT_GIVEN] as number))
  return recall(cache, objectsHash.high, objectsHash.low)
}

function recall(cache: PrintCache, high: number, low: number): boolean {
  const { places } = cache
  const offset = (low & (PLACES - 1)) * 4
  cache.offset = offset
  cache.high = high
  cache.low = low
  if (places[offset] !== high || places[offset + 1] !== low) return false
  print.high = places[offset + 2] as number
  print.low = places[offset + 3] as number
  return true
}

/** Remembers `print` as the fingerprint of the encoding asked about last. */
export function keepPrint(cache: PrintCache): void {
  const { places, offset } = cache
  places[offset] = cache.high
  places[offset + 1] = cache.low
  places[offset + 2] = print.high
  places[offset + 3] = print.low
}
