/**
 * Hashes of what a renaming changes, remembered by a key of all that it can change there: the ranks of the uids, names,
 * generations and instants that it mentions. Most states rename the same few things in the same few ways.
 */
import { lanes } from './structural-hash.ts'

/** By what is hashed (a version, a memory, a part), and by that key. */
export type RememberedHashes = Map<number, Map<number, { readonly high: number; readonly low: number }>>

/** Leaves the hash in `lanes`: the one that is known, else the one that `hash` leaves there. */
export function remembered(known: RememberedHashes, id: number, key: number, hash: () => void): void {
  let byKey = known.get(id)
  if (byKey === undefined) {
    byKey = new Map()
    known.set(id, byKey)
  }
  const found = byKey.get(key)
  if (found !== undefined) {
    lanes.high = found.high
    lanes.low = found.low
    return
  }
  hash()
  byKey.set(key, { high: lanes.high, low: lanes.low })
}
