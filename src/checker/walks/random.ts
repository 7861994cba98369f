/** Seeded random numbers: the same seed gives the same numbers in every version, on every machine. */

export interface Random {
  /** A whole number from 0 to before `bound`. */
  below(bound: number): number
  /** From 0 to before 1. */
  fraction(): number
}

/** Mulberry32 after one round of mixing, so that neighbouring seeds have nothing in common. */
export function seededRandom(seed: number): Random {
  let state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ (seed >>> 13)
  const fraction = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
  return { fraction, below: (bound) => Math.floor(fraction() * bound) }
}
