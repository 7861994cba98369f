/**
 * Clock, chance and timers as the code of a run sees them. The globals are replaced once, by functions that ask the
 * run that is going on (`useSources`) and are the real ones while there is none; so nothing is patched for each run.
 */
import { replaceChance } from './virtual-chance.ts'
import { replaceClock } from './virtual-clock.ts'
import { replaceConsole } from './virtual-console.ts'
import { replaceTimers } from './virtual-timer-globals.ts'

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
}

/** The sources of the run going on; a field of an object, so that every replacement sees it change. */
export const running: { sources: VirtualSources | undefined } = { sources: undefined }

/** Undoes one replacement. */
export type Restore = () => void

let installations = 0
let restores: readonly Restore[] = []

/**
 * Replaces the globals of this process until the returned function was called (as often as this one). Best done
 * before user code is loaded: code that kept `const now = Date.now` at load time has the real clock for ever.
 */
export function installVirtualGlobals(): Restore {
  installations += 1
  if (installations === 1) restores = [replaceClock(), replaceChance(), replaceTimers(), replaceConsole()]
  let done = false
  return () => {
    if (done) return
    done = true
    installations -= 1
    if (installations > 0) return
    for (const restore of [...restores].reverse()) restore()
    restores = []
  }
}

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
