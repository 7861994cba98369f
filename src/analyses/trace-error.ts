/** A trace that cannot be used: what is wrong with it, why that usually happens, what to do; a line each. */
export class TraceError extends Error {
  readonly code = 2

  constructor(what: string, why: string, fix: string, cause?: unknown) {
    super(`${what}\n${why}\n${fix}`, cause === undefined ? {} : { cause })
    this.name = 'TraceError'
  }
}
