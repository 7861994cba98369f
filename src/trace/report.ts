/**
 * The result of `explore`, as printed by `--json` (surfaces contract, formatVersion 1) and shown by every view.
 */
import type { ObjectName, PathRecord, ReadRecord, WriteRecord } from '#trace/path.ts'

export type Verdict = 'holds' | 'violated' | 'inconclusive'

export interface ReportLevel {
  readonly profile: string
  readonly granularity: 'reconcile' | 'write' | 'call'
  readonly faults: number
  readonly statesDistinct: number
  readonly outcomes: number
  readonly findings: number
  readonly exhaustive: boolean
  readonly elapsedMs: number
  /** Walks after a limit, or instead of a search; absent where there were none. */
  readonly walks?: ReportWalks
}

/** `beyond`: after a search that met a limit. `instead`: seeded runs from the initial state, and no search. */
export type ReportWalks =
  | {
      readonly when: 'beyond'
      readonly walks: number
      readonly steps: number
      /** States that the search had not met. */
      readonly statesNew: number
      /** Share of the steps of fresh random walks that met states of the search: an estimate of what was explored, never 1. */
      readonly explored: number
      /** Share of the later steps that met a new state. */
      readonly newStateRate: number
    }
  | {
      readonly when: 'instead'
      readonly seed: number
      readonly runs: number
      readonly steps: number
      /** Runs by how they ended: nothing was left to do; the longest run; a bound of the model. */
      readonly ended: { readonly end: number; readonly steps: number; readonly cut: number }
      /** Longest run, in steps. */
      readonly stepsMax: number
    }

export interface ReportStatistics {
  readonly statesGenerated: number
  readonly statesDistinct: number
  readonly storesDistinct: number
  readonly transitions: number
  readonly reconcilesExecuted: number
  readonly reconcilesAnswered: number
  readonly depthMax: number
  readonly elapsedMs: number
  readonly statesPerSecond: number
  readonly peakRssBytes: number
  readonly collisionProbability: number
}

export interface ReportOutcome {
  readonly id: string
  readonly fingerprint: string
  /** `Kind namespace/name`, sorted. */
  readonly objects: readonly string[]
  /** Number of paths to it: exact (digits in a string beyond 2^53), 'infinite' when a cycle lies on the way, null when
   *  the graph is too large to count. */
  readonly paths: number | string | null
  readonly first: PathRecord
}

export interface FieldDifference {
  readonly object: string
  /** Dotted path, '' for the object's existence. */
  readonly path: string
  readonly left: unknown
  readonly right: unknown
}

/** Why a finding is there: all of it taken from its path, or executed. */
export interface Explanation {
  /** The guilty write. `run`: on the path of the finding, or on the other one, because this one does not make it. */
  readonly write?: {
    readonly run: 'here' | 'other'
    /** Index of the step. */
    readonly step: number
    /** Absent: the user's. */
    readonly controller?: string
    readonly operation: WriteRecord['op']
    readonly object: ObjectName
    readonly subresource?: string
  }
  /** What the reconcile had read before it; those that were behind come first. */
  readonly reads: readonly ExplainedRead[]
  /** The same reconcile executed again where it began, each read answered with the truth of that moment. */
  readonly counterfactual?: {
    readonly write: 'not made' | 'made otherwise' | 'made all the same'
    /** It depends on the reads of these kinds: with them fresh and the others as they were, it is not made so. */
    readonly decisiveKinds: readonly string[]
  }
  /** The faults on the path and what they did. */
  readonly faults: readonly { readonly step: number; readonly description: string }[]
  /** What generally helps, the most fitting first. */
  readonly remedies: readonly { readonly id: RemedyName; readonly text: string }[]
  /** All this in sentences, one paragraph each. */
  readonly text: readonly string[]
}

export interface ExplainedRead extends ReadRecord {
  /** Index of its step. */
  readonly step: number
}

export type RemedyName =
  | 'precondition'
  | 'uid-label'
  | 'api-reader'
  | 'persist-intent-first'
  | 'deterministic-name'
  | 'check-each-object'
  | 'stop-after-finalizer'
  | 'own-fields'
  | 'write-on-change'
  | 'watch'
  | 'error-is-not-absence'
  | 'single-instance'
  | 'mend-crash'
  | 'terminal-error'
  | 'level-based'

/** Parts of a scenario that a minimised counterexample does without, by their places in the scenario's lists. */
export interface LeftOut {
  readonly actions: readonly { readonly index: number; readonly title: string }[]
  readonly objects: readonly { readonly index: number; readonly title: string }[]
}

export interface ReportFinding {
  readonly id: string
  readonly oracle: string
  /** The name of the user's property, for `always`, `sometimes`, `eventually`, `leadsTo`. */
  readonly property?: string
  readonly message: string
  readonly profiles: readonly string[]
  /** Profiles whose search for this finding ended at a limit before it was found. */
  readonly profilesUndecided?: readonly string[]
  readonly faults: number
  readonly steps: number
  readonly minimisedFrom: number
  /** What the path does without; absent: nothing. `replay` leaves it out too. */
  readonly without?: LeftOut
  /** Removing any one fault or user action makes the finding go away, as searches have shown. */
  readonly minimal: boolean
  readonly objects: readonly string[]
  readonly controllers: readonly string[]
  readonly path: PathRecord
  readonly replay: string
  /** The same for the same bug in every search: what `--baseline` and replay compare. */
  readonly key: string
  /** The level in which it was found. */
  readonly level: {
    readonly granularity: 'reconcile' | 'write' | 'call'
    readonly profile: string
    readonly faults: number
  }
  readonly explanation?: Explanation
  /** For `same-outcome`: the other run from the last common step, and what differs at rest. */
  readonly fork?: {
    /** Number of steps that both runs share. */
    readonly commonSteps: number
    readonly left: PathRecord
    readonly right: PathRecord
    readonly differences: readonly FieldDifference[]
  }
}

export interface AcceptedFinding extends Pick<ReportFinding, 'oracle' | 'property' | 'message' | 'profiles'> {
  readonly key: string
}

export interface ReportLint {
  readonly id: string
  readonly message: string
}

export interface ExploreReport {
  readonly formatVersion: 1
  readonly scenario: string
  readonly verdict: Verdict
  readonly exhaustive: boolean
  /** The bounds as searched: faults and caps, profile, granularity, reductions, limits, what cut the search. */
  readonly bounds: Readonly<Record<string, unknown>>
  readonly levels: readonly ReportLevel[]
  readonly statistics: ReportStatistics
  readonly outcomes: readonly ReportOutcome[]
  readonly findings: readonly ReportFinding[]
  /** Findings that a baseline knows: no part of the verdict. */
  readonly accepted?: readonly AcceptedFinding[]
  /** Keys that a baseline has for this scenario and that were not found. */
  readonly baselineUnmatched?: readonly string[]
  readonly lints: readonly ReportLint[]
}

/** How seeded runs went. */
export interface SimulationRecord {
  readonly strategy: 'random' | 'pct'
  /** Of the first run; each next one has one more. */
  readonly seed: number
  readonly runs: number
  readonly steps: number
  readonly runsPerSecond: number
  /** Runs by how they ended: nothing was left to do; the longest run; a bound of the model. */
  readonly ended: { readonly end: number; readonly steps: number; readonly cut: number }
  /** Longest run, in steps. */
  readonly stepsMax: number
  /** How far runs carried out the plan that guided them: its actions, runs that did all of it, most actions of a run. */
  readonly plan?: {
    readonly actions: number
    readonly runs: number
    readonly completed: number
    readonly actionsMax: number
  }
}

/** The result of `simulate`, as printed by `--json`. */
export interface SimulateReport extends Omit<ExploreReport, 'findings'> {
  readonly simulation: SimulationRecord
  /** `seeds`: of the run that met it, and of the run that it differs from. */
  readonly findings: readonly (ReportFinding & { readonly seeds?: readonly number[] })[]
}

/** What `explore` writes to `.kamera/<scenario>/<finding id>.json` and `replay` reads. */
export interface CounterexampleFile {
  readonly formatVersion: 1
  readonly type: 'counterexample'
  /** Path of the scenario module, relative to the file's working directory at the time. */
  readonly scenario: string
  /** The trace and its step in whose state the search began (`--from`). */
  readonly from?: string
  readonly set: Readonly<Record<string, unknown>>
  readonly profile: string
  readonly granularity: 'reconcile' | 'write' | 'call'
  readonly options: Readonly<Record<string, unknown>>
  readonly finding: ReportFinding
}
