/**
 * Passes what happened on to those who watch. Nobody who writes waits for it: records are handed out when the event
 * loop turns, all that came until then in one piece, so a server with many watchers falls behind by pieces, not by writes.
 */
import type { WatchRecord } from '#apiserver/watch-record.ts'
import type { LiveState } from './live-state.ts'

/** Gets the records of one kind, in their order. */
export type TakeRecords = (records: readonly WatchRecord[]) => void

export interface WatchHub {
  /** Gives `take` what happens to a kind (`ResourceInfo.key`) from now on; the answer ends that. */
  add(key: string, take: TakeRecords): () => void
  /** Hands out at once what waits. */
  flush(): void
}

const hubs = new WeakMap<LiveState, WatchHub>()

/** The hub of a live state. */
export function watchHub(live: LiveState): WatchHub {
  let hub = hubs.get(live)
  if (hub === undefined) hubs.set(live, (hub = createHub(live)))
  return hub
}

function createHub(live: LiveState): WatchHub {
  const takers = new Map<string, Set<TakeRecords>>()
  let waiting = new Map<string, WatchRecord[]>()
  let isDue = false
  const flush = (): void => {
    isDue = false
    const due = waiting
    waiting = new Map()
    for (const [key, records] of due) for (const take of takers.get(key) ?? []) take(records)
  }
  live.subscribe((record) => {
    const { key } = record.resource
    if (!takers.has(key)) return
    const records = waiting.get(key)
    if (records === undefined) waiting.set(key, [record])
    else records.push(record)
    if (isDue) return
    isDue = true
    setImmediate(flush)
  })
  return {
    add: (key, take) => {
      const set = takers.get(key) ?? new Set()
      takers.set(key, set.add(take))
      return () => {
        set.delete(take)
        if (set.size === 0 && takers.get(key) === set) takers.delete(key)
      }
    },
    flush,
  }
}
