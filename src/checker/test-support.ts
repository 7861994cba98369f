/** A model that is a graph written down, for the tests of the checker. */
import { dominates } from './budget.ts'
import type { Model } from './model.ts'

export interface Edge {
  readonly to: number
  readonly flags?: number
  readonly fairClass?: number
  readonly cost?: number
  /** Who takes it; its fairness class when left out. */
  readonly agent?: number
  /** The step meets a bound of the model. */
  readonly cut?: boolean
}

/** State 0 is the initial one; `rows[state]` are its actions. A state's fingerprint is its number. */
export function graphModel(rows: readonly (readonly Edge[])[]): Model {
  let current = 0
  let enabled: readonly Edge[] = []
  const next = {
    state: new Int32Array(1),
    length: 1,
    high: 0,
    low: 0,
    flags: 0,
    fairClass: 0,
    cut: false,
    flagged: false,
  }
  return {
    next,
    initial: async () => Int32Array.of(0),
    fingerprint(state) {
      next.low = state[0] as number
    },
    enable(state, _length, remaining) {
      current = state[0] as number
      enabled = (rows[current] ?? []).filter((edge) => dominates(remaining, edge.cost ?? 0))
      return enabled.length
    },
    cost: (action) => enabled[action]?.cost ?? 0,
    agent: (action) => enabled[action]?.agent ?? enabled[action]?.fairClass ?? 1,
    take(action) {
      const { to, flags = 0, fairClass = 1, cut = false } = enabled[action] as Edge
      next.state[0] = to
      next.low = to
      next.flags = flags
      next.fairClass = fairClass
      next.cut = cut
      return true
    },
    resolve: async () => {},
  }
}
