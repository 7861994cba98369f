/**
 * The functions behind the verbs, which are loaded when they are needed: `kamera --help` must not wait for the
 * search. The command line is given them, so that its tests can give it others.
 */
import type { Scenario } from '#cluster/scenario.ts'
import type { PathRecord } from '#trace/path.ts'
import type { CounterexampleFile, ExploreReport, ReportFinding } from '#trace/report.ts'

/** What `explore` may be told; what is left out has the default of surfaces. */
export interface SearchOptions {
  faults: number
  stale: number
  crash: number
  apiError: number
  relist: number
  handover: number
  slow: number
  environment: number
  lagMax: number
  timeMaxMs: number
  profiles: string[]
  queue: 'fifo' | 'priority'
  granularity: 'auto' | 'reconcile' | 'write' | 'call'
  shuffleLists: boolean
  strategy: 'breadth-first' | 'depth-first' | 'random' | 'pct'
  reduction: 'all' | 'none' | string[]
  verifyReductions: boolean
  depthMax: number
  statesMax: number
  memoryMaxMb: number
  timeLimitMs: number
  seed: number
  auditPercent: number
  stopAtFirst: boolean
}

export interface SearchProgress {
  readonly level: string
  readonly statesDistinct: number
  readonly statesGenerated: number
  readonly statesOnQueue: number
  readonly depth: number
  readonly elapsedMs: number
  readonly statesPerSecond: number
  readonly findings: number
}

export interface SearchControls {
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: SearchProgress) => void
  /** Milliseconds since any moment. */
  readonly wallClock: () => number
}

export type ExploreFunction = (
  scenario: Scenario,
  options: Partial<SearchOptions> & SearchControls,
) => Promise<ExploreReport>

export interface ReplayResult {
  /** `reproduced`: the finding is there again. `diverged`: the path cannot be followed. */
  readonly status: 'reproduced' | 'gone' | 'diverged'
  /** Index of the first step that differs. */
  readonly divergedAt?: number
  readonly message: string
  /** As far as it was followed. */
  readonly path: PathRecord
  readonly finding?: ReportFinding
}

export type ReplayFunction = (
  scenario: Scenario,
  file: CounterexampleFile,
  options: SearchControls,
) => Promise<ReplayResult>

/** Loads what a verb needs. */
export interface Verbs {
  explore(): Promise<ExploreFunction>
  replay(): Promise<ReplayFunction>
}
