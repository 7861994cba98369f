/**
 * A state of the reference search, and its identity: everything the future depends on, and nothing else. Resource
 * versions and uids are kept as numbers in the state and forgotten by `stateKey`.
 */
import type { ProgramReply } from './program.ts'
import { type Change, canonicalJson, initialStore, keyOf, type ObjectVersion, type Store } from './store.ts'
import {
  type ControllerDescription,
  cachedKindsOf,
  controllersOf,
  distinct,
  processesOf,
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
  /** The view when it began, of the kinds that its program reads. */
  readonly view: View
  readonly replies: readonly ProgramReply<ObjectVersion>[]
}

export interface State {
  store: Store
  /** The next line of the user's script. */
  position: number
  /** By controller: sorted requests. */
  pending: Record<string, readonly string[]>
  /** By controller, by request. */
  timers: Record<string, Record<string, Timer>>
  /** By controller. */
  inFlight: Record<string, InFlight | undefined>
  /** By process, by kind: undelivered changes, oldest first. A kind without an open episode is absent. */
  episodes: Record<string, Record<string, readonly Change[]>>
}

export function initialState(system: System): State {
  const state: State = {
    store: initialStore(system),
    position: 0,
    pending: {},
    timers: {},
    inFlight: {},
    episodes: {},
  }
  for (const process of processesOf(system)) startProcess(system, state, process)
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
  }
}

/** The process forgets everything and lists the true objects. Changes `state`. */
export function startProcess(system: System, state: State, process: string): void {
  state.episodes[process] = {}
  for (const controller of controllersOf(system, process)) {
    const listed = Object.values(state.store.objects)
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

/** The truth without what the process's open episode on `kind` has not delivered, in order of name. */
export function viewOfKind(state: State, process: string, kind: string): readonly ObjectVersion[] {
  const seen = new Map<string, ObjectVersion>()
  for (const object of Object.values(state.store.objects)) if (object.kind === kind) seen.set(object.name, object)
  const undelivered = state.episodes[process]?.[kind] ?? []
  for (const change of [...undelivered].reverse()) {
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

export function isUndelivered(state: State): boolean {
  return Object.values(state.episodes).some((byKind) => Object.keys(byKind).length > 0)
}

export function isInFlight(state: State): boolean {
  return Object.values(state.inFlight).some((inFlight) => inFlight !== undefined)
}

/**
 * The identity of a state as canonical JSON. A version that somebody holds (an undelivered change, a reconcile in
 * flight) is its content and whether the store has a newer one; an incarnation is its rank among those of its name
 * that are still stored, held or named by an owner reference.
 */
export function stateKey(system: System, state: State): string {
  const ranks = incarnationRanks(state)
  const content = (version: ObjectVersion): object => {
    const { uid, resourceVersion: _forgotten, owner, ...rest } = version
    const ownerRank =
      owner === undefined ? {} : { owner: { kind: owner.kind, name: owner.name, incarnation: ranks.get(owner.uid) } }
    return { ...rest, ...ownerRank, incarnation: ranks.get(uid) }
  }
  const held = (version: ObjectVersion): object => {
    const isNewest = state.store.objects[keyOf(version)]?.resourceVersion === version.resourceVersion
    return { ...content(version), isNewest }
  }
  return canonicalJson({
    objects: mapValues(state.store.objects, content),
    position: state.position,
    pending: state.pending,
    timers: state.timers,
    inFlight: replaceVersions(state.inFlight, held),
    episodes: replaceVersions(state.episodes, held),
  })
}

function incarnationRanks(state: State): Map<number, number> {
  const uidsByKey = new Map<string, Set<number>>()
  const note = (key: string, uid: number): void => {
    uidsByKey.set(key, (uidsByKey.get(key) ?? new Set()).add(uid))
  }
  replaceVersions([state.store.objects, state.inFlight, state.episodes], (version) => {
    note(keyOf(version), version.uid)
    if (version.owner !== undefined) note(keyOf(version.owner), version.owner.uid)
    return {}
  })
  const ranks = new Map<number, number>()
  for (const uids of uidsByKey.values()) {
    const inOrderOfCreation = [...uids].sort((left, right) => left - right)
    for (const [rank, uid] of inOrderOfCreation.entries()) ranks.set(uid, rank)
  }
  return ranks
}

/** `value` with every object version in it replaced. */
function replaceVersions(value: unknown, replace: (version: ObjectVersion) => object): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((element) => replaceVersions(element, replace))
  if ('resourceVersion' in value) return replace(value as ObjectVersion)
  return mapValues(value as Record<string, unknown>, (part) => replaceVersions(part, replace))
}

function mapValues<T>(record: Readonly<Record<string, T>>, map: (value: T) => unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]))
}
