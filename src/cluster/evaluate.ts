/**
 * Answers one call of a reconcile from the state: the trie edge to follow, and, when asked, the answer as data.
 * Cached reads are answered from the process's view as it was when the reconcile began; uncached ones and all
 * reads under the profile `linearizable` from the truth at the moment they are made.
 */
import { valueOf } from './interner.ts'
import { slotsInOrder } from './list-order.ts'
import { awaitOwnWrites, eventsOf, waitFor } from './own-writes.ts'
import { type CommittedChange, type Run, relation } from './run.ts'
import { combine, hashString, lanes, lanesKey } from './structural-hash.ts'
import { INSTANT_GIVEN, type Process, type Reply, type Slot, TIME } from './tables.ts'
import type { GetOperation, ListOperation, NowOperation, RandomOperation } from './trie.ts'
import { versionOf } from './versions.ts'
import { revisionOf, truthOf, type World } from './world.ts'
import { writersOf } from './writers.ts'

/** What a view holds for a slot; the result of `look`. */
const seen = { version: 0, revision: 0 }

/** Reads a slot from the view of a process in `state`, into `seen`: the truth minus what is undelivered. */
function lookAtView(world: World, process: Process, slot: Slot): void {
  const part = process.episodeParts.get(slot.kind.id)
  const episode = part === undefined ? 0 : (world.state[part] as number)
  if (episode !== 0) {
    for (const event of valueOf(world.cluster.episodes, episode).events) {
      if (event.slot !== slot.id) continue
      seen.version = event.before
      seen.revision = event.beforeRevision
      return
    }
  }
  seen.version = world.state[slot.part] as number
  seen.revision = revisionOf(world.state, slot)
}

function look(world: World, run: Run, slot: Slot, cached: boolean): void {
  if (!cached || world.rules.profile === 'linearizable' || world.readsFrom === 'truth') {
    lookAtTruth(world, slot)
    return
  }
  lookAtCache(world, run, slot)
  if (world.readsFrom === 'incarnations' && isOfEarlierIncarnation(world, slot)) lookAtTruth(world, slot)
  if (world.readsFrom === 'own-writes' && lacksOwnWritesOnly(world, run, slot)) lookAtTruth(world, slot)
}

function lookAtTruth(world: World, slot: Slot): void {
  const truth = truthOf(world)
  seen.version = truth[slot.part] as number
  seen.revision = revisionOf(truth, slot)
}

/** Whether what was seen is of an object in whose place another one is by now. */
function isOfEarlierIncarnation(world: World, slot: Slot): boolean {
  const now = truthOf(world)[slot.part] as number
  if (seen.version === 0 || now === 0) return false
  const { versions } = world.cluster
  return versionOf(versions, seen.version).body.metadata.uid !== versionOf(versions, now).body.metadata.uid
}

/** Whether nothing has been written since what was seen but by the controller that looks. */
function lacksOwnWritesOnly(world: World, run: Run, slot: Slot): boolean {
  const since = writersOf(world.cluster, world.state, slot).filter(({ revision }) => revision > seen.revision)
  const self = run.request.controller.definition.name
  return since.length > 0 && since.every(({ author, before }) => author === self && before !== true)
}

/** The view with which the reconcile began, or what it waited for. */
function lookAtCache(world: World, run: Run, slot: Slot): void {
  if (run.waits.length > 0 && lookAfterWait(world, run, slot)) return
  const frozen = run.inFlight?.frozen
  if (frozen !== undefined) {
    for (const held of frozen) {
      if (held.slot !== slot.id) continue
      seen.version = held.version
      seen.revision = held.revision
      return
    }
  }
  lookAtView(world, run.request.controller.process, slot)
}

/** What the view shows of a kind for whose own writes the reconcile has waited; false for any other kind. */
function lookAfterWait(world: World, run: Run, slot: Slot): boolean {
  const wait = waitFor(run, slot.kind.id)
  if (wait === undefined) return false
  const event = eventsOf(world, run.request.controller.process, slot.kind.id).find(
    (candidate, index) => index >= wait.delivered && candidate.slot === slot.id,
  )
  seen.version = event === undefined ? (world.state[slot.part] as number) : event.before
  seen.revision = event === undefined ? revisionOf(world.state, slot) : event.beforeRevision
  for (let i = 0; i < wait.changes; i++) {
    const change = run.changes[i] as CommittedChange
    if (change.slot !== slot) continue
    seen.version = change.after
    seen.revision = change.afterRevision
  }
  return true
}

/** The view's version of a slot (0: absent), for those outside a reconcile. */
export function viewVersion(
  world: World,
  process: Process,
  slot: Slot,
): { readonly version: number; readonly revision: number } {
  lookAtView(world, process, slot)
  return { version: seen.version, revision: seen.revision }
}

export function evaluateGet(world: World, run: Run, operation: GetOperation, keep: boolean): number {
  const { slot } = operation
  if (operation.cached && world.rules.profile === 'read-your-writes') awaitOwnWrites(world, run, slot.kind.id, slot)
  look(world, run, slot, operation.cached)
  run.reads.push(operation)
  if (!operation.cached) run.readLive = true
  const { version, revision } = seen
  if (version === 0) {
    if (keep) run.replies.push({ key: 0, objects: [], form: 'object' })
    return 0
  }
  const key = version * 4 + relation(run, slot.id, revision)
  run.heldSlots.push(slot.id)
  run.heldRevisions.push(revision)
  if (keep) run.replies.push({ key, objects: [slot.id, version, revision], form: 'object' })
  return key
}

export function evaluateList(world: World, run: Run, operation: ListOperation, keep: boolean): number {
  run.reads.push(operation)
  if (!operation.cached) run.readLive = true
  const objects: number[] | undefined = keep ? [] : undefined
  let high = 7
  let low = 11
  const kinds = operation.kind === undefined ? world.cluster.kinds : [operation.kind]
  const heldBefore = run.heldSlots.length
  for (const kind of kinds) {
    if (operation.cached && world.rules.profile === 'read-your-writes') awaitOwnWrites(world, run, kind.id, undefined)
    for (const slot of slotsInOrder(world, kind)) {
      if (operation.namespace !== '' && slot.namespace !== operation.namespace) continue
      look(world, run, slot, operation.cached)
      const { version, revision } = seen
      if (version === 0 || (operation.matches !== undefined && !operation.matches(version))) continue
      const known = heldBefore === 0 ? 0 : relation(run, slot.id, revision)
      combine(high, low, slot.id, version * 4 + known)
      high = lanes.high
      low = lanes.low
      run.heldSlots.push(slot.id)
      run.heldRevisions.push(revision)
      if (objects !== undefined) objects.push(slot.id, version, revision)
    }
  }
  lanes.high = high
  lanes.low = low
  const key = lanesKey()
  if (objects !== undefined) run.replies.push({ key, objects, form: 'items' })
  return key
}

/** Each reconcile that reads the clock gets an instant at least a second after any given before, then milliseconds. */
export function evaluateNow(world: World, run: Run, _operation: NowOperation, keep: boolean): number {
  run.readClock = true
  run.instant =
    run.instant === 0
      ? Math.max(world.state[TIME] as number, (world.state[INSTANT_GIVEN] as number) + 1000)
      : run.instant + 1
  if (keep) run.replies.push({ key: run.instant, objects: [], form: 'instant', value: run.instant })
  return run.instant
}

/** Random values come from a stream keyed by controller, request and place; so there is one edge. */
export function evaluateRandom(run: Run, operation: RandomOperation, keep: boolean): number {
  run.usedRandom = true
  if (keep) run.replies.push({ key: 0, objects: [], form: 'value', value: randomValue(run.request.label, operation) })
  return 0
}

function randomValue(label: string, operation: RandomOperation): number | string {
  const words: number[] = []
  const count = operation.what === 'bytes' ? Math.ceil(operation.bytes / 4) : 4
  for (let i = 0; i < count; i++) {
    hashString(`${label} ${operation.place} ${i}`)
    words.push(lanes.high >>> 0)
  }
  const hex = words.map((word) => word.toString(16).padStart(8, '0')).join('')
  if (operation.what === 'number') return ((words[0] as number) + (words[1] as number) / 4294967296) / 4294967296
  if (operation.what === 'bytes') return hex.slice(0, operation.bytes * 2)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

/** An answer that was given earlier, for a reconcile that is run again from its start. */
export function lastReply(run: Run): Reply {
  return run.replies[run.replies.length - 1] as Reply
}
