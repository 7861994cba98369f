/**
 * Former states of a server: what lists at an older resourceVersion and later pages of a list read. States share what
 * did not change, so one costs little more than the change that made it.
 */
import type { StorageReader } from './request.ts'
import type { ApiState } from './state.ts'

export interface StateHistory {
  /** Remembers the state after a commit. */
  add(state: ApiState): void
  /** The state at a revision: undefined when it is forgotten, or not there yet. */
  at(revision: number): ApiState | undefined
  /** Forgets everything before the newest state. */
  compact(): void
  /** The oldest revision that is remembered. */
  readonly oldest: number
}

/** A history that begins now and forgets the oldest states beyond `statesMax` (default 10,000). */
export function createStateHistory(initial: ApiState, statesMax = 10_000): StateHistory {
  let states: ApiState[] = [initial]
  return {
    add: (state) => {
      if (state.revision <= (states.at(-1) as ApiState).revision) return
      states.push(state)
      // Dropping in bulk keeps the cost of one addition small.
      if (states.length > 2 * statesMax) states = states.slice(-statesMax)
    },
    at: (revision) => {
      const newest = states.at(-1) as ApiState
      if (revision > newest.revision) return undefined
      let low = 0
      let high = states.length
      while (low < high) {
        const middle = (low + high) >> 1
        if ((states[middle] as ApiState).revision <= revision) low = middle + 1
        else high = middle
      }
      return states[low - 1]
    },
    compact: () => {
      states = states.slice(-1)
    },
    get oldest() {
      return (states[0] as ApiState).revision
    },
  }
}

/** A state that can be asked for its former ones. */
export function withHistory(state: ApiState, history: StateHistory): StorageReader {
  return { ...state, at: (revision) => history.at(revision) }
}
