/**
 * What can happen in a state: every action with its price, as `semantics.md` has it, without any reduction.
 */
import { canPay, everyPlay, type Price, pay } from './choices.ts'
import { beginReconcile, endReconcile, performWrite, runToEnd, runToWrite } from './execution.ts'
import type { Reconcile } from './flights.ts'
import { bookmark, catchUp, forgetRetired, handOver, listAgain, restart } from './process-steps.ts'
import type { State } from './state.ts'
import { type Bounds, beginStep, commit, isCut, type Step } from './step.ts'
import { applyUserAction } from './store.ts'
import { type ControllerDescription, processesOf, processKindsOf, type System } from './system.ts'
import { dueTimers, earliestTimers, isQuiet, type NamedTimer, takeTimer } from './timers.ts'
import { effectOf, isAllowed, nextUserAction } from './user.ts'

export interface Transition {
  /** Unique among the transitions of a state. */
  readonly name: string
  /** For weak fairness. Undefined for user actions and everything that contains a fault. */
  readonly fairClass: string | undefined
  readonly paid: readonly Price[]
  /** Undefined: an episode would have more than `lagMax` undelivered changes; the path is cut here. */
  readonly next: State | undefined
  /** Whether something was committed. */
  readonly writes: boolean
  /** Whether a reconcile ended with an error. */
  readonly fails: boolean
  /** What oracles that judge single steps say. */
  readonly findings: readonly string[]
  /** The delay of the timer that is taken. */
  readonly timerMs: number | undefined
}

interface Move {
  readonly name: string
  readonly fairClass?: string
  readonly price?: Price
  readonly timerMs?: number
  take(step: Step): void
}

export function transitionsOf(system: System, state: State, bounds: Bounds): Transition[] {
  const moves = [
    ...system.controllers.flatMap((controller) => reconcileMoves(state, controller, bounds)),
    ...retiredMoves(system, state),
    ...watchMoves(state),
    ...timerMoves(system, state, bounds),
    ...userMoves(system, state, bounds),
    ...environmentMoves(system, state),
    ...processMoves(system, state, bounds),
  ]
  return moves.flatMap((move) => transitionsOfMove(system, state, bounds, move))
}

function transitionsOfMove(system: System, state: State, bounds: Bounds, move: Move): Transition[] {
  const { name, fairClass, price, timerMs } = move
  if (price !== undefined && !canPay(bounds.budget, price)) return []
  const budget = price === undefined ? bounds.budget : pay(bounds.budget, price)
  const played = everyPlay(budget, (choose) => {
    const step = beginStep(system, state, { ...bounds, budget }, choose)
    move.take(step)
    forgetRetired(step.state)
    return step
  })
  // Whether a process that dies in the step was late before, nobody can tell.
  const kept = played.filter(({ value }) => value.died === undefined || !value.lagging.has(value.died))
  // Once no handover can be paid, nobody will ever see what a standby has missed.
  const useful = kept.filter(({ value, paid }) => {
    if (canPay(paid.reduce(pay, budget), 'handover')) return true
    for (const process of Object.keys(value.state.standby)) value.state.standby[process] = {}
    return !value.standbyLags
  })
  return useful.map(({ value, label, paid }) => ({
    name: label === '' ? name : `${name} ${label}`,
    fairClass: label === '' ? fairClass : undefined,
    paid: price === undefined ? paid : [price, ...paid],
    next: isCut(value) ? undefined : value.state,
    writes: value.commits.length > 0,
    fails: value.fails,
    findings: value.findings,
    timerMs,
  }))
}

// ---- reconciles

function reconcileMoves(state: State, controller: ControllerDescription, bounds: Bounds): Move[] {
  const inFlight = state.inFlight[controller.name]
  if (inFlight !== undefined) {
    const { process, name } = controller
    const author = { process, controller: name, request: inFlight.request, retired: undefined }
    return [writeMove({ controller, author })]
  }
  const ready = (state.pending[controller.name] ?? []).filter((request) => !isHeldBack(state, controller, request))
  return ready.map((request) => {
    const name = runName(controller.name, request)
    if (bounds.granularity === 'reconcile') {
      return { name, fairClass: name, take: (step) => void runToEnd(step, beginReconcile(step, controller, request)) }
    }
    return {
      name: `begin ${name}`,
      fairClass: name,
      take: (step) => goOn(step, beginReconcile(step, controller, request)),
    }
  })
}

/**
 * The fairness classes of requests in work queues. A queue is first in, first out, so one that waits there comes to its
 * turn, also where a controller is never seen without a reconcile in flight.
 */
export function waitingClasses(state: State): readonly string[] {
  return Object.entries(state.pending).flatMap(([name, requests]) => requests.map((request) => runName(name, request)))
}

function runName(controller: string, request: string): string {
  return `run ${controller} ${request}`
}

/** Whether the process has not received what it wrote for this request (only remembered under consistency-store). */
function isHeldBack(state: State, controller: ControllerDescription, request: string): boolean {
  const mark = `${controller.name} ${request}`
  return Object.values(state.episodes[controller.process] ?? {}).some((episode) =>
    episode.type === 'late'
      ? episode.undelivered.some(({ mine }) => mine === mark)
      : episode.mine.some((mine) => mine.as === mark),
  )
}

function goOn(step: Step, reconcile: Reconcile): void {
  const end = runToWrite(step, reconcile)
  if (end !== undefined) endReconcile(step, reconcile, end)
}

function writeMove(reconcile: Reconcile): Move {
  const { author } = reconcile
  const name = runName(author.controller, author.request)
  const instance = author.retired === undefined ? '' : ` of retired ${author.retired}`
  return {
    name: `write ${name}${instance}`,
    fairClass: `${name}${instance}`,
    take: (step) => {
      performWrite(step, reconcile)
      goOn(step, reconcile)
    },
  }
}

function retiredMoves(system: System, state: State): Move[] {
  return state.retired.flatMap(({ process, inFlight }, retired) =>
    system.controllers.flatMap((controller) => {
      const flight = inFlight[controller.name]
      if (flight === undefined) return []
      return [
        writeMove({ controller, author: { process, controller: controller.name, request: flight.request, retired } }),
      ]
    }),
  )
}

// ---- watches

function watchMoves(state: State): Move[] {
  return Object.entries(state.episodes).flatMap(([process, open]) =>
    Object.entries(open).map(([kind, episode]): Move => {
      const name = `${episode.type === 'late' ? 'catch up' : 'list again'} ${process} ${kind}`
      const take = episode.type === 'late' ? catchUp : listAgain
      return { name, fairClass: name, take: (step) => take(step, process, kind) }
    }),
  )
}

// ---- time

function timerMoves(system: System, state: State, { profile }: Bounds): Move[] {
  const question = { system, state, profile }
  const due = dueTimers(question)
  const nameOf = ({ controller, request }: NamedTimer): string => `timer ${controller.name} ${request}`
  if (due.length > 0) {
    return due.map((timer) => ({
      name: nameOf(timer),
      fairClass: 'timer',
      timerMs: timer.delayMs,
      take: (step) => takeTimer(step.state, timer),
    }))
  }
  return earliestTimers(question).map((timer) => ({
    name: `slow ${nameOf(timer)}`,
    price: 'slow',
    timerMs: timer.delayMs,
    take: (step) => {
      takeTimer(step.state, timer)
      remember(step.state, nameOf(timer))
    },
  }))
}

function remember(state: State, entry: string): void {
  state.history = [...state.history, `${state.position} ${entry}`]
}

// ---- the user and the surroundings

function userMoves(system: System, state: State, { profile }: Bounds): Move[] {
  const action = nextUserAction(system, state)
  if (action === undefined || !isAllowed(system, state, action)) return []
  if (action.at === 'rest' && !isQuiet({ system, state, profile })) return []
  const take = (step: Step): void => {
    step.state.position += 1
    commit(step, applyUserAction(system, state.store, action), undefined)
  }
  return [{ name: `user ${state.position}`, take }]
}

function environmentMoves(system: System, state: State): Move[] {
  return (system.environment ?? []).flatMap((event): Move[] => {
    const effect = effectOf(system, state, event)
    if (effect === undefined) return []
    const take = (step: Step): void => {
      commit(step, effect, undefined)
      remember(step.state, event.name)
    }
    return [{ name: `environment ${event.name}`, price: 'environment', take }]
  })
}

// ---- processes

function processMoves(system: System, state: State, { budget, profile }: Bounds): Move[] {
  return processesOf(system).flatMap((process): Move[] => {
    const bookmarks =
      profile === 'legacy-restart' && canPay(budget, 'crash')
        ? processKindsOf(system, process).filter((kind) => state.bookmarks[process]?.[kind]?.length !== 0)
        : []
    return [
      ...bookmarks.map((kind) => ({
        name: `bookmark ${process} ${kind}`,
        take: (step: Step) => bookmark(step, process, kind),
      })),
      { name: `restart ${process}`, price: 'crash', take: (step) => restart(step, process) },
      { name: `hand over ${process}`, price: 'handover', take: (step) => handOver(step, process) },
    ]
  })
}
