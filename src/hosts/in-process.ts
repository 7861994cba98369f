/**
 * The host that runs `async` reconcilers in this process, one at a time and deterministically: every call, clock
 * reading and random value is asked of `respond`, timers cost no time, and a run that waits for anything else, or
 * loops for ever, ends as unusable instead of hanging.
 */
import type { Controller } from '#controller/define-controller.ts'
import type { Host, RunOutcome, RunRequest } from '#controller/host.ts'
import { type LogEntry, Run, type RunOptions } from './run.ts'
import { installVirtualGlobals, running } from './virtual-globals.ts'

export interface InProcessHostOptions {
  /** Calls of one reconcile beyond which it is taken for an endless loop. Default 10,000. */
  readonly callLimit?: number
  /** Gets what reconcilers write to the console. Default: it goes to stderr. */
  readonly onLog?: (entry: LogEntry) => void
}

/** Runs the given controllers, by their names, until it is closed. Runs asked for at once are run in turn. */
export function createInProcessHost(controllers: readonly Controller[], options: InProcessHostOptions = {}): Host {
  const byName = new Map(controllers.map((controller) => [controller.name, controller]))
  const runOptions: RunOptions = {
    callLimit: options.callLimit ?? 10_000,
    onLog: options.onLog ?? ((entry) => process.stderr.write(`${entry.text}\n`)),
  }
  const restoreGlobals = installVirtualGlobals()
  return {
    run(request) {
      const controller = byName.get(request.controller)
      if (controller === undefined) {
        return Promise.reject(new Error(`no controller ${request.controller} in this host; there are ${[...byName.keys()].join(', ')}`))
      }
      return new Promise<RunOutcome>((resolve, reject) => enqueue({ controller, request, options: runOptions, resolve, reject }))
    },
    async close() {
      restoreGlobals()
    },
  }
}

interface Job {
  readonly controller: Controller
  readonly request: RunRequest
  readonly options: RunOptions
  readonly resolve: (outcome: RunOutcome) => void
  readonly reject: (error: unknown) => void
}

/** Globals are the process's, so of all hosts in it one run goes on at a time. */
const waiting: Job[] = []
let current: Job | undefined
let currentRun: Run | undefined
let patience = 0

/** How many rounds of microtasks and ticks a run may take without being over before it counts as waiting. */
const patienceMax = 32
const settledPromise = Promise.resolve()
const realSetImmediate = setImmediate

function enqueue(job: Job): void {
  if (current === undefined) begin(job)
  else waiting.push(job)
}

function begin(job: Job): void {
  current = job
  const run = new Run(job.controller, job.request, job.options, false)
  currentRun = run
  patience = patienceMax
  running.sources = run
  run.start()
  running.sources = run
  process.nextTick(drained)
}

/** Node runs a tick when no microtask is left: then the run is over, or waits. */
function drained(): void {
  const run = currentRun
  if (run === undefined) return
  if (run.outcome === undefined) {
    if (patience > 0) patience -= 1
    else if (run.timers.isEmpty) run.abandon(waitsOutside(run))
    else {
      patience = patienceMax
      run.timers.fireEarliest()
    }
    settledPromise.then(drainAgain)
    return
  }
  if (run.careful) {
    run.careful = false
    realSetImmediate(drained)
    return
  }
  end(run)
}

function drainAgain(): void {
  process.nextTick(drained)
}

function end(run: Run): void {
  const job = current
  running.sources = undefined
  current = undefined
  currentRun = undefined
  if (job === undefined) return
  if (run.failure !== undefined) job.reject(run.failure.error)
  else {
    try {
      job.resolve(run.finish())
    } catch (error) {
      job.reject(error)
    }
  }
  const next = waiting.shift()
  if (next !== undefined) begin(next)
}

function waitsOutside(run: Run): RunOutcome {
  const { controller, request } = run.request
  const key = request.namespace === undefined ? request.name : `${request.namespace}/${request.name}`
  return { type: 'unusable', message: `controller ${controller}, request ${key}: waits for something outside the cluster` }
}
