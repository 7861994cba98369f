/** An action of the state being expanded: the label of a transition. Reused from one expansion to the next. */
import type { BudgetVector } from '#checker/budget.ts'
import type { LagChoice } from './deliver.ts'
import type { Occurrence } from './environment-events.ts'
import type { Run } from './run.ts'
import type { Process, RequestEntry } from './tables.ts'

export type ActionType =
  /** A whole reconcile (granularity reconcile). */
  | 'run'
  /** A reconcile up to its first write (granularity write). */
  | 'begin'
  /** The next write of a reconcile in flight, and its reads after it. */
  | 'write'
  /** The next action of the user's script. */
  | 'user'
  /** A timer is taken: time passes, its request is due. */
  | 'timer'
  /** The oldest event of a lag episode is delivered. */
  | 'catch-up'
  /** A process whose watch broke lists again. */
  | 'list-again'
  /** A process crashes between reconciles and starts anew. */
  | 'restart'
  /** A second instance of a process takes over. */
  | 'handover'
  /** The environment does something by itself. */
  | 'environment'

export interface Action {
  type: ActionType
  run: Run | undefined
  request: RequestEntry | undefined
  process: Process | undefined
  /** Kind of an episode. */
  kind: number
  /** The process dies after this many of the run's changes, at the end of a write; -1: it lives. */
  crashAfter: number
  lags: readonly LagChoice[]
  /** What the environment does. */
  occurrence: Occurrence | undefined
  /** Kinds whose list at the start of the crashed process is the bookmarked one (`bookmarks.ts`). */
  oldLists: readonly number[]
  /** No crash is left after it: bookmarks are of no use any more. */
  forgetsBookmarks: boolean
  cost: BudgetVector
}

/** Fields of budget vectors: 0 the total, 1 stale, 2 crash, 3 apiError, 4 relist, 5 handover, 6 slow. */
const ONE_FAULT = 1
export const STALE_COST: BudgetVector = ONE_FAULT + (1 << 4)
export const CRASH_COST: BudgetVector = ONE_FAULT + (1 << 8)
export const API_ERROR_COST: BudgetVector = ONE_FAULT + (1 << 12)
export const RELIST_COST: BudgetVector = ONE_FAULT + (1 << 16)
export const HANDOVER_COST: BudgetVector = ONE_FAULT + (1 << 20)
export const SLOW_COST: BudgetVector = ONE_FAULT + (1 << 24)

/** An environment event counts in a budget of its own, not in the total of faults. */
export const ENVIRONMENT_FIELD = 7
export const ENVIRONMENT_COST: BudgetVector = 1 << (4 * ENVIRONMENT_FIELD)

export const NO_LAGS: readonly LagChoice[] = []
export const NO_KINDS: readonly number[] = []

const LAG_NAMES = { stale: 'lag', relist: 'relist', bookmark: 'bookmark', standby: 'standby-lag' } as const

/** What must be left of the budget for an action to be there: a standby falls behind only while it could take over. */
export function neededFor({ cost, lags }: Action): BudgetVector {
  return lags.some(({ type }) => type === 'standby') ? cost + HANDOVER_COST : cost
}

/** Whether a timer is taken while other work waits. */
export function isSlow({ type, cost }: Action): boolean {
  return type === 'timer' && cost !== 0
}

/** A name for an action that is the same in every run: what a counterexample file keeps. */
export function actionName(action: Action, kindName: (kind: number) => string): string {
  const parts: string[] = [isSlow(action) ? 'slow timer' : action.type]
  if (action.request !== undefined) parts.push(action.request.label)
  if (action.occurrence !== undefined) parts.push(action.occurrence.name)
  if (action.run !== undefined && action.run.offset > 0) parts.push(`call-${action.run.offset + 1}`)
  if (action.run !== undefined && action.run.retired !== 0) {
    const { request, retired } = action.run
    parts.push(`replaced-${request.retiredParts.indexOf(retired) + 1}`)
  }
  if (action.process !== undefined) parts.push(action.process.name)
  if (action.kind >= 0) parts.push(kindName(action.kind))
  for (const { call, type } of action.run?.errors ?? []) parts.push(`error(${call},${type})`)
  if (action.crashAfter >= 0) parts.push(`crash-after-${action.crashAfter}`)
  for (const lag of action.lags)
    parts.push(`${LAG_NAMES[lag.type]}(${lag.process.name},${kindName(lag.kind)},${lag.from})`)
  for (const kind of action.oldLists) parts.push(`old(${kindName(kind)})`)
  return parts.join(' ')
}
