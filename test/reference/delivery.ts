/** How committed changes reach the processes, at once or late. */
import { copyState, deliver, type State } from './state.ts'
import type { Change } from './store.ts'
import { processesOf, processKindsOf, type System } from './system.ts'

export interface Budget {
  /** How many more lag episodes may open, and how many more crashes may happen, each at most `total` in sum. */
  readonly total: number
  readonly stale: number
  readonly crash: number
}

export interface DeliveryVariant {
  /** '' when no episode opens. */
  readonly label: string
  readonly opened: number
  readonly next: State | undefined
}

/**
 * All ways in which committed changes reach the processes: at once, or, for up to the budget's number of pairs of
 * process and kind without an open episode, queued from one of the changes on. `dead` receives nothing.
 */
export function deliveryVariants(
  system: System,
  committed: State,
  delivery: { changes: readonly Change[]; lagMax: number; budget: Budget; dead?: string },
): DeliveryVariant[] {
  const { changes, lagMax, budget, dead } = delivery
  const receivers = processesOf(system).filter((process) => process !== dead)
  const openable = receivers.flatMap((process) =>
    processKindsOf(system, process)
      .filter((kind) => committed.episodes[process]?.[kind] === undefined)
      .map((kind) => ({ process, kind, from: indicesOfKind(changes, kind) })),
  )
  return choicesOfEpisodes(openable, Math.min(budget.stale, budget.total)).map((episodes) => {
    const next = copyState(committed)
    for (const process of receivers) deliverAll(system, next, { process, changes, episodes })
    const isCut = receivers.some((process) =>
      Object.values(next.episodes[process] ?? {}).some((undelivered) => undelivered.length > lagMax),
    )
    const label = episodes.map(({ process, kind, from }) => ` stale ${process} ${kind} from ${from}`).join('')
    return { label, opened: episodes.length, next: isCut ? undefined : next }
  })
}

interface OpenedEpisode {
  readonly process: string
  readonly kind: string
  /** Index of the first change that queues. */
  readonly from: number
}

function deliverAll(
  system: System,
  next: State,
  { process, changes, episodes }: { process: string; changes: readonly Change[]; episodes: readonly OpenedEpisode[] },
): void {
  const kinds = processKindsOf(system, process)
  changes.forEach((change, index) => {
    if (!kinds.includes(change.kind)) return
    const open = (next.episodes[process] ??= {})
    const opensHere = episodes.some(
      (episode) => episode.process === process && episode.kind === change.kind && episode.from === index,
    )
    const undelivered = open[change.kind]
    if (undelivered !== undefined || opensHere) open[change.kind] = [...(undelivered ?? []), change]
    else deliver(system, next, process, change)
  })
}

function indicesOfKind(changes: readonly Change[], kind: string): number[] {
  return changes.flatMap((change, index) => (change.kind === kind ? [index] : []))
}

/** All selections of at most `limit` pairs, each with one of its starting points. The first one is empty. */
function choicesOfEpisodes(
  openable: readonly { readonly process: string; readonly kind: string; readonly from: readonly number[] }[],
  limit: number,
): OpenedEpisode[][] {
  const [first, ...rest] = openable
  if (first === undefined) return [[]]
  const without = choicesOfEpisodes(rest, limit)
  if (limit === 0) return without
  const { process, kind } = first
  const withFirst = first.from.flatMap((from) =>
    choicesOfEpisodes(rest, limit - 1).map((others) => [{ process, kind, from }, ...others]),
  )
  return [...without, ...withFirst]
}
