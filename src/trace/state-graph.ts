/** The states of a searched level and the transitions between them, as numbers with names: what inspectors walk about in. */

/** States are numbered in the order in which they were met; 0 is the initial state. */
export interface StateGraph {
  readonly level: { readonly profile: string; readonly granularity: string; readonly faults: number }
  readonly states: number
  /** What transitions are: which request's reconcile, timer or late events, the user's actions, each with its faults. */
  readonly actions: readonly string[]
  /** Steps of the path on which each state was first met. */
  readonly depths: Int32Array
  /** The action by which each state was first met; -1 of the initial state. */
  readonly reachedBy: Int32Array
  /** Transitions of state s are those from `offsets[s]` to `offsets[s + 1]`, each once. */
  readonly offsets: Int32Array
  readonly targets: Int32Array
  readonly takenBy: Int32Array
  /** States in which the cluster is at rest. */
  readonly rests: readonly number[]
  /**
   * By the id of an outcome: the states of its shortest path; by the id of a finding: of its path, or, where this level
   * has not met them all, of the run on which it met the finding. The initial state comes first.
   */
  readonly paths: Readonly<Record<string, readonly number[]>>
  /** Ids of findings whose states are those of their path: the one before each step, and the one at the end. */
  readonly stepwise: readonly string[]
}
