/**
 * The functions behind the verbs, which are loaded when they are needed: `kamera --help` must not wait for the
 * search. The command line is given them, so that its tests can give it others.
 */

import type { Scenario } from '#cluster/scenario.ts'
import type { GivenOptions } from '#exploration/options.ts'
import type { Recorder, RecordOptions } from '#record.ts'
import type { ReplayResult } from '#replay.ts'
import type { ReplayedProgram, ReplayTraceOptions, TraceReplay } from '#replay-trace.ts'
import type { ServeOptions, SimulatedServer } from '#serve.ts'
import type { SimulateOptions } from '#simulate.ts'
import type { CounterexampleFile, ExploreReport, SimulateReport } from '#trace/report.ts'
import type { TraceEvent, TraceHeader } from '#trace/trace-event.ts'

/** What the command line tells a search beside its options. */
export interface SearchControls {
  readonly signal?: AbortSignal
  readonly onProgress?: GivenOptions['onProgress']
  readonly onFound?: GivenOptions['onFound']
  readonly onGraph?: GivenOptions['onGraph']
  /** Milliseconds since any moment. */
  readonly wallClock: () => number
}

/** What a user may tell a search; what is left out has the search's default. */
export type SearchOptions = Omit<GivenOptions, keyof SearchControls>

export type ExploreFunction = (scenario: Scenario, options: SearchOptions & SearchControls) => Promise<ExploreReport>

export type ReplayFunction = (
  scenario: Scenario,
  file: CounterexampleFile,
  options: SearchControls,
) => Promise<ReplayResult>

export type ReplayTraceFunction = (
  code: Scenario | ReplayedProgram,
  trace: { readonly header: TraceHeader; readonly events: readonly TraceEvent[] },
  options: ReplayTraceOptions,
) => Promise<TraceReplay>

export type ServeFunction = (options: ServeOptions) => Promise<SimulatedServer>

export type SimulateFunction = (
  scenario: Scenario,
  options: Omit<SimulateOptions, keyof SearchControls> & SearchControls,
) => Promise<SimulateReport>

export type RecordFunction = (options: RecordOptions) => Promise<Recorder>

/** Loads what a verb needs. */
export interface Verbs {
  explore(): Promise<ExploreFunction>
  record(): Promise<RecordFunction>
  replay(): Promise<ReplayFunction>
  replayTrace(): Promise<ReplayTraceFunction>
  serve(): Promise<ServeFunction>
  simulate(): Promise<SimulateFunction>
}
