/** What the replaced globals share: where the run going on gets its values, and how a property is replaced. */

/** Where a run's clock, random values, timers and log lines come from and go to. */
export interface VirtualSources {
  /** Milliseconds since 1970. */
  nowMs(): number
  /** In [0, 1). */
  randomNumber(): number
  randomUuid(): string
  randomBytes(size: number): Uint8Array
  /** Calls back once the run has nothing else to do. Returns the timer's id. */
  startTimer(callback: () => void, delayMs: number, repeat: boolean): number
  stopTimer(id: number): void
  log(level: string, parts: readonly unknown[]): void
  /** Ends the run, never the process. */
  exit(code: number | string | null | undefined): never
}

/** The sources of the run going on; a field of an object, so that every replacement sees it change. */
export const running: { sources: VirtualSources | undefined } = { sources: undefined }

/** Undoes one replacement. */
export type Restore = () => void

/** Replaces a property, keeping whether it is enumerable, and returns how to put the old one back. */
export function replaceProperty(target: object, name: PropertyKey, value: unknown): Restore {
  const before = Object.getOwnPropertyDescriptor(target, name)
  Object.defineProperty(target, name, {
    value,
    writable: true,
    configurable: true,
    enumerable: before?.enumerable ?? false,
  })
  return () => {
    if (before === undefined) delete (target as Record<PropertyKey, unknown>)[name]
    else Object.defineProperty(target, name, before)
  }
}
