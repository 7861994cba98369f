/** What an explorer tells while it searches, and who is told. */
import type { ObjectName } from '#trace/path.ts'
import type { Verdict } from '#trace/report.ts'
import type { ExploredState, ExplorerFinding } from './explorer-builder.ts'

/**
 * In this order: `search`, then a `state` for each distinct state, while the search runs; that for each number of faults,
 * from 0 on. A search may begin anew, after it learnt what a controller reads: what came before does not count then.
 * When the last one is over: `converged`, `aborted` and `finding` for each one in the result, then `end`.
 */
export type ExplorationEvent =
  | { readonly type: 'search' }
  /** A distinct state, when it is first looked at. `pending`: `reconciler namespace/name` of each request that waits. */
  | {
      readonly type: 'state'
      /** 0 for the initial one, counted in each search. */
      readonly state: number
      readonly objects: readonly ObjectName[]
      readonly pending: readonly string[]
    }
  | { readonly type: 'converged'; readonly state: ExploredState }
  | { readonly type: 'aborted'; readonly state: ExploredState }
  | { readonly type: 'finding'; readonly finding: ExplorerFinding }
  | { readonly type: 'end'; readonly verdict: Verdict }

/** Gets every event, in order. What it throws ends the exploration. */
export interface Emitter {
  emit(event: ExplorationEvent): void
}

const EVENTS_MAX = 100_000

/** Keeps events in memory: the first 100,000, and how many there were beyond. */
export class MemoryEmitter implements Emitter {
  readonly events: ExplorationEvent[] = []
  dropped = 0

  emit(event: ExplorationEvent): void {
    if (this.events.length < EVENTS_MAX) this.events.push(event)
    else this.dropped++
  }
}
