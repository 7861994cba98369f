/**
 * An error that is not ours: a wrong option, a scenario that cannot be used, a file that is not what it should
 * be. The command line prints its three parts and exits with 2.
 */

export interface UsageErrorParts {
  /** One sentence; names the file and the line or object where there is one. */
  readonly what: string
  /** Why it usually happens. */
  readonly why: string
  /** What to do. */
  readonly fix: string
  readonly cause?: unknown
}

export class UsageError extends Error {
  readonly code = 2
  readonly what: string
  readonly why: string
  readonly fix: string

  constructor(parts: UsageErrorParts) {
    super(`${parts.what}\n${parts.why}\n${parts.fix}`, parts.cause === undefined ? {} : { cause: parts.cause })
    this.name = 'UsageError'
    this.what = parts.what
    this.why = parts.why
    this.fix = parts.fix
  }
}
