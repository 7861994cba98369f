/**
 * The tables behind encoded states: which position of the array means what. Positions ("parts") are added as
 * objects, requests and episodes first appear; a state shorter than the table has zeros there.
 *
 * Every part holds a small integer. An *identity* part counts in a state's fingerprint; a counter (revision,
 * incarnations, names generated, clock) does not: two orders that differ only in counters are one state.
 */
import type { Json } from '#api/object.ts'
import type { ResourceInfo, ResourceTable } from '#api/resource.ts'
import type { AdmissionControl } from '#apiserver/admission/admission.ts'
import type { ObjectEvent } from '#controller/controller.ts'
import type { Controller } from '#controller/define-controller.ts'
import type { Host } from '#controller/host.ts'
import type { CoverageTable } from './coverage.ts'
import type { DeclaredEvent } from './environment-events.ts'
import type { EnvironmentHistory } from './environment-history.ts'
import type { ExternalSystem } from './external-systems.ts'
import type { FrozenObject } from './frozen-object.ts'
import type { Interner } from './interner.ts'
import type { OperationTable } from './operation.ts'
import type { OracleMemory } from './oracle-memory.ts'
import type { Plan } from './plan.ts'
import type { RememberedHashes } from './remembered-hash.ts'
import type { RunCounters } from './run-counters.ts'
import type { Scenario } from './scenario.ts'
import { hashString, lanes } from './structural-hash.ts'
import type { TouchTable } from './touches.ts'
import type { CommitOperation, TrieNode } from './trie.ts'
import type { PreparedAction } from './user-actions.ts'
import { generatedNamesIn, type Identities, type VersionTable } from './versions.ts'

/** What a part is. Types from PART_OBJECT on are identity parts. */
export const PART_COUNTER = 0
export const PART_OBJECT = 1
const PART_PENDING = 2
export const PART_TIMER = 3
export const PART_TIMER_DELAY = 4
const PART_SCRIPT = 5
export const PART_EPISODE = 6
export const PART_IN_FLIGHT = 7
export const PART_MEMORY = 8
const PART_MONITOR = 9
/** The state of an external system: as PART_OBJECT, but not in the API server's store. */
export const PART_EXTERNAL = 11
/** What a kind's list has missed since it was bookmarked (`bookmarks.ts`): as PART_EPISODE. */
export const PART_BOOKMARK = 14
const PART_HISTORY = 10
/** Who made an object and for whom (`origin.ts`). */
export const PART_ORIGIN = 12
/** Who wrote an object of which somebody holds an older version (`writers.ts`). */
export const PART_WRITERS = 13
/** Made for want of its maker's own writes (`surplus.ts`). */
export const PART_SURPLUS = 15

/** The fixed positions. */
export const REVISION = 0
/** Not zero once a name was generated, an object removed, or time has passed: the renaming hash is needed then. */
export const VOLATILE = 1
/** Milliseconds of virtual time since the start, moved by timers. */
export const TIME = 2
/** The instant last given to a reconcile, in milliseconds since the start; 0: none yet. */
export const INSTANT_GIVEN = 3
export const SCRIPT = 4
/** Bits of the user's promises (`properties/promises.ts`). */
export const MONITOR = 5
/** Number of parts that are not zero among episodes and in-flight reconciles: they hold old versions. */
export const HOLDERS = 6
/** What the environment did so far (`environment-history.ts`); 0: nothing. */
export const HISTORY = 7
const FIXED_PARTS = 8

/** Virtual time starts here; any fixed instant will do. */
export const START_MS = Date.UTC(2025, 0, 1)
/** Revisions start high, so that a resourceVersion in a string is recognisable. */
export const FIRST_REVISION = 1_000_000

/** The id of the kind that stands for external systems: no index of `kinds`, so no read and no watch meets it. */
export const EXTERNAL_KIND = -2

export interface Kind {
  readonly id: number
  readonly resource: ResourceInfo
  /** Slots of this kind, in order of namespace and name. */
  slots: Slot[]
}

/** A place for the object of one kind, namespace and name. */
export interface Slot {
  readonly id: number
  readonly kind: Kind
  readonly namespace: string
  readonly name: string
  /** Part with the version id; the next one holds the revision, the one after the number of removed incarnations. */
  readonly part: number
}

export interface Process {
  readonly id: number
  readonly name: string
  readonly controllers: ControllerEntry[]
  /** Kinds it has an informer on: watched ones from the start, others as cached reads of them are seen. */
  readonly informers: Set<number>
  /** Watches every kind (`*`). */
  watchesAll: boolean
  /** Part of the open episode of a kind, by kind id. */
  readonly episodeParts: Map<number, number>
  /** Part of the bookmark of a kind, by kind id; only under `legacy-restart`. */
  readonly bookmarkParts: Map<number, number>
  /** Part with the events that its standby has not received, by kind id (`handover.ts`). */
  readonly standbyParts: Map<number, number>
  /** A process that reads nothing through its cache is never behind: see `fidelity.md`. */
  readonly alwaysLive: boolean
  /** A process of a client stack of today: `legacy-restart` and `legacy-fifo` are as `lagging` to it (decision 71). */
  readonly listsConsistently: boolean
  /** Its controllers run at once (`at-once.ts`): it never starts anew and is never handed over. */
  readonly atOnce: boolean
}

export interface ControllerEntry {
  readonly id: number
  readonly definition: Controller
  readonly process: Process
  readonly requests: Map<string, RequestEntry>
  readonly memoryPart: number
  /** Kinds read through the cache after a write: reconciles in flight must keep their view of these. */
  readonly readsAfterWrite: Set<number>
  /** Its code deletes: what its reads were worth may have to be remembered (`evidence.ts`). */
  deletes: boolean
  /** No-op absorption is off: a read is not covered by a watch (see `reduction/no-op-absorption.ts`). */
  /** When its no-ops were last known to be absorbable, in the order of `Cluster.learnt`. Default: for ever. */
  absorbedUpTo: number
}

export interface RequestEntry {
  readonly id: number
  readonly controller: ControllerEntry
  readonly namespace: string
  readonly name: string
  /** 1 while it is in the queue; for events of an object that are to be handled, the queue of those. */
  readonly pendingPart: number
  /** The object whose events it stands for, when its controller handles events. */
  readonly handles: Slot | undefined
  timerPart: number
  inFlightPart: number
  /** Parts of its reconciles in flight in instances of the process that were replaced (`handover.ts`). */
  readonly retiredParts: number[]
  /** Trie roots by memory id (0: none). */
  readonly roots: Map<number, TrieNode>
  readonly label: string
}

/** What a controller declares to remember, and what it mentions that the state form renames. */
export interface DeclaredMemory {
  readonly json: Json
  readonly identities: Identities
}

export interface Cluster {
  readonly scenario: Scenario
  readonly resources: ResourceTable
  readonly admission: AdmissionControl | undefined
  readonly host: Host
  readonly versions: VersionTable
  readonly kinds: Kind[]
  readonly kindIds: Map<string, number>
  readonly slots: Slot[]
  readonly slotIds: Map<string, number>
  readonly requests: RequestEntry[]
  readonly controllers: ControllerEntry[]
  readonly processes: Process[]
  readonly episodes: Interner<Episode>
  readonly inFlights: Interner<InFlight>
  readonly memories: Interner<DeclaredMemory>
  readonly histories: Interner<EnvironmentHistory>
  readonly remembered: OracleMemory
  /** By part: its type, its hash, and what it refers to (slot, request, process or controller id). */
  readonly partType: number[]
  readonly partHigh: number[]
  readonly partLow: number[]
  readonly partReference: number[]
  readonly partLabel: string[]
  /** Generated names in a part's label; usually none. */
  readonly partNames: (readonly string[] | undefined)[]
  /** Some object mentions an instant that is not the start: instants must be ranked from the beginning. */
  oddInstants: boolean
  /** Some controller runs at once. */
  actsAtOnce: boolean
  /** Hashes of versions under renamings, by version and the ranks of what it mentions. */
  readonly renamedHashes: RememberedHashes
  /** Of declared memories under renamings, and of what parts are called. */
  readonly renamedMemories: RememberedHashes
  readonly renamedLabels: RememberedHashes
  readonly nameCounters: Map<string, number>
  readonly operations: OperationTable
  /** Delivery plans by pair of versions. */
  readonly plans: Map<number, Plan>
  /** Events that a host was told of before their delivery was planned, by pair of versions. */
  readonly eventsAhead: Map<number, ObjectEvent>
  /** What runs of controller code have cost and shown. */
  readonly counters: RunCounters
  readonly coverage: CoverageTable
  readonly touches: TouchTable
  /** Counts what was learnt that takes a reduction back. */
  learnt: number
  /** Slots in the order of shuffled lists, by kind id, and what they were made from. */
  readonly shuffledSlots: Map<number, { readonly slots: readonly Slot[]; readonly of: readonly Slot[] }>
  /** External systems, by name. */
  readonly externals: Map<string, ExternalSystem>
  /** Environment events that the scenario declares. */
  environment: readonly DeclaredEvent[]
  /** Writes that environment events were seen to make. */
  readonly environmentWrites: Set<CommitOperation>
  /** Stands for the user where a run needs somebody who made it; is never pending. */
  userRequest: RequestEntry
  /** The user's script, prepared. */
  actions: readonly PreparedAction[]
  /** Objects at the start. */
  readonly initial: { readonly slot: Slot; readonly version: number; readonly revision: number }[]
}

/** What one process has not received of one kind. */
export interface Episode {
  /** Oldest first. Of a broken watch: one difference an object, in any order. */
  readonly events: readonly UndeliveredEvent[]
  /** The watch broke (fault `relist`): nothing is delivered until the process lists again. */
  readonly broken: boolean
}
export interface UndeliveredEvent {
  readonly slot: number
  readonly before: number
  readonly beforeRevision: number
  readonly after: number
  readonly afterRevision: number
  /** Whether, and by whom, the process wrote it itself (`own-writes.ts`); 0: it did not, or the profile does not ask. */
  readonly own: number
}

/** A reconcile stopped half-way: where it is in its trie, what it was answered, and its frozen view. */
export interface InFlight {
  readonly node: TrieNode
  readonly replies: readonly Reply[]
  /** Writes of the batch at `node` that have committed while an earlier one of it has not. */
  readonly early: readonly EarlyReply[]
  /** Objects of which the process's view has moved on since it began: slot, version, revision. */
  readonly frozen: readonly FrozenObject[]
  /** What its process remembered when it began; 0: nothing. Another reconcile may have ended since. */
  readonly memory: number
  /** What it would delete, had its reads been fresh; undefined: they were, or nobody asks. */
  readonly evidence?: Evidence | undefined
}

/** What a reconcile in flight would do, had it read the truth, or but no earlier incarnations. */
export interface Evidence {
  readonly truth: Foretold
  readonly incarnations: Foretold
}

export interface Foretold {
  /** Slots whose live objects it would delete. */
  readonly slots: readonly number[]
  /** Where it stands, before its next write, as long as its writes are those really made; 0: it has gone another way. */
  readonly twin: number
}

/** The answer of the `offset`-th write of a batch, committed before the batch is complete. */
export interface EarlyReply {
  readonly offset: number
  readonly reply: Reply
}

/** An answer as data. `key` is the trie edge; `objects` are slot, version, revision, three integers each. */
export interface Reply {
  readonly key: number
  readonly objects: readonly number[]
  readonly form: 'object' | 'items' | 'status' | 'value' | 'instant' | 'external' | 'event'
  /** Status or clock or random value. */
  readonly value?: unknown
}

export function addPart(cluster: Cluster, type: number, reference: number, label: string): number {
  const part = cluster.partType.length
  hashString(label)
  cluster.partType.push(type)
  cluster.partHigh.push(lanes.high)
  cluster.partLow.push(lanes.low)
  cluster.partReference.push(reference)
  cluster.partLabel.push(label)
  const names = cluster.versions.generatedPrefixes.size === 0 ? [] : generatedNamesIn(cluster.versions, label)
  cluster.partNames.push(names.length === 0 ? undefined : names)
  return part
}

/** The fixed parts that count in a state's identity. */
const FIXED_IDENTITY_PARTS: ReadonlyMap<number, number> = new Map([
  [SCRIPT, PART_SCRIPT],
  [MONITOR, PART_MONITOR],
  [HISTORY, PART_HISTORY],
])

export function addFixedParts(cluster: Cluster): void {
  for (let part = 0; part < FIXED_PARTS; part++) {
    addPart(cluster, FIXED_IDENTITY_PARTS.get(part) ?? PART_COUNTER, 0, `fixed ${part}`)
  }
}

/** The kind of an apiVersion and kind; undefined when nobody serves it. All served versions share one kind. */
export function kindOf(cluster: Cluster, apiVersion: string, kind: string): Kind | undefined {
  const text = `${apiVersion}|${kind}`
  const known = cluster.kindIds.get(text)
  if (known !== undefined) return cluster.kinds[known]
  const resource = cluster.resources.byKind(apiVersion, kind)
  if (resource === undefined) return undefined
  const added = kindOfResource(cluster, resource)
  cluster.kindIds.set(text, added.id)
  return added
}

export function kindOfResource(cluster: Cluster, resource: ResourceInfo): Kind {
  const key = `${resource.group}/${resource.kind}`
  const known = cluster.kindIds.get(key)
  if (known !== undefined) return cluster.kinds[known] as Kind
  const added: Kind = { id: cluster.kinds.length, resource, slots: [] }
  cluster.kinds.push(added)
  cluster.kindIds.set(key, added.id)
  return added
}

export function slotOf(cluster: Cluster, kind: Kind, namespace: string, name: string): Slot {
  const key = `${kind.id}|${namespace}|${name}`
  const known = cluster.slotIds.get(key)
  if (known !== undefined) return cluster.slots[known] as Slot
  const id = cluster.slots.length
  const label = `${kind.resource.group}/${kind.resource.kind} ${namespace}/${name}`
  const part = addPart(cluster, kind.id === EXTERNAL_KIND ? PART_EXTERNAL : PART_OBJECT, id, label)
  addPart(cluster, PART_COUNTER, id, `${label} revision`)
  addPart(cluster, PART_COUNTER, id, `${label} incarnations`)
  const slot: Slot = { id, kind, namespace, name, part }
  cluster.slots.push(slot)
  cluster.slotIds.set(key, id)
  kind.slots = [...kind.slots, slot].sort((a, b) => compare(a.namespace, b.namespace) || compare(a.name, b.name))
  return slot
}

/** A slot's revision lies behind its version, its number of removed incarnations behind that. */
export function revisionPart(part: number): number {
  return part + 1
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

export function requestOf(
  cluster: Cluster,
  controller: ControllerEntry,
  namespace: string,
  name: string,
): RequestEntry {
  const label = namespace === '' ? name : `${namespace}/${name}`
  const known = controller.requests.get(label)
  if (known !== undefined) return known
  const id = cluster.requests.length
  const text = `${controller.definition.name} ${label}`
  const request: RequestEntry = {
    id,
    controller,
    namespace,
    name,
    pendingPart: addPart(cluster, PART_PENDING, id, `pending ${text}`),
    handles: undefined,
    timerPart: 0,
    inFlightPart: 0,
    retiredParts: [],
    roots: new Map(),
    label: text,
  }
  cluster.requests.push(request)
  controller.requests.set(label, request)
  return request
}
