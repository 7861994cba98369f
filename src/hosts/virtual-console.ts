/** The console of a run: its lines go to the run's log, so that results printed on stdout stay clean. */
import { type Restore, replaceProperty, running } from './virtual-sources.ts'

const levels = ['log', 'info', 'debug', 'warn', 'error', 'trace', 'dir', 'table'] as const

export function replaceConsole(): Restore {
  const restores = levels.map((level) => {
    const real = console[level] as (...parts: unknown[]) => void
    return replaceProperty(console, level, (...parts: unknown[]) => {
      if (running.sources === undefined) real.apply(console, parts)
      else running.sources.log(level, parts)
    })
  })
  return () => {
    for (const restore of restores.reverse()) restore()
  }
}
