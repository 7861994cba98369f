/** Shows how far a search is, on stderr: one line that is overwritten in a terminal, else a line now and then. */

import type { Progress } from '#exploration/options.ts'
import { count, formatDuration, formatNumber, plainText, shorten } from '#inspect/plain-text.ts'
import type { Terminal } from './terminal.ts'

/** Between two lines where they cannot be overwritten. */
const LINE_INTERVAL_MS = 5000
const REDRAW_INTERVAL_MS = 100
const ERASE_LINE = '\r\u001b[K'

export interface ProgressDisplay {
  report(progress: Progress): void
  /** Takes the line away, so that what is printed next begins on an empty one. */
  clear(): void
}

/** @param name of the scenario */
export function progressDisplay(name: string, terminal: Terminal): ProgressDisplay {
  const interval = terminal.interactive ? REDRAW_INTERVAL_MS : LINE_INTERVAL_MS
  let shownAt = terminal.wallClock()
  let isDrawn = false
  return {
    report(progress) {
      const now = terminal.wallClock()
      if (now - shownAt < interval) return
      shownAt = now
      const line = `${plainText(name)}: ${progressText(progress)}`
      if (terminal.interactive) terminal.error(`${ERASE_LINE}${shorten(line, (terminal.errorColumns ?? 80) - 1)}`)
      else terminal.error(`${line}\n`)
      isDrawn = terminal.interactive
    },
    clear() {
      if (isDrawn) terminal.error(ERASE_LINE)
      isDrawn = false
    },
  }
}

function progressText(progress: Progress): string {
  const findings = progress.findings === 0 ? [] : [count(progress.findings, 'finding')]
  return [
    progress.level,
    `${formatNumber(progress.statesDistinct)} distinct states`,
    `${formatNumber(progress.statesGenerated)} generated`,
    `${formatNumber(progress.statesOnQueue)} on queue`,
    `depth ${progress.depth}`,
    `${formatNumber(progress.statesPerSecond)}/s`,
    formatDuration(progress.elapsedMs),
    ...findings,
  ].join(' · ')
}
