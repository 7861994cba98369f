/** The user's own properties: `always`, `sometimes`, `eventually`, `leadsTo`. */
import type { ClusterReader, UserProperty } from '#cluster/scenario.ts'

/** Must be true in every state; a violation is the shortest path to a state where it is false. */
export function always(name: string, holds: (cluster: ClusterReader) => boolean): UserProperty {
  return { type: 'always', name, holds }
}

/** Must be true in at least one reachable state (a scenario that never shows it is too small, or wrong). */
export function sometimes(name: string, holds: (cluster: ClusterReader) => boolean): UserProperty {
  return { type: 'sometimes', name, holds }
}

/** Must become true on every run: violated at rest, or in a fair cycle, where it never was true on the way. */
export function eventually(name: string, holds: (cluster: ClusterReader) => boolean): UserProperty {
  return { type: 'eventually', name, holds }
}

/**
 * Whenever `from` is true, `to` must be true then or at some later moment: violated where a run comes to rest, or goes
 * round in a fair cycle, with a promise open.
 */
export function leadsTo(
  name: string,
  from: (cluster: ClusterReader) => boolean,
  to: (cluster: ClusterReader) => boolean,
): UserProperty {
  return { type: 'leadsTo', name, from, holds: to }
}
