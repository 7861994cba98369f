/**
 * A state of the reference search: everything the future depends on, and nothing else. Resource versions and uids are
 * kept as numbers in the state and forgotten by `stateKey` (`state-key.ts`).
 */
import type { ProgramReply } from './program.ts'
import { type Change, initialStore, keyOf, type ObjectVersion, type Store } from './store.ts'
import {
  type ControllerDescription,
  cachedKindsOf,
  controllersOf,
  distinct,
  processesOf,
  processKindsOf,
  type System,
} from './system.ts'

export interface Timer {
  /** What the reconcile asked for. */
  readonly delayMs: number
  /** What is left of it; 0 when its time has passed while others were taken. */
  readonly remainingMs: number
}

/** What a process sees of each kind. */
export type View = Readonly<Record<string, readonly ObjectVersion[]>>

/** A reconcile between two writes: running its program again over these replies leads to its next write. */
export interface InFlight {
  readonly request: string
  /** The view when it began, of the kinds that its program reads; later where a read waited. */
  readonly view: View
  /** Under read-your-writes: keys of objects that its process wrote and that `view` shows without that write. */
  readonly unseen: readonly string[]
  readonly replies: readonly ProgramReply<ObjectVersion>[]
  /** The truth when each of these calls was made. For an oracle alone: part of a state's identity only if it is asked
   *  to remember. */
  readonly truths: readonly Store[]
}

/** A change that a process has not received. */
export interface Undelivered extends Change {
  /** What the receiver remembers of having written it: see `rememberedAs`. Absent when somebody else did. */
  readonly mine?: string
}

/** While it is open, a process does not receive a kind as it happens. */
export type Episode =
  /** Changes come one by one, oldest first. Never empty. */
  | { readonly type: 'late'; readonly undelivered: readonly Undelivered[] }
  /** The watch is broken: until it lists again the process sees this. `mine`: what it wrote meanwhile. */
  | {
      readonly type: 'broken'
      readonly seen: readonly ObjectVersion[]
      readonly mine: readonly { readonly key: string; readonly as: string }[]
    }

export type Episodes = Record<string, Episode>

/** The first instance after a handover: it ends what it has in flight. */
export interface Retired {
  readonly process: string
  /** By controller. */
  readonly inFlight: Readonly<Record<string, InFlight | undefined>>
  readonly episodes: Readonly<Episodes>
}

export interface State {
  store: Store
  /** The next line of the user's script. */
  position: number
  /** Environment events and timers passed while other work was ready, in order, with the position of the script. */
  history: readonly string[]
  /** By controller: sorted requests. */
  pending: Record<string, readonly string[]>
  /** By controller, by request. */
  timers: Record<string, Record<string, Timer>>
  /** By controller. */
  inFlight: Record<string, InFlight | undefined>
  /** By process, by kind. A kind that is received as it happens is absent. */
  episodes: Record<string, Episodes>
  /** By process, by kind: the changes since the position that a restart may go back to. */
  bookmarks: Record<string, Record<string, readonly Change[]>>
  /** By process, by kind: the changes that a second instance would not have received. */
  standby: Record<string, Record<string, readonly Change[]>>
  retired: readonly Retired[]
}

export function initialState(system: System): State {
  const state: State = {
    store: initialStore(system),
    position: 0,
    history: [],
    pending: {},
    timers: {},
    inFlight: {},
    episodes: {},
    bookmarks: {},
    standby: {},
    retired: [],
  }
  for (const process of processesOf(system)) {
    state.bookmarks[process] = {}
    state.standby[process] = {}
    startProcess(system, state, process)
  }
  return state
}

/** A copy that may be changed without changing `state`. */
export function copyState(state: State): State {
  const copyEach = <T>(records: Record<string, Record<string, T>>): Record<string, Record<string, T>> =>
    Object.fromEntries(Object.entries(records).map(([name, record]) => [name, { ...record }]))
  return {
    ...state,
    pending: { ...state.pending },
    timers: copyEach(state.timers),
    inFlight: { ...state.inFlight },
    episodes: copyEach(state.episodes),
    bookmarks: copyEach(state.bookmarks),
    standby: copyEach(state.standby),
  }
}

/**
 * The process forgets everything and lists: the true objects, or of some kinds what it has not received yet left out.
 * Changes `state`.
 */
export function startProcess(system: System, state: State, process: string, late: Episodes = {}): void {
  state.episodes[process] = { ...late }
  const listed = processKindsOf(system, process).flatMap((kind) => viewOfKind(state, process, kind))
  for (const controller of controllersOf(system, process)) {
    state.pending[controller.name] = distinct(listed.flatMap((object) => requestsFor(controller, object)))
    state.timers[controller.name] = {}
    state.inFlight[controller.name] = undefined
  }
}

/** Delivers one change to a process: its event handlers see the old and the new object. Changes `state`. */
export function deliver(system: System, state: State, process: string, change: Change): void {
  for (const controller of controllersOf(system, process)) {
    for (const object of [change.before, change.after]) {
      if (object !== undefined) addPending(state, controller.name, requestsFor(controller, object))
    }
  }
}

export function addPending(state: State, controller: string, requests: readonly string[]): void {
  state.pending[controller] = distinct([...(state.pending[controller] ?? []), ...requests])
}

export function removePending(state: State, controller: string, request: string): void {
  state.pending[controller] = (state.pending[controller] ?? []).filter((pending) => pending !== request)
}

function requestsFor(controller: ControllerDescription, object: ObjectVersion): string[] {
  const own = controller.for === object.kind ? [object.name] : []
  const isOwned = controller.owns?.includes(object.kind) === true && object.owner?.kind === controller.for
  const owner = isOwned && object.owner !== undefined ? [object.owner.name] : []
  const mapped = (controller.watches ?? []).flatMap((watch) => (watch.kind === object.kind ? watch.requests : []))
  return [...own, ...owner, ...mapped]
}

/** What the process sees of a kind, in order of name. */
export function viewOfKind(state: State, process: string, kind: string): readonly ObjectVersion[] {
  return viewThrough(state.store, kind, state.episodes[process]?.[kind])
}

/** The truth without what an open episode has not delivered. */
export function viewThrough(store: Store, kind: string, episode: Episode | undefined): readonly ObjectVersion[] {
  if (episode?.type === 'broken') return episode.seen
  return objectsBefore(store, kind, episode?.undelivered ?? [])
}

/** The objects of a kind as they were before `changes`, the latest changes of that kind. */
function objectsBefore(store: Store, kind: string, changes: readonly Change[]): readonly ObjectVersion[] {
  const seen = new Map<string, ObjectVersion>()
  for (const object of Object.values(store.objects)) if (object.kind === kind) seen.set(object.name, object)
  for (const change of [...changes].reverse()) {
    if (change.before === undefined) seen.delete(change.name)
    else seen.set(change.name, change.before)
  }
  return [...seen.values()].sort((left, right) => (left.name < right.name ? -1 : 1))
}

/** What a reconcile of `controller` that begins now will see. */
export function viewFor(state: State, controller: ControllerDescription): View {
  const kinds = cachedKindsOf(controller.program)
  return Object.fromEntries(kinds.map((kind) => [kind, viewOfKind(state, controller.process, kind)]))
}

/** Keys of what the process wrote and has not received. */
export function unseenBy(state: State, process: string): string[] {
  return distinct(Object.values(state.episodes[process] ?? {}).flatMap((episode) => unseenIn(episode)))
}

export function unseenIn(episode: Episode): string[] {
  if (episode.type === 'broken') return episode.mine.map(({ key }) => key)
  return episode.undelivered.filter(({ mine }) => mine !== undefined).map(keyOf)
}

export function isUndelivered(state: State): boolean {
  return Object.values(state.episodes).some((byKind) => Object.keys(byKind).length > 0)
}

export function isInFlight(state: State): boolean {
  return state.retired.length > 0 || Object.values(state.inFlight).some((inFlight) => inFlight !== undefined)
}
