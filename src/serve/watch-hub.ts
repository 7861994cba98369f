/**
 * Passes what happened on to those who watch. Nobody who writes waits for it: records are handed out when the event
 * loop turns, to some watchers a turn, and each gets all that came since its own last turn in one piece. So a server
 * with many watchers falls behind by pieces, not by writes, and answers others in between.
 */
import type { WatchRecord } from '#apiserver/watch-record.ts'
import type { LiveState } from './live-state.ts'

/** Gets the records of one kind, in their order. Those who get the same records get the same array. */
export type TakeRecords = (records: readonly WatchRecord[]) => void

/** One who watches a kind. */
export interface WatchSubscription {
  /** Hands out at once what waits for it. */
  flush(): void
  end(): void
}

export interface WatchHub {
  /** Gives `take` what happens to a kind (`ResourceInfo.key`) from now on. */
  add(key: string, take: TakeRecords): WatchSubscription
}

const hubs = new WeakMap<LiveState, WatchHub>()

/** The hub of a live state. */
export function watchHub(live: LiveState): WatchHub {
  let hub = hubs.get(live)
  if (hub === undefined) hubs.set(live, (hub = createHub(live)))
  return hub
}

function createHub(live: LiveState): WatchHub {
  const channels = new Map<string, Channel>()
  live.subscribe((record) => channels.get(record.resource.key)?.push(record))
  return {
    add: (key, take) => {
      let channel = channels.get(key)
      if (channel === undefined) channels.set(key, (channel = createChannel(() => channels.delete(key))))
      return channel.add(take)
    },
  }
}

interface Channel {
  push(record: WatchRecord): void
  add(take: TakeRecords): WatchSubscription
}

/** How many watchers are served before others have their turn: a write to each costs some ten microseconds. */
const TAKERS_A_TURN = 100

interface Taker {
  readonly take: TakeRecords
  /** How many records of the channel it has got, or were before it. */
  at: number
}

/** The watchers of one kind. `onEmpty` is called when the last one has gone. */
function createChannel(onEmpty: () => void): Channel {
  const takers = new Set<Taker>()
  /** Records that somebody has not got; the first is number `first` of the channel. */
  let records: WatchRecord[] = []
  let first = 0
  /** Those whose turn is to come in this round. */
  let round: Taker[] | undefined
  let shared: { readonly from: number; readonly to: number; readonly records: readonly WatchRecord[] } | undefined

  const end = (): number => first + records.length
  const serve = (taker: Taker): void => {
    const { at: from } = taker
    const to = end()
    if (from === to || !takers.has(taker)) return
    if (shared?.from !== from || shared.to !== to) shared = { from, to, records: records.slice(from - first) }
    taker.at = to
    taker.take(shared.records)
  }
  const turn = (): void => {
    const due = round ?? []
    for (const taker of due.splice(-TAKERS_A_TURN)) serve(taker)
    if (due.length === 0) endRound()
    if (round !== undefined) setImmediate(turn)
  }
  const endRound = (): void => {
    let seen = end()
    for (const { at } of takers) seen = Math.min(seen, at)
    records = records.slice(seen - first)
    first = seen
    shared = undefined
    round = records.length === 0 ? undefined : [...takers]
  }
  return {
    push: (record) => {
      records.push(record)
      if (round !== undefined) return
      round = [...takers]
      setImmediate(turn)
    },
    add: (take) => {
      const taker = { take, at: end() }
      takers.add(taker)
      return {
        flush: () => serve(taker),
        end: () => {
          takers.delete(taker)
          if (takers.size === 0) onEmpty()
        },
      }
    },
  }
}
