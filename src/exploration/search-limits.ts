/** What may end a level early, and how its progress is told: limits, Ctrl-C, the clock. */
import { statesDistinct } from '#checker/search.ts'
import { INTERRUPTED } from '#cluster/interruption.ts'
import type { LevelOptions } from '#cluster/level.ts'
import type { WalksBeyond, WalksInstead } from '#cluster/walk-level.ts'
import type { ExploreOptions } from './options.ts'

export interface SearchLimits {
  readonly search: Pick<LevelOptions, 'depthMax' | 'statesMax' | 'stop' | 'progress'>
  elapsedMs(): number
  /** How much is walked after what cut the search: a tenth of what the search had. */
  readonly walksShare: WalksBeyond['share'] | undefined
  /** For the strategies `random` and `pct`. */
  readonly runs?: RunsTold
}

export type RunsTold = Partial<Pick<WalksInstead, 'seed' | 'runsMax' | 'guide' | 'onRun'>>

const WALKS_SHARE = 0.1
const WALKS_STEPS_MIN = 5000
const WALKS_MS_MIN = 1000

/** How often the event loop gets a turn, so that Ctrl-C and progress work during a search. */
const PAUSE_MS = 50
const realSetImmediate = setImmediate

export function searchLimits(options: ExploreOptions, level: string, findings: () => number): SearchLimits {
  const start = options.wallClock()
  let lastPause = start
  return {
    elapsedMs: () => options.wallClock() - start,
    walksShare: (cuts) => {
      const begun = options.wallClock()
      const interrupted = (): boolean => options.signal?.aborted === true
      // A limit on states is met at the same place in every run, and so are walks that are counted.
      const counted = [...cuts].some((cut) => cut.startsWith('states-max'))
      if (counted && options.statesMax !== undefined)
        return { stepsMax: Math.max(WALKS_STEPS_MIN, options.statesMax * WALKS_SHARE), stop: interrupted }
      const shareMs = Math.max(WALKS_MS_MIN, (begun - start) * WALKS_SHARE)
      return {
        stepsMax: Number.POSITIVE_INFINITY,
        stop: () => interrupted() || options.wallClock() - begun > shareMs,
      }
    },
    search: {
      ...(options.depthMax === undefined ? {} : { depthMax: options.depthMax }),
      ...(options.statesMax === undefined ? {} : { statesMax: options.statesMax }),
      stop: () => {
        if (options.signal?.aborted === true) return INTERRUPTED
        if (options.timeLimitMs !== undefined && options.wallClock() - start > options.timeLimitMs)
          return `time-limit ${options.timeLimitMs} ms`
        if (options.memoryMaxMb !== undefined && process.memoryUsage.rss() > options.memoryMaxMb * 1048576)
          return `memory-max ${options.memoryMaxMb} MB`
        return undefined
      },
      progress: (graph) => {
        const now = options.wallClock()
        if (now - lastPause < PAUSE_MS) return undefined
        lastPause = now
        const elapsedMs = now - start
        options.onProgress?.({
          level,
          statesDistinct: statesDistinct(graph),
          statesGenerated: graph.transitions + 1,
          statesOnQueue: graph.queue.count,
          depth: graph.depthMax,
          elapsedMs,
          statesPerSecond: Math.round((statesDistinct(graph) * 1000) / Math.max(1, elapsedMs)),
          findings: findings(),
        })
        return new Promise((resolve) => realSetImmediate(resolve))
      },
    },
  }
}

/** For searches that are made many times: what lies beyond their limits is not worth the time. */
export function withoutWalks(limits: SearchLimits): SearchLimits {
  return { ...limits, walksShare: undefined }
}

/** For searches beside seeded runs: these search. */
export function searchingOptions(options: ExploreOptions): ExploreOptions {
  const isWalk = options.strategy === 'random' || options.strategy === 'pct'
  return isWalk ? { ...options, strategy: 'breadth-first', reduction: 'all' } : options
}
