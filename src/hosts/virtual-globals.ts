/**
 * Clock, chance and timers as the code of a run sees them. The globals are replaced once, by functions that ask the
 * run that is going on (`virtual-sources.ts`) and are the real ones while there is none; so nothing is patched for each run.
 */
import { replaceChance } from './virtual-chance.ts'
import { replaceClock } from './virtual-clock.ts'
import { replaceConsole } from './virtual-console.ts'
import { replaceExit } from './virtual-exit.ts'
import type { Restore } from './virtual-sources.ts'
import { replaceTimers } from './virtual-timer-globals.ts'

let installations = 0
let restores: readonly Restore[] = []

/**
 * Replaces the globals of this process until the returned function was called (as often as this one). Best done
 * before user code is loaded: code that kept `const now = Date.now` at load time has the real clock for ever.
 */
export function installVirtualGlobals(): Restore {
  installations += 1
  if (installations === 1)
    restores = [replaceClock(), replaceChance(), replaceTimers(), replaceConsole(), replaceExit()]
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
