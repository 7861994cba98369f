/**
 * Controllers that run "at once": what wakes one is followed by its whole reconcile before anything else happens, so
 * that a search has one order in the place of many. While such a request can act, its reconcile is the only thing that
 * happens; no fault strikes it, though the caches of others may fall behind when it writes.
 *
 * What that hides is in docs/fidelity.md; `test/builtin/at-once.test.ts` compares it with the normal mode.
 */
import type { BudgetVector } from '#checker/budget.ts'
import { addAction, type Enabled } from './enabled.ts'
import type { Run } from './run.ts'
import type { RequestEntry } from './tables.ts'
import type { World } from './world.ts'

/** How a request is walked, which is the business of `enable.ts`. */
export interface AtOnceWalks {
  /** What it would do as a whole; undefined: code must run first. */
  readonly whole: (request: RequestEntry) => Run | undefined
  /** The next part of it: all of it, or at granularity write one write. False: code must run first. */
  readonly next: (request: RequestEntry) => boolean
  /** The ways in which the caches of others may miss what it writes. */
  readonly lags: (type: 'run' | 'begin' | 'write', run: Run) => void
}

/**
 * Adds the one thing that happens at once. `none`: nothing does, the state is like any other. A request that can only
 * fail waits like any other, so that what would help it can happen. `code`: code must run first.
 */
export function addAtOnce(
  world: World,
  enabled: Enabled,
  remaining: BudgetVector,
  walks: AtOnceWalks,
): 'added' | 'none' | 'code' {
  const { cluster, state, rules } = world
  if (!cluster.actsAtOnce) return 'none'
  for (const request of cluster.requests) {
    if (request.controller.definition.atOnce !== true) continue
    const flies = request.inFlightPart !== 0 && state[request.inFlightPart] !== 0
    if (!flies && state[request.pendingPart] === 0) continue
    if (!flies) {
      const whole = walks.whole(request)
      if (whole === undefined) return 'code'
      const { leaf } = whole
      const onlyFails = whole.changes.length === 0 && (leaf?.type === 'error' || leaf?.requeue === true)
      if (onlyFails) continue
    }
    if (!walks.next(request)) return 'code'
    const run = enabled.runs[enabled.runCount - 1] as Run
    const type = rules.granularity === 'reconcile' ? 'run' : flies ? 'write' : 'begin'
    addAction(enabled, type, { run, request })
    if (remaining !== 0 && run.changes.length > 0) walks.lags(type, run)
    return 'added'
  }
  return 'none'
}
