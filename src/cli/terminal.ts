/** What the command line knows of the world around it. `main.ts` makes one of the process; tests make their own. */

export interface Terminal {
  /** Results. */
  out(text: string): void
  /** Progress and errors. */
  error(text: string): void
  /** Whether `out` is a terminal that may have colour (NO_COLOR is not set). */
  readonly colour: boolean
  /** Whether `error` is a terminal on which a line can be overwritten. */
  readonly interactive: boolean
  /** Widths of `out` and of `error`; undefined where they have none (a file or a pipe). */
  readonly columns: number | undefined
  readonly errorColumns: number | undefined
  readonly workingDirectory: string
  /** Milliseconds since any moment. */
  wallClock(): number
  /** Calls the listener at Ctrl-C instead of ending the process, until the function it returns is called. */
  onInterrupt(listener: () => void): () => void
  /** Ends the process at once. */
  exit(status: number): void
}

export const ExitStatus = {
  /** Nothing violated; of `replay`: the finding is gone. */
  holds: 0,
  /** Something violated; of `replay`: the finding is there again. */
  violated: 1,
  /** Wrong usage, a scenario that cannot be used, an unreadable file. */
  usage: 2,
  /** Inconclusive where exhaustive was required; of `replay`: the path cannot be followed. */
  inconclusive: 3,
  /** A fault of ours. */
  internal: 70,
} as const

export type ExitStatus = (typeof ExitStatus)[keyof typeof ExitStatus]
