/** The actions of the state being expanded, as they are listed: memory that is used again for every expansion. */
import type { BudgetVector } from '#checker/budget.ts'
import { type Action, type ActionType, NO_KINDS, NO_LAGS } from './action.ts'
import type { LagChoice } from './deliver.ts'
import type { Occurrence } from './environment-events.ts'
import { createRun, type Run } from './run.ts'
import type { Process, RequestEntry } from './tables.ts'
import { rootOf } from './walk.ts'
import type { World } from './world.ts'

/** The actions of a state and what is known of its rest. Reused for every expansion. */
export interface Enabled {
  readonly actions: Action[]
  count: number
  readonly runs: Run[]
  runCount: number
  /** Calls of runs are kept, since some may be made to fail. */
  keepsCalls: boolean
  /** Nothing ready, nothing undelivered, every timer idle or beyond the horizon. */
  quiet: boolean
  /** A timer lies beyond the horizon: an outcome is labelled with it. */
  horizon: boolean
}

export function createEnabled(): Enabled {
  return { actions: [], count: 0, runs: [], runCount: 0, keepsCalls: false, quiet: false, horizon: false }
}

interface ActionParts {
  readonly run?: Run
  readonly request?: RequestEntry
  readonly process?: Process
  readonly kind?: number
  readonly crashAfter?: number
  readonly lags?: readonly LagChoice[]
  readonly occurrence?: Occurrence
  readonly oldLists?: readonly number[]
  readonly forgetsBookmarks?: boolean
  readonly cost?: BudgetVector
}

/** Adds an action to those of the state. */
export function addAction(enabled: Enabled, type: ActionType, parts: ActionParts): void {
  const action = enabled.actions[enabled.count]
  enabled.count++
  if (action === undefined) {
    enabled.actions.push({
      type,
      run: parts.run,
      request: parts.request,
      process: parts.process,
      kind: parts.kind ?? -1,
      crashAfter: parts.crashAfter ?? -1,
      lags: parts.lags ?? NO_LAGS,
      occurrence: parts.occurrence,
      oldLists: parts.oldLists ?? NO_KINDS,
      forgetsBookmarks: parts.forgetsBookmarks ?? false,
      cost: parts.cost ?? 0,
    })
    return
  }
  action.type = type
  action.run = parts.run
  action.request = parts.request
  action.process = parts.process
  action.kind = parts.kind ?? -1
  action.crashAfter = parts.crashAfter ?? -1
  action.lags = parts.lags ?? NO_LAGS
  action.occurrence = parts.occurrence
  action.oldLists = parts.oldLists ?? NO_KINDS
  action.forgetsBookmarks = parts.forgetsBookmarks ?? false
  action.cost = parts.cost ?? 0
}

/** The first run that is free. */
export function freeRun(world: World, enabled: Enabled, request: RequestEntry): Run {
  let run = enabled.runs[enabled.runCount]
  if (run === undefined) {
    run = createRun(request, rootOf(world, request))
    enabled.runs.push(run)
  }
  return run
}
