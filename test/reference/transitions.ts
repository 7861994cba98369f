/**
 * What can happen in a state: every action with its price, as `semantics.md` has it, without any reduction.
 */
import { type Budget, deliveryVariants } from './delivery.ts'
import { type Execution, endReconcile, execute, goOn, nextWrite } from './execution.ts'
import { copyState, deliver, type InFlight, removePending, type State, startProcess, viewFor } from './state.ts'
import { applyUserAction, applyWrite, keyOf } from './store.ts'
import { type ControllerDescription, processesOf, type System, type UserActionDescription } from './system.ts'
import { dueTimers, isQuiet, takeTimer } from './timers.ts'

export interface TransitionBounds {
  readonly granularity: 'reconcile' | 'write'
  readonly lagMax: number
  readonly budget: Budget
}

export interface Transition {
  /** Unique among the transitions of a state. */
  readonly name: string
  /** For weak fairness. Undefined for user actions and everything that contains a fault. */
  readonly fairClass: string | undefined
  readonly cost: { readonly stale: number; readonly crash: number }
  /** Undefined: an episode would have more than `lagMax` undelivered changes; the path is cut here. */
  readonly next: State | undefined
  /** Whether something was committed. */
  readonly writes: boolean
  /** Whether a reconcile ended with an error. */
  readonly fails: boolean
  /** The delay of the timer that is taken. */
  readonly timerMs: number | undefined
}

export function transitionsOf(system: System, state: State, bounds: TransitionBounds): Transition[] {
  const reconciles = bounds.granularity === 'reconcile' ? runTransitions : stepTransitions
  return [
    ...system.controllers.flatMap((controller) => reconciles(system, state, controller, bounds)),
    ...catchUpTransitions(system, state),
    ...timerTransitions(system, state),
    ...userTransitions(system, state, bounds),
    ...restartTransitions(system, state, bounds.budget),
  ]
}

// ---- granularity 'reconcile'

function runTransitions(
  system: System,
  state: State,
  controller: ControllerDescription,
  bounds: TransitionBounds,
): Transition[] {
  return (state.pending[controller.name] ?? []).flatMap((request) => {
    const { commits, end } = execute(system, state, controller, request)
    const name = `run ${controller.name} ${request}`
    const whole = copyState(state)
    removePending(whole, controller.name, request)
    whole.store = commits.at(-1)?.store ?? state.store
    const runs = deliveryVariants(system, whole, {
      changes: commits.map((commit) => commit.change),
      ...bounds,
    }).map(({ label, opened, next }): Transition => {
      if (next !== undefined) endReconcile(next, controller, request, end)
      return {
        name: name + label,
        fairClass: opened === 0 ? name : undefined,
        cost: { stale: opened, crash: 0 },
        next,
        writes: commits.length > 0,
        fails: end.type === 'error',
        timerMs: undefined,
      }
    })
    return [...runs, ...crashedRuns(system, state, controller, { name, commits, bounds })]
  })
}

/** The process dies right after each of the committed writes. */
function crashedRuns(
  system: System,
  state: State,
  controller: ControllerDescription,
  run: { name: string; commits: Execution['commits']; bounds: TransitionBounds },
): Transition[] {
  const { name, commits, bounds } = run
  const { budget } = bounds
  if (budget.crash < 1 || budget.total < 1) return []
  const left = { ...budget, total: budget.total - 1 }
  return commits.flatMap(({ store }, index) => {
    const died = copyState(state)
    died.store = store
    const changes = commits.slice(0, index + 1).map((commit) => commit.change)
    const variants = deliveryVariants(system, died, {
      changes,
      lagMax: bounds.lagMax,
      budget: left,
      dead: controller.process,
    })
    return variants.map(({ label, opened, next }): Transition => {
      if (next !== undefined) startProcess(system, next, controller.process)
      return {
        name: `${name} crash after ${index + 1}${label}`,
        fairClass: undefined,
        cost: { stale: opened, crash: 1 },
        next,
        writes: true,
        fails: false,
        timerMs: undefined,
      }
    })
  })
}

// ---- granularity 'write'

function stepTransitions(
  system: System,
  state: State,
  controller: ControllerDescription,
  bounds: TransitionBounds,
): Transition[] {
  const inFlight = state.inFlight[controller.name]
  if (inFlight !== undefined) return writeTransitions(system, state, { controller, inFlight, bounds })
  return (state.pending[controller.name] ?? []).map((request) => {
    const next = copyState(state)
    removePending(next, controller.name, request)
    const end = goOn(next, controller, { request, view: viewFor(state, controller), replies: [] })
    const name = `run ${controller.name} ${request}`
    return freeTransition(`begin ${name}`, name, next, end?.type === 'error')
  })
}

function writeTransitions(
  system: System,
  state: State,
  step: { controller: ControllerDescription; inFlight: InFlight; bounds: TransitionBounds },
): Transition[] {
  const { controller, inFlight, bounds } = step
  const result = applyWrite(system, state.store, nextWrite(controller, inFlight))
  const written = copyState(state)
  written.store = result.store
  const changes = result.change === undefined ? [] : [result.change]
  const name = `run ${controller.name} ${inFlight.request}`
  return deliveryVariants(system, written, { changes, ...bounds }).map(({ label, opened, next }) => {
    const end = next && goOn(next, controller, { ...inFlight, replies: [...inFlight.replies, result.reply] })
    return {
      name: `write ${name}${label}`,
      fairClass: opened === 0 ? name : undefined,
      cost: { stale: opened, crash: 0 },
      next,
      writes: changes.length > 0,
      fails: end?.type === 'error',
      timerMs: undefined,
    }
  })
}

function catchUpTransitions(system: System, state: State): Transition[] {
  return Object.entries(state.episodes).flatMap(([process, byKind]) =>
    Object.entries(byKind).map(([kind, [oldest, ...later]]) => {
      const next = copyState(state)
      const open = (next.episodes[process] ??= {})
      if (later.length > 0) open[kind] = later
      else delete open[kind]
      if (oldest !== undefined) deliver(system, next, process, oldest)
      const name = `catch up ${process} ${kind}`
      return freeTransition(name, name, next, false)
    }),
  )
}

function freeTransition(name: string, fairClass: string, next: State, fails: boolean): Transition {
  return { name, fairClass, cost: { stale: 0, crash: 0 }, next, writes: false, fails, timerMs: undefined }
}

function timerTransitions(system: System, state: State): Transition[] {
  return dueTimers(system, state).map((timer) => {
    const name = `timer ${timer.controller.name} ${timer.request}`
    return { ...freeTransition(name, 'timer', takeTimer(state, timer), false), timerMs: timer.delayMs }
  })
}

// ---- the user

export function nextUserAction(system: System, state: State): UserActionDescription | undefined {
  return system.script?.[state.position]
}

/**
 * Whether the objects allow the action now; `at: 'rest'` is not looked at. A deletion of what is not there is allowed
 * and does nothing. After a deletion the user waits until the object is gone: while it is terminating, no action on
 * that name is allowed.
 */
export function isAllowed(system: System, state: State, action: UserActionDescription): boolean {
  const key = keyOf(action.type === 'create' ? action.object : action)
  const object = state.store.objects[key]
  if (action.type === 'create') return object === undefined
  if (action.type === 'update') return object !== undefined && !object.terminating
  return object?.terminating !== true || !deletionsBefore(system, state).includes(key)
}

/** The names that the user has deleted so far. */
export function deletionsBefore(system: System, state: State): string[] {
  const done = (system.script ?? []).slice(0, state.position)
  return done.flatMap((action) => (action.type === 'delete' ? [keyOf(action)] : []))
}

function userTransitions(system: System, state: State, bounds: TransitionBounds): Transition[] {
  const action = nextUserAction(system, state)
  if (action === undefined || !isAllowed(system, state, action)) return []
  if (action.at === 'rest' && !isQuiet(system, state)) return []
  const result = applyUserAction(system, state.store, action)
  const acted = copyState(state)
  acted.position += 1
  acted.store = result.store
  const changes = result.change === undefined ? [] : [result.change]
  return deliveryVariants(system, acted, { changes, ...bounds }).map(({ label, opened, next }) => ({
    name: `user ${state.position}${label}`,
    fairClass: undefined,
    cost: { stale: opened, crash: 0 },
    next,
    writes: changes.length > 0,
    fails: false,
    timerMs: undefined,
  }))
}

// ---- crashes between reconciles

function restartTransitions(system: System, state: State, budget: Budget): Transition[] {
  if (budget.crash < 1 || budget.total < 1) return []
  return processesOf(system).map((process) => {
    const next = copyState(state)
    startProcess(system, next, process)
    return {
      name: `restart ${process}`,
      fairClass: undefined,
      cost: { stale: 0, crash: 1 },
      next,
      writes: false,
      fails: false,
      timerMs: undefined,
    }
  })
}
