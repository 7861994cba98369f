/** Queues of undelivered events as values of parts: lag episodes, broken watches, bookmarks. All work on `world.next`. */
import { intern, valueOf } from './interner.ts'
import type { CommittedChange } from './run.ts'
import { type Cluster, type Episode, HOLDERS, type UndeliveredEvent } from './tables.ts'
import type { World } from './world.ts'

export function eventOfChange(change: CommittedChange, own: number): UndeliveredEvent {
  const { slot, before, beforeRevision, after, afterRevision } = change
  return { slot: slot.id, before, beforeRevision, after, afterRevision, own }
}

/** Puts an episode into a part; undefined ends it. */
export function setEpisode({ cluster, next }: World, part: number, episode: Episode | undefined): void {
  const was = next[part] as number
  next[part] = episode === undefined ? 0 : internEpisode(cluster, episode)
  if (was === 0 && next[part] !== 0) (next[HOLDERS] as number)++
  else if (was !== 0 && next[part] === 0) (next[HOLDERS] as number)--
}

function internEpisode(cluster: Cluster, episode: Episode): number {
  let key = episode.broken ? 'broken;' : ''
  for (const { slot, before, beforeRevision, after, afterRevision, own } of episode.events)
    key += `${slot},${before},${beforeRevision},${after},${afterRevision},${own};`
  return intern(cluster.episodes, key, episode)
}

/** Appends an event to the queue of a part, or, where its watch is broken or `breaks` now, to its differences. */
export function queueEvent(world: World, part: number, event: UndeliveredEvent, breaks: boolean): void {
  const id = world.next[part] as number
  const { events, broken } = id === 0 ? NOTHING : valueOf(world.cluster.episodes, id)
  if (events.length >= world.rules.lagMax) world.cut = true
  if (!broken && !breaks) return setEpisode(world, part, { events: [...events, event], broken })
  setEpisode(world, part, { events: differences([...events, event], world.cluster), broken: true })
}

const NOTHING: Episode = { events: [], broken: false }

/**
 * One difference an object: what was created and removed again is none, what was removed and created again is one
 * update. In the order of a list, by kind's slots.
 */
function differences(events: readonly UndeliveredEvent[], { slots }: Cluster): readonly UndeliveredEvent[] {
  const bySlot = new Map<number, UndeliveredEvent>()
  for (const event of events) {
    const first = bySlot.get(event.slot)
    const { before, beforeRevision } = first ?? event
    bySlot.set(event.slot, { ...event, before, beforeRevision, own: event.own || (first?.own ?? 0) })
  }
  const order = (event: UndeliveredEvent): number =>
    slots[event.slot]?.kind.slots.findIndex(({ id }) => id === event.slot) ?? 0
  return [...bySlot.values()]
    .filter(({ before, after }) => before !== 0 || after !== 0)
    .sort((a, b) => order(a) - order(b))
}
