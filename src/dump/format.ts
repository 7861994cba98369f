/**
 * The dump: what a search, a simulation or a replay found, in one file that inspectors open in part. It is gzip all
 * through (`zcat` shows it): members of JSON lines, of which the last but one says where the others are.
 * `docs/dump-format.md` explains it. Next: `write-dump.ts`, `read-dump.ts`.
 */
import type { PathRecord, PathStep, WriteRecord } from '#trace/path.ts'
import type { ExploreReport, ReportFinding, ReportOutcome, SimulationRecord } from '#trace/report.ts'
import type { StateGraph } from '#trace/state-graph.ts'

export const DUMP_FORMAT_VERSION = 1

export type DumpSource = 'explore' | 'simulate' | 'replay' | 'record'

/** The first line. */
export interface DumpHeader {
  readonly type: 'dump'
  readonly formatVersion: typeof DUMP_FORMAT_VERSION
  readonly source: DumpSource
  /** Names, one a report. */
  readonly scenarios: readonly string[]
}

/** What a dump is made of. */
export type DumpedReport = ExploreReport & { readonly simulation?: SimulationRecord }

/** The graphs of a dump, each with the number of its report. */
export type DumpedGraphs = ReadonlyMap<number, StateGraph>

/** Stands for a path, by its number in the dump. */
export interface PathReference {
  readonly $path: number
  readonly steps: number
}

/** Stands for an object, by its number in the dump. */
export interface ObjectReference {
  readonly $object: number
}

type Fork = NonNullable<ReportFinding['fork']>

export interface StoredFinding extends Omit<ReportFinding, 'path' | 'fork'> {
  readonly path: PathReference
  readonly fork?: Omit<Fork, 'left' | 'right'> & { readonly left: PathReference; readonly right: PathReference }
}

export interface StoredOutcome extends Omit<ReportOutcome, 'first'> {
  readonly first: PathReference
}

/** A report without its paths. */
export interface StoredReport extends Omit<DumpedReport, 'findings' | 'outcomes'> {
  readonly findings: readonly StoredFinding[]
  readonly outcomes: readonly StoredOutcome[]
}

export interface StoredWrite extends Omit<WriteRecord, 'before' | 'after'> {
  readonly before?: ObjectReference
  readonly after?: ObjectReference
}

export interface StoredPath extends Omit<PathRecord, 'steps'> {
  readonly steps: readonly (Omit<PathStep, 'writes'> & { readonly writes: readonly StoredWrite[] })[]
}

/** A searched level without its states, which are lines of their own. */
export interface StoredGraph extends Pick<StateGraph, 'level' | 'states' | 'paths'> {
  /** Number of the report that it belongs to. */
  readonly report: number
  /** Number of its first state among the `state` lines of the dump; within the graph states are numbered from 0 on. */
  readonly firstState: number
  readonly transitions: number
  readonly actions: readonly { readonly title: string; readonly taken: number }[]
  /** Depths that a column of `firstMet` has. */
  readonly depthStep: number
  /** A row an action, a column a depth (or several): how many states were first met so. */
  readonly firstMet: readonly (readonly number[])[]
  /** How many states are at rest. */
  readonly rests: number
  /** Ids of findings whose `paths` are the states before each step and at the end; older dumps have none. */
  readonly stepwise?: readonly string[]
}

/** A transition: the state at its other end and the number of its action. */
export type StoredTransition = readonly [state: number, action: number]

export interface StoredState {
  readonly depth: number
  readonly out: readonly StoredTransition[]
  readonly in: readonly StoredTransition[]
  readonly rest?: true
}

export const BLOCK_TYPES = ['dump', 'report', 'path', 'object', 'graph', 'state', 'comparison'] as const

/** A gzip member and what lies in it: lines of one type, `count` of them, numbered from `first` on. */
export interface BlockEntry {
  readonly type: (typeof BLOCK_TYPES)[number]
  readonly offset: number
  readonly length: number
  readonly first: number
  readonly count: number
}

/** The last member is stored without compression, and so has a length of its own: where the index lies. */
export function tailLine(offset: number, length: number): string {
  return `{"type":"tail","offset":${padded(offset)},"length":${padded(length)}}\n`
}

/** JSON has no leading zeros, so spaces fill up. */
function padded(value: number): string {
  return String(value).padStart(16)
}

/** Ten octets of a gzip header, five of a stored block's, eight of a gzip trailer. */
export const TAIL_LENGTH = 10 + 5 + tailLine(0, 0).length + 8
