/**
 * The scratch memory of one search: the state being expanded, the truth as a reconcile's own writes change it,
 * and the successor being built. Everything lasting is in `tables.ts`.
 */
import type { StorageReader, StoredObject } from '#apiserver/request.ts'
import type { BudgetVector } from '#checker/budget.ts'
import { nameCounterOf } from './name-counters.ts'
import type { Plan } from './plan.ts'
import {
  type Cluster,
  FIRST_REVISION,
  INSTANT_GIVEN,
  kindOfResource,
  type Process,
  REVISION,
  type RequestEntry,
  type Slot,
  START_MS,
  slotOf,
  TIME,
} from './tables.ts'
import { noteListTouch, noteObjectTouch } from './touches.ts'
import { versionOf } from './versions.ts'

/** What each stands for is in `inspect/explanations.ts`. */
export type ProfileName =
  | 'lagging'
  | 'linearizable'
  | 'read-your-writes'
  | 'consistency-store'
  | 'legacy-restart'
  | 'legacy-fifo'
/** `own`: each controller's own (`ControllerDefinition.queue`). */
export type QueueMode = 'fifo' | 'priority' | 'own'

/** Everything of a search's options that changes what a state's successors are. */
export interface Rules {
  readonly granularity: 'reconcile' | 'write'
  readonly profile: ProfileName
  readonly queue: QueueMode
  readonly lagMax: number
  readonly timeMaxMs: number
  readonly absorbNoOps: boolean
  /** Whether private writes are taken first. Default false. */
  readonly privateWrites?: boolean
  /** Lists are answered in an order that depends on it (`list-order.ts`). Absent: by namespace and name. */
  readonly listSeed?: number
}

/** Every action of every state. */
export const UNREDUCED = { absorbNoOps: false, privateWrites: false } as const

/**
 * `view`: the process's cache. `truth`: the API server at the moment of the read. `incarnations`: the view, but for
 * objects whose name has a later incarnation by now. `own-writes`: the view, but for objects of which it lacks nothing
 * but what the reading controller has written itself.
 */
export type ReadSource = 'view' | 'truth' | 'incarnations' | 'own-writes'

export interface World {
  readonly cluster: Cluster
  readonly rules: Rules
  /** What cached reads are answered from; anything but `view` asks what would have been (`counterfactual.ts`). */
  readonly readsFrom: ReadSource
  /** The state being expanded; zero beyond `length`. */
  state: Int32Array
  length: number
  /** The state with the writes of the reconcile being walked. Stands for `state` until `truthIsCopied`. */
  truth: Int32Array
  truthIsCopied: boolean
  /** The successor being built. */
  next: Int32Array
  /** Fingerprint of `state` before its last mixing, when it needs no renaming: successors differ in few parts. */
  readonly stateSum: { valid: boolean; high: number; low: number }
  /** The successor goes beyond `lagMax`. */
  cut: boolean
  /** What is left of the budget in the state being expanded. */
  remaining: BudgetVector
  /** What was learnt later (`Cluster.learnt`) takes no reduction back: paths of a search that is over are followed as it went. */
  learntUpTo: number
  /** Code to run before the call that returned NEEDS_CODE is made again. */
  needed: (() => Promise<unknown>) | undefined
  /** Requests that a delivery of the step touched without waking them; to be checked when no-ops are absorbed. */
  readonly uncovered: { readonly request: RequestEntry; readonly plan: Plan }[]
  /** Told of every request that is enqueued, and why; only while a path is described. */
  onEnqueue: ((request: RequestEntry, cause: EnqueueCause) => void) | undefined
  /** Told of every change that reaches a process; only while a path is traced. */
  onDeliver: ((process: Process, plan: Plan, afterRevision: number) => void) | undefined
}

export type EnqueueCause =
  | { readonly type: 'start'; readonly slot: Slot }
  | {
      readonly type: 'event'
      readonly slot: Slot
      readonly before: number
      readonly after: number
      readonly afterRevision: number
    }
  | { readonly type: 'retry' | 'timer' }

const SPARE_PARTS = 192

export function createWorld(cluster: Cluster, rules: Rules): World {
  const capacity = cluster.partType.length + SPARE_PARTS
  return {
    cluster,
    rules,
    readsFrom: 'view',
    state: new Int32Array(capacity),
    length: 0,
    truth: new Int32Array(capacity),
    truthIsCopied: false,
    stateSum: { valid: false, high: 0, low: 0 },
    next: new Int32Array(capacity),
    cut: false,
    remaining: 0,
    learntUpTo: Number.POSITIVE_INFINITY,
    needed: undefined,
    onEnqueue: undefined,
    onDeliver: undefined,
    uncovered: [],
  }
}

/** The truth as it is now; most reconciles never ask, so the copy is made on demand. */
export function truthOf(world: World): Int32Array {
  if (!world.truthIsCopied) {
    world.truth.set(world.state)
    world.truthIsCopied = true
  }
  return world.truth
}

/** Keeps the arrays longer than the table of parts; to be called wherever parts may have been added. */
export function ensureCapacity(world: World): void {
  const needed = world.cluster.partType.length + 64
  if (world.state.length < needed) world.state = larger(world.state, needed)
  if (world.truth.length < needed) world.truth = larger(world.truth, needed)
  if (world.next.length < needed) world.next = larger(world.next, needed)
}

function larger(old: Int32Array, needed: number): Int32Array {
  const grown = new Int32Array(needed + (needed >> 2) + SPARE_PARTS)
  grown.set(old)
  return grown
}

export function loadState(world: World, state: Int32Array, length: number): void {
  ensureCapacity(world)
  const target = world.state
  for (let i = 0; i < length; i++) target[i] = state[i] as number
  if (world.length > length) target.fill(0, length, world.length)
  world.length = length
  world.truthIsCopied = false
  world.stateSum.valid = false
}

/** The length of a state without its trailing zeros. */
export function trimmedLength(world: World, state: Int32Array): number {
  let length = Math.min(world.cluster.partType.length, state.length)
  while (length > 0 && state[length - 1] === 0) length--
  return length
}

/** Virtual time for timestamps, in milliseconds since 1970. */
export function nowMs(state: Int32Array): number {
  return START_MS + Math.max(state[TIME] as number, state[INSTANT_GIVEN] as number)
}

export function revisionOf(state: Int32Array, slot: Slot): number {
  return state[slot.part + 1] as number
}

/**
 * What the API server's decision procedure sees: `world.truth`. What it looks at beside `target` is noted as touched; what
 * is not there has nobody who could write it in private.
 */
export function truthReader(world: World, target: Slot | undefined): StorageReader {
  const { cluster } = world
  const by = { by: undefined, seesStatus: true }
  const stored = (slot: Slot): StoredObject | undefined => {
    const version = world.truth[slot.part] as number
    if (version === 0) return undefined
    return { body: versionOf(cluster.versions, version).body, revision: FIRST_REVISION + revisionOf(world.truth, slot) }
  }
  const slotFor = (resource: Parameters<StorageReader['get']>[0], namespace: string, name: string): Slot => {
    const slot = slotOf(cluster, kindOfResource(cluster, resource), namespace, name)
    ensureCapacity(world)
    return slot
  }
  return {
    admission: cluster.admission,
    get: (resource, namespace, name) => {
      const slot = slotFor(resource, namespace, name)
      if (slot !== target && world.truth[slot.part] !== 0) noteObjectTouch(cluster, slot, by)
      return stored(slot)
    },
    list: (resource, namespace = '') => {
      const kind = kindOfResource(cluster, resource)
      noteListTouch(cluster, kind.id, { ...by, source: `decision ${namespace}`, namespace, matches: undefined })
      const objects: StoredObject[] = []
      for (const slot of kind.slots) {
        if (namespace !== '' && slot.namespace !== namespace) continue
        const object = stored(slot)
        if (object !== undefined) objects.push(object)
      }
      return objects
    },
    incarnations: (resource, namespace, name) => {
      const slot = slotFor(resource, namespace, name)
      return world.truth[slot.part + 2] as number
    },
    namesGenerated: (resource, namespace, prefix) => {
      const part = nameCounterOf(cluster, kindOfResource(cluster, resource), namespace, prefix)
      ensureCapacity(world)
      return world.truth[part] as number
    },
    get revision() {
      return FIRST_REVISION + (world.truth[REVISION] as number)
    },
    get nowMs() {
      return nowMs(world.truth)
    },
  }
}
