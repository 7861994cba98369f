/** Reads that wait for the process's own writes. */
import { flightOf, type Reconcile, setFlight } from './flights.ts'
import type { ReadRequest } from './program.ts'
import { deliver, type Episode, type Episodes, type State, unseenIn, viewThrough } from './state.ts'
import type { Author, Step } from './step.ts'
import { keyOf } from './store.ts'
import { distinct } from './system.ts'

/**
 * Until the process sees its writes of the object (for a list: of the kind), the changes queued up to the last of them
 * are delivered. Then the read sees the process's view of that kind. False when this would never end, because the
 * watch is broken.
 */
export function waitForOwnWrites(step: Step, reconcile: Reconcile, read: ReadRequest): boolean {
  const { state } = step
  const flight = flightOf(state, reconcile)
  const isOfKind = (key: string): boolean => key.startsWith(`${read.kind}/`)
  const isAwaited = (key: string): boolean => (read.op === 'get' ? key === keyOf(read) : isOfKind(key))
  if (!flight.unseen.some(isAwaited)) return true
  const before = episodesOf(state, reconcile.author)[read.kind]
  if (before?.type === 'broken' && unseenIn(before).some(isAwaited)) return false
  const after = before?.type === 'late' ? deliverUntil(step, reconcile.author, before, isAwaited) : before
  setFlight(state, reconcile, {
    ...flight,
    view: { ...flight.view, [read.kind]: viewThrough(state.store, read.kind, after) },
    unseen: distinct([
      ...flight.unseen.filter((key) => !isOfKind(key)),
      ...(after === undefined ? [] : unseenIn(after)),
    ]),
  })
  return true
}

function deliverUntil(
  { system, state }: Step,
  author: Author,
  episode: Episode & { readonly type: 'late' },
  isAwaited: (key: string) => boolean,
): Episode | undefined {
  const { undelivered } = episode
  const { kind } = undelivered[0]!
  const count = 1 + undelivered.findLastIndex((change) => change.mine !== undefined && isAwaited(keyOf(change)))
  if (author.retired === undefined) {
    for (const change of undelivered.slice(0, count)) deliver(system, state, author.process, change)
  }
  const left = undelivered.slice(count)
  const { [kind]: _before, ...others } = episodesOf(state, author)
  const after: Episode | undefined = left.length === 0 ? undefined : { type: 'late', undelivered: left }
  setEpisodes(state, author, after === undefined ? others : { ...others, [kind]: after })
  return after
}

function episodesOf(state: State, { process, retired }: Author): Readonly<Episodes> {
  return (retired === undefined ? state.episodes[process] : state.retired[retired]?.episodes) ?? {}
}

function setEpisodes(state: State, { process, retired }: Author, episodes: Episodes): void {
  if (retired === undefined) state.episodes[process] = episodes
  else
    state.retired = state.retired.map((instance, place) => (place === retired ? { ...instance, episodes } : instance))
}
