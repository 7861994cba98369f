/** What differs between two traces, or two searches, as inspectors show it: sections of lines that lead to its parts. */
import type { ObjectName } from './path.ts'

export interface ComparisonRecord {
  /** Names of what is compared. */
  readonly left: string
  readonly right: string
  readonly alike: boolean
  /** One sentence. */
  readonly message: string
  readonly sections: readonly ComparisonSection[]
}

export interface ComparisonSection {
  readonly title: string
  readonly lines: readonly ComparisonLine[]
}

export interface ComparisonLine {
  readonly text: string
  /** `removed`: of the first only; `added`: of the second only; `changed`: a field of both. */
  readonly tone?: 'added' | 'removed' | 'changed'
  /** Number of the finding or outcome that it is about, among those of all reports: findings before outcomes. */
  readonly entry?: number
  /** An object of that entry's path. */
  readonly object?: ObjectName
}
