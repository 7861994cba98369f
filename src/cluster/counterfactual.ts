/**
 * What a reconcile would have done, had its reads been answered otherwise. It is executed, not guessed: walked through
 * its trie, and where nobody has been yet its code runs. Such runs are in no statistics.
 */
import { execute } from './execute.ts'
import { createRun, type Run } from './run.ts'
import type { RequestEntry } from './tables.ts'
import { beginRun, type RunPlace, rootOf, walk } from './walk.ts'
import { ensureCapacity, type ReadSource, type World } from './world.ts'

export interface Counterfactual {
  readonly readsFrom: ReadSource
  readonly place: RunPlace | undefined
  /** To its end; else to before its next write. */
  readonly whole: boolean
}

let scratch: Run | undefined

/**
 * Walks `request` in the state being expanded, from its start or from where a reconcile in flight is. The run is valid
 * until the next call. Undefined: code must run first (`world.needed`).
 */
export function walkOtherwise(world: World, request: RequestEntry, asked: Counterfactual): Run | undefined {
  const { place, readsFrom, whole } = asked
  const other: World = { ...world, readsFrom }
  scratch ??= createRun(request, rootOf(world, request))
  const run = scratch
  beginRun(other, run, request, place)
  walk(other, run, true, whole)
  world.truthIsCopied = false
  ensureCapacity(world)
  if (run.stoppedAt !== 'miss') return run
  world.needed = async () => {
    const { counters } = world.cluster
    const { executed } = counters
    await execute(other, request, place)
    counters.executed = executed
    world.truthIsCopied = false
  }
  return undefined
}
