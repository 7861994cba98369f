/**
 * Bookmarks (profile `legacy-restart`): the position of a kind's list to which a later start of a process may go back,
 * because an API server answered that list from an old cache. At most one a process and kind, chosen while it is
 * current, and only while a crash is left.
 *
 * A bookmark is kept as what has happened since, and begins with the first event after it: as long as nothing of the
 * kind has changed, the bookmarked list is the newest one, so that choosing it earlier makes no difference. So it is no
 * step of its own but a variant of the step that commits that event.
 */
import { eventOfChange, queueEvent, setEpisode } from './episodes.ts'
import { valueOf } from './interner.ts'
import { bookmarkPartOf, episodePartOf } from './parts-on-demand.ts'
import type { CommittedChange } from './run.ts'
import type { Process, Slot } from './tables.ts'
import { ensureCapacity, revisionOf, type World } from './world.ts'

/** A change of a kind that is bookmarked, or of which it is the first after a bookmark that `begins`. */
export function noteForBookmark(world: World, process: Process, change: CommittedChange, begins: boolean): void {
  const known = process.bookmarkParts.get(change.slot.kind.id)
  const isHeld = known !== undefined && world.next[known] !== 0
  if (!isHeld && !begins) return
  const part = bookmarkPartOf(world.cluster, process, change.slot.kind)
  ensureCapacity(world)
  const { cut } = world
  queueEvent(world, part, eventOfChange(change, 0), false)
  // A bookmark may be as old as it likes; what is bounded is how far behind a process is that goes back to it.
  world.cut = cut
}

/** A process that starts lists these kinds where they were bookmarked: what happened since is undelivered. */
export function listAtBookmarks(world: World, process: Process, kinds: readonly number[]): void {
  for (const id of kinds) {
    const bookmark = process.bookmarkParts.get(id)
    const kind = world.cluster.kinds[id]
    const held = bookmark === undefined ? 0 : (world.next[bookmark] as number)
    if (held === 0 || kind === undefined) continue
    const part = episodePartOf(world.cluster, process, kind)
    ensureCapacity(world)
    const episode = valueOf(world.cluster.episodes, held)
    if (episode.events.length > world.rules.lagMax) world.cut = true
    setEpisode(world, part, episode)
  }
}

/** What the view of a process in `next` shows of a slot. Version 0: nothing. */
export function listed(
  { next, cluster }: World,
  process: Process,
  slot: Slot,
): { readonly version: number; readonly revision: number } {
  const part = process.episodeParts.get(slot.kind.id)
  const id = part === undefined ? 0 : (next[part] as number)
  const event =
    id === 0 ? undefined : valueOf(cluster.episodes, id).events.find((candidate) => candidate.slot === slot.id)
  if (event !== undefined) return { version: event.before, revision: event.beforeRevision }
  return { version: next[slot.part] as number, revision: revisionOf(next, slot) }
}

/** No crash is left: nobody goes back any more. */
export function forgetBookmarks(world: World): void {
  for (const { bookmarkParts } of world.cluster.processes) {
    for (const part of bookmarkParts.values()) setEpisode(world, part, undefined)
  }
}
