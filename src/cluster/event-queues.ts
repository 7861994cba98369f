/** Queues of events (undelivered ones of an episode, those that wait to be handled), interned: 0 is the empty one. */
import { intern } from './interner.ts'
import type { EpisodeQueue } from './tables.ts'
import type { World } from './world.ts'

export function internQueue(world: World, queue: EpisodeQueue): number {
  if (queue.length === 0) return 0
  let key = ''
  for (const event of queue)
    key += `${event.slot},${event.before},${event.beforeRevision},${event.after},${event.afterRevision};`
  return intern(world.cluster.episodes, key, queue)
}
