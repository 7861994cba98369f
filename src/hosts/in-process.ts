/**
 * The host that runs `async` reconcilers in this process, one at a time and deterministically: every call, clock
 * reading and random value is asked of `respond`, timers cost no time, and a run that waits for anything else, or
 * loops for ever, ends as unusable instead of hanging. Next: `run-queue.ts` for when a run is over, `run.ts` for one run.
 */
import { type Controller, isController } from '#controller/define-controller.ts'
import type { Host, RunOutcome } from '#controller/host.ts'
import { createGuard } from './guard.ts'
import type { LogEntry, MakeKubeConfig, RunOptions } from './run.ts'
import { breakLoop, enqueueJob, takeStrayError } from './run-queue.ts'
import { catchStrayErrors } from './stray-errors.ts'
import { installVirtualGlobals } from './virtual-globals.ts'

export interface InProcessHostOptions {
  /** Calls of one reconcile beyond which it is taken for an endless loop. Default 10,000. */
  readonly callLimit?: number
  /** Milliseconds of real time without a call after which code is taken for an endless loop; 0: never. Default 5000.
   *  The first host of a process decides for all. */
  readonly loopLimitMs?: number
  /** Gets what reconcilers write to the console. Default: it goes to stderr, so that results on stdout stay clean. */
  readonly onLog?: (entry: LogEntry) => void
  /** Makes the `kubeConfig` of a run. Default: reconcilers get none. */
  readonly kubeConfig?: MakeKubeConfig
}

let openHosts = 0
let releaseStrayErrors = () => {}

/** Runs the given controllers, by their names, until it is closed. Runs asked for at once are run in turn. */
export function createInProcessHost(controllers: readonly Controller[], options: InProcessHostOptions = {}): Host {
  const byName = new Map<string, Controller>()
  for (const controller of controllers) {
    if (!isController(controller))
      throw new Error(`a host runs what defineController returns, but got ${typeof controller}.`)
    if (byName.has(controller.name))
      throw new Error(`two controllers are named ${controller.name}. Give each a name of its own.`)
    byName.set(controller.name, controller)
  }
  const runOptions: RunOptions = {
    callLimit: options.callLimit ?? 10_000,
    loopLimitMs: options.loopLimitMs ?? 5000,
    onLog: options.onLog ?? ((entry) => void process.stderr.write(`${entry.text}\n`)),
    ...(options.kubeConfig === undefined ? {} : { kubeConfig: options.kubeConfig }),
  }
  const restoreGlobals = installVirtualGlobals()
  if (openHosts++ === 0) releaseStrayErrors = catchStrayErrors(takeStrayError)
  let open = true
  const { guard, stuck } = createGuard({ ...runOptions, breakLoop })
  return {
    guard,
    stuck,
    run(request) {
      const controller = byName.get(request.controller)
      if (controller === undefined) {
        return Promise.reject(
          new Error(`no controller ${request.controller} in this host; there are: ${[...byName.keys()].join(', ')}.`),
        )
      }
      return new Promise<RunOutcome>((resolve, reject) =>
        enqueueJob({ controller, request, options: runOptions, resolve, reject }),
      )
    },
    async close() {
      if (!open) return
      open = false
      restoreGlobals()
      if (--openHosts === 0) releaseStrayErrors()
    },
  }
}
