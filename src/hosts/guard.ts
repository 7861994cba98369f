/**
 * Watches user code that runs outside a reconcile (mapping functions, predicates, properties): synchronous code that
 * does not come back is terminated by the watchdog, and with it the search that had called it, so whoever waits for
 * the search has to wait for `stuck` as well.
 */
import type { Outside } from '#controller/host.ts'
import { OutsideSources } from './outside-sources.ts'
import { type LogEntry, progress } from './run.ts'
import { running } from './virtual-sources.ts'
import { watchForLoops } from './watchdog.ts'

export interface Guard {
  guard<T>(what: string, run: () => T, outside: Outside): T
  /** Never fulfilled; rejected when guarded code was terminated. */
  readonly stuck: Promise<never>
}

let serial = 0
let guarded = ''
const listeners = new Set<(error: Error) => void>()

export interface GuardOptions {
  readonly loopLimitMs: number
  readonly onLog: (entry: LogEntry) => void
  readonly breakLoop: (serial: number, site: string | undefined) => void
}

export function createGuard({ loopLimitMs, onLog, breakLoop }: GuardOptions): Guard {
  let reject: (error: Error) => void = () => {}
  const stuck = new Promise<never>((_, rejected) => {
    reject = rejected
  })
  // Nobody may be waiting: that is no unhandled rejection.
  stuck.catch(() => {})
  listeners.add(reject)
  return {
    stuck,
    guard(what, run, outside) {
      // Inside a reconcile the reconcile is watched.
      if (loopLimitMs <= 0 || progress[0] !== 0) return withSources(new OutsideSources(what, outside, onLog), run)
      watchForLoops(loopLimitMs, breakLoop)
      serial = serial <= -1_000_000_000 ? -1 : serial - 1
      guarded = what
      progress[0] = serial
      try {
        return withSources(new OutsideSources(what, outside, onLog), run)
      } finally {
        progress[0] = 0
      }
    },
  }
}

function withSources<T>(sources: OutsideSources, run: () => T): T {
  const before = running.sources
  running.sources = sources
  try {
    return run()
  } finally {
    running.sources = before
  }
}

/** Told by the watchdog; true when it was guarded code that it ended. */
export function endGuarded(ended: number, site: string | undefined): boolean {
  if (ended >= 0) return false
  progress[0] = 0
  // Code that is ended runs no finally.
  running.sources = undefined
  const at = site === undefined ? '' : ` at ${site}`
  const error = new Error(
    `${guarded} does not come back${at}. It was ended after some seconds: it probably loops for ever. It is called in every state that a search reaches, so it has to be quick: mend the loop.`,
  )
  error.name = 'HostError'
  for (const reject of listeners) reject(error)
  listeners.clear()
  return true
}
