/**
 * The visited set: 64-bit fingerprints to dense state numbers, by open addressing over typed arrays.
 * 12 bytes a place at a load of at most 0.7. A JS Set of strings is 20 times slower and larger, and V8's own
 * sets stop at 16,777,216 entries.
 *
 * Two states with one fingerprint would be taken for one: `collisionProbability` says how likely that is.
 */

export interface VisitedSet {
  high: Int32Array
  low: Int32Array
  /** State number + 1; 0 marks a free place. */
  number: Int32Array
  mask: number
  size: number
}

export function visitedSet(capacity = 1 << 12): VisitedSet {
  return {
    high: new Int32Array(capacity),
    low: new Int32Array(capacity),
    number: new Int32Array(capacity),
    mask: capacity - 1,
    size: 0,
  }
}

/** The number of a fingerprint, or -1 when it is not there. */
export function find(set: VisitedSet, high: number, low: number): number {
  let place = low & set.mask
  for (;;) {
    const number = set.number[place] as number
    if (number === 0) return -1
    if (set.low[place] === low && set.high[place] === high) return number - 1
    place = (place + 1) & set.mask
  }
}

/** The number of a fingerprint; a new one gets the number `set.size` had before. */
export function findOrAdd(set: VisitedSet, high: number, low: number): number {
  let place = low & set.mask
  for (;;) {
    const number = set.number[place] as number
    if (number === 0) break
    if (set.low[place] === low && set.high[place] === high) return number - 1
    place = (place + 1) & set.mask
  }
  set.high[place] = high
  set.low[place] = low
  set.size++
  set.number[place] = set.size
  if (set.size * 10 > (set.mask + 1) * 7) grow(set)
  return set.size - 1
}

function grow(set: VisitedSet): void {
  const larger = visitedSet((set.mask + 1) * 2)
  for (let place = 0; place <= set.mask; place++) {
    const number = set.number[place] as number
    if (number === 0) continue
    let free = (set.low[place] as number) & larger.mask
    while (larger.number[free] !== 0) free = (free + 1) & larger.mask
    larger.high[free] = set.high[place] as number
    larger.low[free] = set.low[place] as number
    larger.number[free] = number
  }
  set.high = larger.high
  set.low = larger.low
  set.number = larger.number
  set.mask = larger.mask
}

/** An upper bound of the probability that any two of `states` distinct states share a 64-bit fingerprint. */
export function collisionProbability(states: number): number {
  return Math.min(1, (states * states) / 2 ** 65)
}
