/**
 * The state form: identity in the search. A fingerprint is a sum, over the parts of a state that are not zero, of
 * hashes of (what the part is, its canonical value); a sum because parts have no order.
 *
 * It forgets only what nobody can observe any more (`semantics.md`, Two canonical forms). As long as no name was
 * generated, nothing removed, no time has passed and nobody holds an old version, there is nothing to rename and the
 * hash of each version is used as it is; else the state's renaming is made first. Both ways agree where both apply.
 */
import { valueOf } from './interner.ts'
import { hashMemory } from './memory-form.ts'
import { originText } from './origin.ts'
import { OWN_WRITE } from './own-writes.ts'
import { remembered } from './remembered-hash.ts'
import {
  createRenaming,
  generationsOf,
  newerRevisions,
  type Renaming,
  rankOfInstant,
  renameNames,
  renameState,
  renameText,
} from './renaming.ts'
import { combine, hashJson, hashNumber, hashString, lanes } from './structural-hash.ts'
import {
  type Cluster,
  HOLDERS,
  PART_BOOKMARK,
  PART_COUNTER,
  PART_EPISODE,
  PART_EXTERNAL,
  PART_IN_FLIGHT,
  PART_MEMORY,
  PART_OBJECT,
  PART_ORIGIN,
  PART_SURPLUS,
  PART_WRITERS,
  type Reply,
  START_MS,
  VOLATILE,
} from './tables.ts'
import { distance, isTimed, isTrivial, nameSignature, signatureOf } from './version-signature.ts'
import { instantOf, type Version, versionOf } from './versions.ts'
import { writingText } from './writers.ts'

/** The result of `fingerprint` and `storeFingerprint`. */
export const print = { high: 0, low: 0 }

const scratch = createRenaming()
/** For hashes of versions by themselves. */
const alone = createRenaming()

/** Fingerprint of a state's form, into `print`. */
export function fingerprint(cluster: Cluster, state: Int32Array, length: number): void {
  const plain = isPlain(cluster, state)
  if (!plain) renameState(cluster, scratch, state, length, false)
  sumParts(cluster, state, length, plain ? undefined : scratch, false)
}

/** Fingerprint of the API server's objects alone, into `print`. */
export function storeFingerprint(cluster: Cluster, state: Int32Array, length: number): void {
  const plain = state[VOLATILE] === 0 && !cluster.oddInstants
  if (!plain) renameState(cluster, scratch, state, length, true)
  sumParts(cluster, state, length, plain ? undefined : scratch, true)
}

/** Whether a state's fingerprint needs no renaming. */
function isPlain(cluster: Cluster, state: Int32Array): boolean {
  return state[VOLATILE] === 0 && state[HOLDERS] === 0 && !cluster.oddInstants
}

/**
 * Fingerprint of `next`, a successor of `state`, into `print`. Where neither needs a renaming, only the parts that
 * differ are hashed; `sum` remembers the fingerprint of `state` from one successor to the next.
 */
export function successorFingerprint(
  cluster: Cluster,
  state: Int32Array,
  next: Int32Array,
  sizes: { readonly state: number; readonly next: number },
  sum: { valid: boolean; high: number; low: number },
): void {
  if (!isPlain(cluster, state) || !isPlain(cluster, next)) return fingerprint(cluster, next, sizes.next)
  if (!sum.valid) {
    sumParts(cluster, state, sizes.state, undefined, false)
    sum.valid = true
    sum.high = print.high
    sum.low = print.low
  }
  let { high, low } = sum
  const length = Math.max(sizes.state, sizes.next)
  for (let part = 0; part < length; part++) {
    const before = state[part] as number
    const after = next[part] as number
    if (before === after || cluster.partType[part] === PART_COUNTER) continue
    if (before !== 0) {
      hashPlainPart(cluster, part, before)
      high = (high - lanes.high) | 0
      low = (low - lanes.low) | 0
    }
    if (after !== 0) {
      hashPlainPart(cluster, part, after)
      high = (high + lanes.high) | 0
      low = (low + lanes.low) | 0
    }
  }
  print.high = high
  print.low = low
}

function hashPlainPart(cluster: Cluster, part: number, value: number): void {
  const type = cluster.partType[part]
  if (type === PART_OBJECT || type === PART_EXTERNAL)
    hashVersion(cluster, undefined, cluster.partReference[part] as number, value)
  else if (type === PART_ORIGIN) hashOrigin(cluster, undefined, value)
  else if (type === PART_SURPLUS) hashSurplus(cluster, undefined, value)
  else hashNumber(value)
  combine(cluster.partHigh[part] as number, cluster.partLow[part] as number, lanes.high, lanes.low)
}

function sumParts(
  cluster: Cluster,
  state: Int32Array,
  length: number,
  renaming: Renaming | undefined,
  storeOnly: boolean,
): void {
  const { partType, partHigh, partLow, partReference } = cluster
  let high = 0x2f0b4c47
  let low = 0x15a3d1f9
  for (let part = 0; part < length; part++) {
    const value = state[part] as number
    if (value === 0) continue
    const type = partType[part] as number
    if (type === PART_COUNTER || (storeOnly && type !== PART_OBJECT)) continue
    if (type === PART_OBJECT || type === PART_EXTERNAL)
      hashVersion(cluster, renaming, cluster.partReference[part] as number, value)
    else if (type === PART_EPISODE || type === PART_BOOKMARK) hashEpisode(cluster, renaming as Renaming, state, value)
    else if (type === PART_IN_FLIGHT) hashInFlight(cluster, renaming as Renaming, state, value)
    else if (type === PART_MEMORY) hashMemory(cluster, renaming as Renaming, value)
    else if (type === PART_ORIGIN) hashOrigin(cluster, renaming, value)
    else if (type === PART_SURPLUS) hashSurplus(cluster, renaming, value)
    else if (type === PART_WRITERS) hashWriters(cluster, renaming as Renaming, partReference[part] as number, value)
    else hashNumber(value)
    const valueHigh = lanes.high
    const valueLow = lanes.low
    if (renaming === undefined || cluster.partNames[part] === undefined) {
      combine(partHigh[part] as number, partLow[part] as number, valueHigh, valueLow)
    } else {
      hashLabel(cluster, renaming, part)
      combine(lanes.high, lanes.low, valueHigh, valueLow)
    }
    high = (high + lanes.high) | 0
    low = (low + lanes.low) | 0
  }
  print.high = high
  print.low = low
}

/** Who made an object, with generated names renamed, into `lanes`. */
function hashOrigin(cluster: Cluster, renaming: Renaming | undefined, id: number): void {
  hashString(originText(valueOf(cluster.remembered.origins, id), (slot) => labelOf(cluster, renaming, slot)))
}

/** What a slot is called, with generated names renamed. */
function labelOf(cluster: Cluster, renaming: Renaming | undefined, slot: number): string {
  const part = cluster.slots[slot]?.part
  if (part === undefined) return ''
  const names = cluster.partNames[part]
  const label = cluster.partLabel[part] as string
  return names === undefined || renaming === undefined ? label : renameNames(cluster, renaming, names, label)
}

function hashSurplus(cluster: Cluster, renaming: Renaming | undefined, id: number): void {
  const { controller, root } = valueOf(cluster.remembered.surpluses, id)
  hashString(`${controller} ${labelOf(cluster, renaming, root)}`)
}

/** Who wrote what, and before which of the versions held, into `lanes`. */
function hashWriters(cluster: Cluster, renaming: Renaming, slot: number, id: number): void {
  running.high = 13
  running.low = 17
  for (const writing of valueOf(cluster.remembered.writers, id)) {
    hashString(writingText(writing))
    foldLanes()
    hashNumber(newerRevisions(renaming, slot, writing.revision))
    foldLanes()
  }
  lanes.high = running.high
  lanes.low = running.low
}

/** What a part is, with its generated names renamed, into `lanes`. */
function hashLabel(cluster: Cluster, renaming: Renaming, part: number): void {
  const names = cluster.partNames[part]
  if (names === undefined) {
    lanes.high = cluster.partHigh[part] as number
    lanes.low = cluster.partLow[part] as number
    return
  }
  remembered(cluster.renamedLabels, part, nameSignature(cluster, renaming, names), () =>
    hashString(renameNames(cluster, renaming, names, cluster.partLabel[part] as string)),
  )
}

/** Canonical hash of a version held for a slot, into `lanes`. */
function hashVersion(cluster: Cluster, renaming: Renaming | undefined, slot: number, id: number): void {
  const version = versionOf(cluster.versions, id)
  if (renaming === undefined || isTrivial(cluster, renaming, slot, version)) {
    if (!version.localDone) hashLocally(cluster, slot, version)
    lanes.high = version.localHigh
    lanes.low = version.localLow
    return
  }
  remembered(cluster.renamedHashes, id, signatureOf(cluster, renaming, slot, version), () =>
    hashRenamed(cluster, renaming, slot, version),
  )
}

/** The hash of a version when its ranks are its own. */
function hashLocally(cluster: Cluster, slot: number, version: Version): void {
  alone.stamp++
  alone.instants.length = 0
  alone.instants.push(...version.instants)
  alone.timeMs = version.instants[0] ?? 0
  alone.nowMs = alone.timeMs
  alone.generationStamp[slot] = alone.stamp
  alone.generations[slot] = version.generations
  hashRenamed(cluster, alone, slot, version)
  version.localHigh = lanes.high
  version.localLow = lanes.low
  version.localDone = true
}

function hashRenamed(cluster: Cluster, renaming: Renaming, slot: number, version: Version): void {
  const timed = isTimed(cluster, slot)
  const generations = generationsOf(renaming, slot) ?? version.generations
  const renames = version.uidTokens.length > 0 || version.names.length > 0
  const asData = cluster.counters.generationsAsData.has(cluster.slots[slot]?.kind.id ?? -1)
  const substitute = (value: string | number, key: string): string | number => {
    if (typeof value === 'number') {
      return !asData && (key === 'generation' || key === 'observedGeneration') ? generations.indexOf(value) : value
    }
    const instant = instantOf(value)
    if (instant !== undefined) {
      const rank = rankOfInstant(renaming, instant)
      return timed ? `instant ${rank} ${distance(cluster, renaming, instant)}` : `instant ${rank}`
    }
    return renames ? renameText(cluster, renaming, version, value) : value
  }
  const renameKey = renames ? (key: string) => renameText(cluster, renaming, version, key) : undefined
  hashJson(version.body, substitute, '', renameKey)
}

/** -1 for the store's own revision, else how many held revisions of the slot are newer. */
function hashRevision(cluster: Cluster, renaming: Renaming, state: Int32Array, slot: number, revision: number): void {
  const part = cluster.slots[slot]?.part as number
  hashNumber(state[part] !== 0 && state[part + 1] === revision ? -1 : newerRevisions(renaming, slot, revision))
}

interface HeldObject {
  readonly slot: number
  readonly version: number
  readonly revision: number
}

const running = { high: 0, low: 0 }

function foldLanes(): void {
  combine(running.high, running.low, lanes.high, lanes.low)
  running.high = lanes.high
  running.low = lanes.low
}

/** Folds one held object into `running`. */
function fold(cluster: Cluster, renaming: Renaming, state: Int32Array, held: HeldObject): void {
  hashLabel(cluster, renaming, cluster.slots[held.slot]?.part as number)
  foldLanes()
  if (held.version === 0) hashNumber(-2)
  else hashVersion(cluster, renaming, held.slot, held.version)
  foldLanes()
  hashRevision(cluster, renaming, state, held.slot, held.revision)
  foldLanes()
}

function hashEpisode(cluster: Cluster, renaming: Renaming, state: Int32Array, id: number): void {
  running.high = 3
  running.low = 5
  const { events, broken } = valueOf(cluster.episodes, id)
  if (broken) {
    hashNumber(-3)
    foldLanes()
  }
  for (const event of events) {
    fold(cluster, renaming, state, { slot: event.slot, version: event.before, revision: event.beforeRevision })
    fold(cluster, renaming, state, { slot: event.slot, version: event.after, revision: event.afterRevision })
    if (event.own !== 0) foldWriter(cluster, renaming, event.own)
  }
  lanes.high = running.high
  lanes.low = running.low
}

/** Who of the process wrote: nobody's business but whether, or the request whose pending part it is. */
function foldWriter(cluster: Cluster, renaming: Renaming, own: number): void {
  if (own === OWN_WRITE) hashNumber(own)
  else hashLabel(cluster, renaming, own)
  foldLanes()
}

/** Where a reconcile stands follows from what it was answered, since it is deterministic. */
function hashInFlight(cluster: Cluster, renaming: Renaming, state: Int32Array, id: number): void {
  running.high = 7
  running.low = 9
  foldInFlight(cluster, renaming, state, id)
  lanes.high = running.high
  lanes.low = running.low
}

function foldInFlight(cluster: Cluster, renaming: Renaming, state: Int32Array, id: number): void {
  const { replies, early, frozen, memory, evidence } = valueOf(cluster.inFlights, id)
  if (memory === 0) hashNumber(0)
  else hashMemory(cluster, renaming, memory)
  foldLanes()
  for (const reply of replies) foldReply(cluster, renaming, state, reply)
  for (const { offset, reply } of early) {
    hashNumber(offset)
    foldLanes()
    foldReply(cluster, renaming, state, reply)
  }
  for (const held of frozen) {
    fold(cluster, renaming, state, held)
    if (held.own !== true) continue
    hashNumber(OWN_WRITE)
    foldLanes()
  }
  if (evidence === undefined) return
  for (const { slots, twin } of [evidence.truth, evidence.incarnations]) {
    foldSlots(cluster, renaming, slots)
    if (twin !== 0) foldInFlight(cluster, renaming, state, twin)
  }
}

function foldSlots(cluster: Cluster, renaming: Renaming, slots: readonly number[]): void {
  hashNumber(slots.length)
  foldLanes()
  for (const slot of slots) {
    hashLabel(cluster, renaming, cluster.slots[slot]?.part as number)
    foldLanes()
  }
}

function foldReply(cluster: Cluster, renaming: Renaming, state: Int32Array, reply: Reply): void {
  const { objects } = reply
  hashNumber(objects.length)
  foldLanes()
  if (reply.form === 'instant') {
    hashNumber(rankOfInstant(renaming, START_MS + (reply.value as number)))
    foldLanes()
  } else if (reply.form === 'event') {
    hashString(reply.value as string)
    foldLanes()
  } else if (objects.length === 0) {
    hashNumber(reply.key)
    foldLanes()
  }
  for (let i = 0; i < objects.length; i += 3) {
    fold(cluster, renaming, state, {
      slot: objects[i] as number,
      version: objects[i + 1] as number,
      revision: objects[i + 2] as number,
    })
  }
}
