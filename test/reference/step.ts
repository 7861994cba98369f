/** One step under way: the state that it changes, what its environment chooses, and what it has done so far. */
import type { Budget, Choose } from './choices.ts'
import { copyState, deliver, type InFlight, type Retired, type State, viewThrough } from './state.ts'
import { type Change, keyOf, type Store, type WriteResult } from './store.ts'
import { distinct, processesOf, processKindsOf, type System } from './system.ts'

export type Profile =
  | 'linearizable'
  | 'lagging'
  | 'legacy-restart'
  | 'legacy-fifo'
  | 'read-your-writes'
  | 'consistency-store'

export interface Bounds {
  readonly granularity: 'reconcile' | 'write'
  readonly profile: Profile
  readonly lagMax: number
  /** What is left of it. */
  readonly budget: Budget
}

export interface Step {
  readonly system: System
  readonly bounds: Bounds
  readonly choose: Choose
  /** Changed by the step. */
  readonly state: State
  /** One entry a committed change, in order, with the store after it. */
  readonly commits: { readonly change: Change; readonly store: Store }[]
  /** Whether a reconcile ended with an error. */
  fails: boolean
  /** Processes for which an episode opened. */
  readonly lagging: Set<string>
  /** What oracles that judge single steps say: oracle, controller, kind. */
  readonly findings: string[]
  /** Whether the caches of a standby fell behind. */
  standbyLags: boolean
  /** The process that died. */
  died: string | undefined
}

/** Who makes a change: a reconcile. */
export interface Author {
  readonly process: string
  readonly controller: string
  readonly request: string
  /** Place in `retired` of the instance that has handed over; undefined: the process's instance. */
  readonly retired: number | undefined
}

export function beginStep(system: System, state: State, bounds: Bounds, choose: Choose): Step {
  return {
    system,
    bounds,
    choose,
    state: copyState(state),
    commits: [],
    fails: false,
    findings: [],
    lagging: new Set(),
    standbyLags: false,
    died: undefined,
  }
}

/** Takes over what a write did to the store, and brings the change to all processes, at once or late. */
export function commit(step: Step, result: WriteResult, author: Author | undefined): void {
  const { system, state } = step
  const before = state.store
  state.store = result.store
  const { change } = result
  if (change === undefined) return
  step.commits.push({ change, store: result.store })
  for (const process of processesOf(system)) {
    if (!processKindsOf(system, process).includes(change.kind)) continue
    const isOwn = author?.process === process && author.retired === undefined
    const mine = isOwn ? rememberedAs(step, author) : undefined
    keepForLater(step, process, change)
    bring(step, process, { change, before, mine })
    if (mine !== undefined) markUnseen(step, process, change)
  }
  state.retired = state.retired.map((instance, place) => {
    const isOwn = author !== undefined && author.retired === place
    return receivedByRetired(instance, change, isOwn ? rememberedAs(step, author) : undefined)
  })
}

/** It begins no more reconciles, so what it receives wakes nobody; it only matters to reads that wait. */
function receivedByRetired(instance: Retired, change: Change, mine: string | undefined): Retired {
  const open = instance.episodes[change.kind]
  const episodes = { ...instance.episodes }
  if (open?.type === 'late') {
    episodes[change.kind] = { ...open, undelivered: [...open.undelivered, marked(change, mine)] }
  }
  if (open?.type === 'broken') episodes[change.kind] = { ...open, mine: withMine(open.mine, change, mine) }
  const inFlight = mine === 'own' ? mapFlights(instance.inFlight, change) : instance.inFlight
  return { ...instance, episodes, inFlight }
}

function mapFlights(inFlight: Retired['inFlight'], change: Change): Retired['inFlight'] {
  return Object.fromEntries(
    Object.entries(inFlight).map(([controller, flight]) => [controller, flight && withUnseen(flight, change)]),
  )
}

function withUnseen(flight: InFlight, change: Change): InFlight {
  return { ...flight, unseen: distinct([...flight.unseen, keyOf(change)]) }
}

/** What a process has to remember of a write of its own: that it is its own, or for which request it was made. */
function rememberedAs({ bounds: { profile } }: Step, author: Author): string | undefined {
  if (profile === 'read-your-writes') return 'own'
  return profile === 'consistency-store' ? `${author.controller} ${author.request}` : undefined
}

function marked(change: Change, mine: string | undefined): Change & { readonly mine?: string } {
  return mine === undefined ? change : { ...change, mine }
}

/** For a restart that goes back to a bookmark, and for a second instance whose caches are late. */
function keepForLater(step: Step, process: string, change: Change): void {
  const { state, choose, bounds, commits } = step
  const bookmarks = state.bookmarks[process]
  const since = bookmarks?.[change.kind]
  if (bookmarks !== undefined && since !== undefined) bookmarks[change.kind] = [...since, change]
  const standby = (state.standby[process] ??= {})
  const missed = standby[change.kind]
  const mayLag = bounds.budget.handover > 0 && bounds.budget.total > 0 && bounds.profile !== 'linearizable'
  if (missed !== undefined) standby[change.kind] = [...missed, change]
  else if (mayLag) {
    const options = [
      { label: '', value: false },
      { label: `standby lags ${process} ${change.kind} from ${commits.length}`, value: true },
    ]
    if (choose(options)) {
      standby[change.kind] = [change]
      step.standbyLags = true
    }
  }
}

function bring(
  step: Step,
  process: string,
  { change, before, mine }: { change: Change; before: Store; mine: string | undefined },
): void {
  const { system, state, choose, bounds } = step
  const { kind } = change
  const open = (state.episodes[process] ??= {})
  const episode = open[kind]
  if (episode?.type === 'late') {
    open[kind] = { type: 'late', undelivered: [...episode.undelivered, marked(change, mine)] }
    return
  }
  if (episode?.type === 'broken') {
    open[kind] = { ...episode, mine: withMine(episode.mine, change, mine) }
    return
  }
  const from = step.commits.length
  const options = [
    { label: '', value: 'now' },
    { label: `stale ${process} ${kind} from ${from}`, price: 'stale', value: 'late' },
    { label: `relist ${process} ${kind} from ${from}`, price: 'relist', value: 'broken' },
  ] as const
  const way = bounds.profile === 'linearizable' ? 'now' : choose(options)
  if (way === 'now') deliver(system, state, process, change)
  else step.lagging.add(process)
  if (way === 'late') open[kind] = { type: 'late', undelivered: [marked(change, mine)] }
  if (way === 'broken') {
    open[kind] = { type: 'broken', seen: viewThrough(before, kind, undefined), mine: withMine([], change, mine) }
  }
}

type Mine = { readonly key: string; readonly as: string }

function withMine(known: readonly Mine[], change: Change, as: string | undefined): readonly Mine[] {
  if (as === undefined || known.some((mine) => mine.key === keyOf(change) && mine.as === as)) return known
  return [...known, { key: keyOf(change), as }]
}

/** The reconciles in flight of the process do not see its write until they wait for it. */
function markUnseen({ system, state, bounds }: Step, process: string, change: Change): void {
  if (bounds.profile !== 'read-your-writes') return
  for (const controller of system.controllers) {
    const inFlight = state.inFlight[controller.name]
    if (controller.process !== process || inFlight === undefined) continue
    state.inFlight[controller.name] = withUnseen(inFlight, change)
  }
}

/** Whether an episode has become longer than the bound: the path is cut here. */
export function isCut({ state, bounds }: Step): boolean {
  const late = Object.values(state.episodes).flatMap((open) =>
    Object.values(open).map((episode) => (episode.type === 'late' ? episode.undelivered.length : 0)),
  )
  const missed = Object.values(state.standby).flatMap((byKind) => Object.values(byKind).map(({ length }) => length))
  return Math.max(0, ...late, ...missed) > bounds.lagMax
}
