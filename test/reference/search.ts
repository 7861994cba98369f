/**
 * A plain explicit-state search over a table-driven control plane, written from `semantics.md` alone and without any
 * reduction: what the real explorer is compared with. Clarity before speed.
 */
import { type Budget, NO_BUDGET, type Price, pay } from './choices.ts'
import { execute } from './execution.ts'
import { type CycleNode, findFairCycles } from './fair-cycles.ts'
import { copyState, initialState, type State, startProcess } from './state.ts'
import { stateKey } from './state-key.ts'
import type { Profile } from './step.ts'
import { storeForm } from './store-form.ts'
import { controllersOf, processesOf, type System } from './system.ts'
import { isQuiet } from './timers.ts'
import { type Transition, transitionsOf, waitingClasses } from './transitions.ts'
import { deletionsBefore, isAllowed, nextUserAction } from './user.ts'

export interface ReferenceOptions {
  /** A transition is a whole reconcile, or one write of it. Default 'reconcile'. */
  readonly granularity?: 'reconcile' | 'write'
  /** Total fault budget. Default 0. */
  readonly faults?: number
  /** Default 'lagging'. */
  readonly profile?: Profile
  /** Caps. Default: the total for the first two, 0 for the others (where the real defaults are higher, say so). */
  readonly stale?: number
  readonly crash?: number
  readonly apiError?: number
  readonly relist?: number
  readonly handover?: number
  readonly slow?: number
  /** No part of the total. Default 0. */
  readonly environment?: number
  /** Undelivered changes in one episode; beyond it a path is cut. Default 8. */
  readonly lagMax?: number
  /** Whether states in flight remember what an oracle needs at granularity 'write'. Default false: then it is judged
   *  by the first path to a state. */
  readonly remembersTruths?: boolean
  /** The search stops, with `complete: false`, when it has found this many states. Default none. */
  readonly statesMax?: number
}

export interface ReferenceResult {
  /** Distinct states (`stateKey`), whatever budget was left. */
  readonly states: number
  /** Distinct pairs of a state and an action taken from it, also to known states and to itself. */
  readonly transitions: number
  /** Distinct stores, without versions (`storeForm`). */
  readonly stores: ReadonlySet<string>
  /** The stores of the states at rest. */
  readonly outcomes: ReadonlySet<string>
  /** The outcomes of each environment history, canonical JSON; not the histories themselves. */
  readonly outcomesByHistory: ReadonlySet<string>
  readonly violations: {
    /** More than one outcome of one environment history. */
    readonly sameOutcome: boolean
    /** A fair cycle that writes, without a timer of a second or more. */
    readonly fairCycleWrites: boolean
    /** A fair cycle without writes in which a reconcile fails, without a timer of a second or more. */
    readonly errorLoop: boolean
    /** Quiet, with a user action left that is not enabled, or a deletion whose object is still terminating. */
    readonly stuckUserAction: boolean
    /** At rest, a request that a restart would enqueue would write. */
    readonly restUnstable: boolean
  }
  /** Oracle, controller and kind, of oracles that judge single steps. */
  readonly findings: ReadonlySet<string>
  /** A path met `lagMax`. Its last action is not counted among the transitions. */
  readonly cut: boolean
  /** False when `statesMax` stopped the search; then all else is a lower bound. */
  readonly complete: boolean
}

interface Found {
  readonly state: State
  /** By action name: the transitions taken, under any budget. */
  readonly taken: Map<string, Omit<Transition, 'next'> & { readonly to: number }>
  readonly enabled: Set<string>
}

export function referenceSearch(system: System, options: ReferenceOptions = {}): ReferenceResult {
  const { granularity = 'reconcile', profile = 'lagging', faults = 0, lagMax = 8, statesMax = Infinity } = options
  const whole: Budget = { ...NO_BUDGET, total: faults, ...capsOf(options, faults) }
  const found: Found[] = []
  const indexByKey = new Map<string, number>()
  const seen = new Set<string>()
  const queue: { readonly index: number; readonly budget: Budget }[] = []
  let cut = false

  const reach = (state: State, budget: Budget): number => {
    const key = stateKey(state, options.remembersTruths)
    let index = indexByKey.get(key)
    if (index === undefined) {
      index = found.push({ state, taken: new Map(), enabled: new Set() }) - 1
      indexByKey.set(key, index)
    }
    const visit = `${index} ${Object.values(budget).join(' ')}`
    if (!seen.has(visit)) {
      seen.add(visit)
      queue.push({ index, budget })
    }
    return index
  }

  reach(initialState(system), whole)
  for (let head = 0; head < queue.length && found.length <= statesMax; head++) {
    const { index, budget } = queue[head]!
    const { state, taken, enabled } = found[index]!
    for (const waiting of waitingClasses(state)) enabled.add(waiting)
    for (const transition of transitionsOf(system, state, { granularity, profile, lagMax, budget })) {
      if (transition.fairClass !== undefined) enabled.add(transition.fairClass)
      if (transition.next === undefined) {
        cut = true
        continue
      }
      const to = reach(transition.next, transition.paid.reduce(pay, budget))
      const { next: _reached, ...rest } = transition
      taken.set(transition.name, { ...rest, to })
    }
  }
  return judge({ system, profile }, found, { cut, complete: found.length <= statesMax })
}

function capsOf(options: ReferenceOptions, faults: number): Record<Price, number> {
  const { stale = faults, crash = faults, apiError = 0, relist = 0, handover = 0, slow = 0, environment = 0 } = options
  return { stale, crash, apiError, relist, handover, slow, environment }
}

interface Searched {
  readonly system: System
  readonly profile: Profile
}

function judge(
  { system, profile }: Searched,
  found: readonly Found[],
  end: { cut: boolean; complete: boolean },
): ReferenceResult {
  const quiet = found.map(({ state }) => state).filter((state) => isQuiet({ system, state, profile }))
  const atRest = quiet.filter((state) => nextUserAction(system, state) === undefined)
  const outcomes = new Set(atRest.map((state) => storeForm(state.store)))
  const byHistory = outcomesByHistory(atRest)
  const cycles = findFairCycles(found.map(cycleNodeOf))
  return {
    states: found.length,
    transitions: found.reduce((sum, { taken }) => sum + taken.size, 0),
    stores: new Set(found.map(({ state }) => storeForm(state.store))),
    outcomes,
    findings: new Set(found.flatMap(({ taken }) => [...taken.values()].flatMap(({ findings }) => findings))),
    outcomesByHistory: new Set(byHistory.map((forms) => JSON.stringify(forms))),
    violations: {
      sameOutcome: byHistory.some((forms) => forms.length > 1),
      fairCycleWrites: cycles.writing,
      errorLoop: cycles.failing,
      stuckUserAction: quiet.some((state) => isStuck(system, state)),
      restUnstable: atRest.some((state) => isRestUnstable({ system, profile }, state)),
    },
    ...end,
  }
}

function outcomesByHistory(atRest: readonly State[]): string[][] {
  const byHistory = new Map<string, Set<string>>()
  for (const { history, store } of atRest) {
    const key = history.join('\n')
    byHistory.set(key, (byHistory.get(key) ?? new Set()).add(storeForm(store)))
  }
  return [...byHistory.values()].map((forms) => [...forms].sort())
}

/** Cycles may not use faults, user actions and timers of a second or more. */
function cycleNodeOf({ taken, enabled }: Found): CycleNode {
  const edges = [...taken.values()].flatMap(({ fairClass, writes, fails, timerMs, to }) => {
    return fairClass === undefined || (timerMs ?? 0) >= 1000 ? [] : [{ to, fairClass, writes, fails }]
  })
  return { edges, enabled }
}

/** `state` is quiet. A deletion also waits when it is the last action: kubectl does not come back. */
function isStuck(system: System, state: State): boolean {
  const action = nextUserAction(system, state)
  if (action !== undefined && !isAllowed(system, state, action)) return true
  return deletionsBefore(system, state).some((key) => state.store.objects[key]?.terminating === true)
}

/** As long as none of the requests writes, none of them changes what the others see: so each is run by itself. */
function isRestUnstable({ system, profile }: Searched, state: State): boolean {
  return processesOf(system).some((process) => {
    const restarted = copyState(state)
    startProcess(system, restarted, process)
    return controllersOf(system, process).some((controller) =>
      (restarted.pending[controller.name] ?? []).some(
        (request) => execute(system, restarted, { controller, request, profile }).commits.length > 0,
      ),
    )
  })
}
