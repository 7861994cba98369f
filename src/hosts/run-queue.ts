/**
 * Runs one at a time, of all hosts of this process, because the globals are the process's. Whether a run is over is
 * asked in ticks: Node runs one when no microtask is left, so a run whose reconcile has not ended by then waits.
 */
import type { Controller } from '#controller/define-controller.ts'
import { type RunOutcome, type RunRequest, STOP } from '#controller/host.ts'
import { endGuarded } from './guard.ts'
import { isRunOver, Run, type RunOptions } from './run.ts'
import { endlessLoop, tooManyTimers, waitsOutside } from './unusable.ts'
import { createWaitObserver, type Wait, type WaitObserver } from './wait-site.ts'
import { watchForLoops } from './watchdog.ts'

/** A run that was asked for. */
export interface Job {
  readonly controller: Controller
  readonly request: RunRequest
  readonly options: RunOptions
  readonly resolve: (outcome: RunOutcome) => void
  readonly reject: (error: unknown) => void
}

/** How many rounds of ticks and microtasks a run may take without an end in sight before it counts as waiting. */
const roundsMax = 64
/** Timers that may fire in one run. */
const timersMax = 10_000
/** The first runs of a controller wait for a turn of the event loop, which tells of rejections nobody handles. */
const carefulRuns = 200

const settledPromise = Promise.resolve()
const realSetImmediate = setImmediate

const waiting: Job[] = []
const runsByController = new WeakMap<Controller, number>()
let alwaysCareful = false
/** Runs since the last turn of the event loop whose rejections are not known yet: ended ones, and stopped ones, whose
 *  rejections are nobody's. */
let endedUnheard = 0
let stopped = 0

let job: Job | undefined
let run: Run | undefined
/** The second run of code that waits, which tells where. */
let rerun: { readonly run: Run; readonly observer: WaitObserver } | undefined
let isStarted = false
let rounds = 0
let timersFired = 0

export function enqueueJob(next: Job): void {
  if (job === undefined) begin(next)
  else waiting.push(next)
}

/**
 * Takes an error that nobody caught: a defect of the run going on, if there is one. Node tells of rejections only when
 * nothing is left to do, which may be several runs later; so some can be assigned to no run, and cannot be again.
 */
export function takeStrayError(what: string, thrown: unknown): boolean {
  if (isRunOver(thrown)) return true
  const isExact = what !== 'unhandled rejection' || (endedUnheard === 0 && stopped === 0)
  if (run !== undefined && (isExact || run.wasAnswered(thrown))) {
    if (rerun === undefined) run.defect(what, thrown)
    return true
  }
  if (endedUnheard === 0 && stopped === 0) return false
  alwaysCareful = true
  if (endedUnheard > 0)
    process.stderr.write(`kamera: ${what} in a reconcile that had ended already: ${String(thrown)}\n`)
  return true
}

function begin(next: Job): void {
  const { controller, options } = next
  const count = runsByController.get(controller) ?? 0
  if (count < carefulRuns) runsByController.set(controller, count + 1)
  job = next
  const careful = alwaysCareful || count < carefulRuns
  run = new Run(controller, next.request, options, careful)
  isStarted = false
  rounds = 0
  timersFired = 0
  if (options.loopLimitMs > 0) watchForLoops(options.loopLimitMs, breakLoop)
  // In a microtask, as all user code: the watchdog ends all that is on the stack of code that does not come back, which
  // must be neither the caller's, nor a callback of Node's that has to be left in good order.
  if (careful && endedUnheard + stopped > 0) realSetImmediate(startSoon)
  else startSoon()
}

function startSoon(): void {
  void settledPromise.then(startRun)
}

function startRun(): void {
  if (run === undefined) return
  if (run.careful) allHeard()
  isStarted = true
  run.start()
  process.nextTick(drained)
}

function drained(): void {
  if (run === undefined || !isStarted) return
  const observed = rerun?.run ?? run
  if (observed.isInterrupted) return
  if (observed.outcome === undefined || asks(observed)) return goOn(observed)
  if (rerun !== undefined) return endRerun(run, rerun.observer)
  if (run.careful && run.outcome?.type !== 'stopped') realSetImmediate(endHeard)
  else end(run, false)
}

/** Whether the end must wait: requests of a `kubeConfig` that nobody awaits are on their way. */
function asks({ held, outcome }: Run): boolean {
  if (held === undefined || outcome?.type === 'stopped' || outcome?.type === 'unusable') return false
  return !held.isEmpty || rounds < roundsMax
}

/** The event loop has turned: all rejections so far are known. */
function allHeard(): void {
  endedUnheard = 0
  stopped = 0
}

function endHeard(): void {
  if (run === undefined) return
  allHeard()
  end(run, true)
}

/** The code is not at its end: it gets some more rounds, then its earliest timer, and if it has none, it waits. */
function goOn(observed: Run): void {
  rounds += 1
  if (rounds > roundsMax) {
    rounds = 0
    // What was asked is answered before time passes.
    if (observed.held?.isEmpty === false) {
      void settledPromise.then(() => answerHeld(observed))
    } else if (observed.timers.isEmpty) {
      if (rerun === undefined) beginRerun(observed)
      else return endRerun(run as Run, rerun.observer)
    } else if (timersFired++ >= timersMax)
      observed.abandon(tooManyTimers(observed.request, timersMax, observed.lastCall))
    else void settledPromise.then(() => fireTimer(observed))
  }
  void settledPromise.then(drainAgain)
}

function drainAgain(): void {
  process.nextTick(drained)
}

function answerHeld(observed: Run): void {
  observed.held?.answer()
}

function fireTimer(observed: Run): void {
  try {
    observed.timers.fireEarliest()
  } catch (thrown) {
    observed.defect('uncaught exception', thrown)
  }
}

/** Runs the code once more with the answers it got. Nothing of the second run is heard by the caller. */
function beginRerun(first: Run): void {
  let next = 0
  const respond = () => first.replies[next++] ?? STOP
  const second = new Run(first.controller, { ...first.request, respond }, { ...first.options, onLog: () => {} }, false)
  const observer = createWaitObserver()
  rerun = { run: second, observer }
  timersFired = 0
  observer.start()
  second.start()
}

function endRerun(first: Run, observer: WaitObserver): void {
  const second = rerun?.run
  const wait: Wait = observer.stop()
  const site = wait.site
  const cameToAnEnd = second?.outcome !== undefined && second.outcome.type !== 'stopped'
  second?.abandon({ type: 'stopped' })
  rerun = undefined
  first.abandon(
    waitsOutside(
      first.request,
      cameToAnEnd
        ? { what: 'something that was there when it was run once more' }
        : { ...wait, ...(site === undefined ? {} : { site }) },
    ),
  )
  end(first, false)
}

/** The watchdog has stopped the code; what was queued behind it is lost, so the run is ended from here. */
export function breakLoop(serial: number, site: string | undefined): void {
  if (endGuarded(serial, site)) return
  if (run === undefined || (serial !== run.serial && serial !== rerun?.run.serial)) return
  rerun?.observer.stop()
  rerun = undefined
  run.abandon(endlessLoop(run.request, run.options.loopLimitMs, site))
  end(run, false)
}

function end(over: Run, heard: boolean): void {
  const ended = job
  const outcome = over.finish()
  over.leave()
  job = undefined
  run = undefined
  if (outcome.type === 'stopped' || outcome.type === 'unusable') stopped += 1
  else if (!heard) endedUnheard += 1
  if (over.failure !== undefined) ended?.reject(over.failure.error)
  else ended?.resolve(outcome)
  const next = waiting.shift()
  if (next !== undefined) begin(next)
}
