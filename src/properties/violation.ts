/** What an oracle says of a level: where it is violated, and what to tell people. */
import type { Level } from '#cluster/level.ts'
import type { TransitionJudge } from '#cluster/transition-judge.ts'
import type { PathRecord } from '#trace/path.ts'
import type { FieldDifference } from '#trace/report.ts'

/** The place of a violation in the recorded graph. */
export type Place =
  /** After the path to an entry, and `action` more when it is given. */
  | { readonly type: 'path'; readonly entry: number; readonly action?: number }
  /** A path to a cycle, and once round it. */
  | {
      readonly type: 'lasso'
      readonly entry: number
      readonly walk: readonly { readonly target: number; readonly label: number }[]
    }
  /** Nowhere: something was never seen. */
  | { readonly type: 'nowhere' }

export interface Violation {
  readonly oracle: string
  /** The name of a user's property. */
  readonly property?: string
  /** The same for the same bug in another level or profile. */
  readonly key: string
  readonly place: Place
  /** One or two sentences. The path is there to name writers and fields. */
  readonly message: (path: PathRecord) => string
  readonly objects: readonly string[]
  readonly controllers: readonly string[]
  /** For outcomes: the run that rests otherwise, and what differs. */
  readonly fork?: { readonly leftEntry: number; readonly differences: readonly FieldDifference[] }
}

/** Judges a level. One a file; listed in `oracles.ts`. */
export interface Oracle {
  readonly name: string
  /** Off unless the scenario asks for it. */
  readonly isAskedFor?: true
  /** Judges single transitions while the level is searched; what it flags is in `level.flagged`. */
  readonly judge?: TransitionJudge
  check(level: Level): Promise<readonly Violation[]>
}
