/** The violations of an oracle that judges transitions. */
import type { Level } from '#cluster/level.ts'
import type { Violation } from './violation.ts'

export function violationsOf(level: Level, oracle: string): readonly Violation[] {
  return level.flagged
    .filter(({ flag }) => flag.oracle === oracle)
    .map(({ flag, entry, action }) => ({ ...flag, place: { type: 'path', entry, action } }))
}
