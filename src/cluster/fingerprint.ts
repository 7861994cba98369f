/**
 * The state form: identity in the search. A fingerprint is a sum, over the parts of a state that are not zero, of
 * hashes of (what the part is, its canonical value); a sum because parts have no order.
 *
 * It forgets only what nobody can observe any more (`semantics.md`, Two canonical forms). As long as no name was
 * generated, nothing removed, no time has passed and nobody holds an old version, there is nothing to rename and the
 * hash of each version is used as it is; else the state's renaming is made first. Both ways agree where both apply.
 */
import { valueOf } from './interner.ts'
import { type Renaming, renameNames, renameText, renamingOf } from './renaming.ts'
import { combine, hashJson, hashNumber, hashString, lanes } from './structural-hash.ts'
import {
  type Cluster,
  HOLDERS,
  PART_COUNTER,
  PART_EPISODE,
  PART_IN_FLIGHT,
  PART_OBJECT,
  START_MS,
  VOLATILE,
} from './tables.ts'
import { instantOf, type Version, versionOf } from './versions.ts'

/** The result of `fingerprint` and `storeFingerprint`. */
export const print = { high: 0, low: 0 }

/** Fingerprint of a state's form, into `print`. */
export function fingerprint(cluster: Cluster, state: Int32Array, length: number): void {
  const renaming =
    state[VOLATILE] === 0 && state[HOLDERS] === 0 && !cluster.oddInstants ? undefined : renamingOf(cluster, state, length, false)
  sumParts(cluster, state, length, renaming, false)
}

/** Fingerprint of the API server's objects alone, into `print`. */
export function storeFingerprint(cluster: Cluster, state: Int32Array, length: number): void {
  const renaming = state[VOLATILE] === 0 && !cluster.oddInstants ? undefined : renamingOf(cluster, state, length, true)
  sumParts(cluster, state, length, renaming, true)
}

function sumParts(cluster: Cluster, state: Int32Array, length: number, renaming: Renaming | undefined, storeOnly: boolean): void {
  const { partType, partHigh, partLow } = cluster
  let high = 0x2f0b4c47
  let low = 0x15a3d1f9
  for (let part = 0; part < length; part++) {
    const value = state[part] as number
    if (value === 0) continue
    const type = partType[part] as number
    if (type === PART_COUNTER || (storeOnly && type !== PART_OBJECT)) continue
    if (type === PART_OBJECT) hashVersion(cluster, renaming, cluster.partReference[part] as number, value)
    else if (type === PART_EPISODE) hashEpisode(cluster, renaming as Renaming, state, value)
    else if (type === PART_IN_FLIGHT) hashInFlight(cluster, renaming as Renaming, state, value)
    else hashNumber(value)
    const valueHigh = lanes.high
    const valueLow = lanes.low
    const names = renaming === undefined ? undefined : cluster.partNames[part]
    if (names === undefined || names.length === 0) combine(partHigh[part] as number, partLow[part] as number, valueHigh, valueLow)
    else {
      hashString(renameNames(renaming as Renaming, names, cluster.partLabel[part] as string, cluster))
      combine(lanes.high, lanes.low, valueHigh, valueLow)
    }
    high = (high + lanes.high) | 0
    low = (low + lanes.low) | 0
  }
  print.high = high
  print.low = low
}

/** Canonical hash of a version held for a slot, into `lanes`. */
function hashVersion(cluster: Cluster, renaming: Renaming | undefined, slot: number, id: number): void {
  const version = versionOf(cluster.versions, id)
  if (renaming === undefined || isTrivial(renaming, slot, version)) {
    if (!version.localDone) hashLocally(cluster, slot, version)
    lanes.high = version.localHigh
    lanes.low = version.localLow
    return
  }
  const signature = signatureOf(cluster, renaming, slot, version)
  let bySignature = cluster.renamedHashes.get(id)
  if (bySignature === undefined) {
    bySignature = new Map()
    cluster.renamedHashes.set(id, bySignature)
  }
  const known = bySignature.get(signature)
  if (known !== undefined) {
    lanes.high = known.high
    lanes.low = known.low
    return
  }
  hashRenamed(cluster, renaming, slot, version)
  bySignature.set(signature, { high: lanes.high, low: lanes.low })
}

/** Whether the version's own ranks are those of the state. */
function isTrivial(renaming: Renaming, slot: number, version: Version): boolean {
  if (version.names.length > 0 || version.instants.length > 1) return false
  const instant = version.instants[0]
  if (instant !== undefined && (renaming.instants.get(instant) !== 0 || renaming.timeMs > instant)) return false
  for (const uid of version.uids) if ((renaming.uids.get(uid) ?? 0) !== 0) return false
  const generations = renaming.generations.get(slot)
  return generations === undefined || generations === version.generations || generations.length === version.generations.length
}

function signatureOf(cluster: Cluster, renaming: Renaming, slot: number, version: Version): string {
  let signature = ''
  const timed = isTimed(cluster, slot)
  for (const instant of version.instants) {
    signature += `${renaming.instants.get(instant)}`
    if (timed) signature += `@${distance(renaming, instant)}`
    signature += ','
  }
  for (const uid of version.uids) signature += `u${renaming.uids.get(uid) ?? 0}`
  for (const name of version.names) signature += `n${renaming.names.get(name) ?? 0}`
  const generations = renaming.generations.get(slot)
  if (generations !== undefined) for (const generation of version.generations) signature += `g${generations.indexOf(generation)}`
  return signature
}

function isTimed(cluster: Cluster, slot: number): boolean {
  return cluster.counters.timedKinds.size > 0 && cluster.counters.timedKinds.has(cluster.slots[slot]?.kind.id ?? -1)
}

/** How long ago an instant was, in timer time: seconds that only clock readings have added do not count. */
function distance(renaming: Renaming, instant: number): number {
  return Math.max(0, renaming.timeMs - instant)
}

function hashLocally(cluster: Cluster, slot: number, version: Version): void {
  const renaming: Renaming = {
    instants: new Map(version.instants.map((instant, rank) => [instant, rank])),
    uids: new Map(),
    names: new Map(),
    generations: new Map([[slot, version.generations]]),
    revisions: new Map(),
    timeMs: version.instants[0] ?? START_MS,
  }
  hashRenamed(cluster, renaming, slot, version)
  version.localHigh = lanes.high
  version.localLow = lanes.low
  version.localDone = true
}

function hashRenamed(cluster: Cluster, renaming: Renaming, slot: number, version: Version): void {
  const timed = isTimed(cluster, slot)
  const generations = renaming.generations.get(slot) ?? version.generations
  const renames = version.uids.length > 0 || version.names.length > 0
  hashJson(version.body, (value, key) => {
    if (typeof value === 'number') {
      return key === 'generation' || key === 'observedGeneration' ? generations.indexOf(value) : value
    }
    const instant = instantOf(value)
    if (instant !== undefined) {
      const rank = renaming.instants.get(instant) ?? 0
      return timed ? `instant ${rank} ${distance(renaming, instant)}` : `instant ${rank}`
    }
    return renames ? renameText(cluster, renaming, version, value) : value
  })
}

/** 'c' for the store's own revision, else how many held revisions of the slot are newer. */
function hashRevision(cluster: Cluster, renaming: Renaming, state: Int32Array, slot: number, revision: number): void {
  const part = cluster.slots[slot]?.part as number
  if (state[part] !== 0 && state[part + 1] === revision) return hashNumber(-1)
  let newer = 0
  for (const held of renaming.revisions.get(slot) ?? []) if (held > revision) newer++
  hashNumber(newer)
}

/** Folds one held object into a running pair of lanes. */
function fold(cluster: Cluster, renaming: Renaming, state: Int32Array, running: { high: number; low: number }, held: HeldObject): void {
  const part = cluster.slots[held.slot]?.part as number
  const names = cluster.partNames[part] ?? []
  if (names.length === 0) foldLanes(running, cluster.partHigh[part] as number, cluster.partLow[part] as number)
  else {
    hashString(renameNames(renaming, names, cluster.partLabel[part] as string, cluster))
    foldLanes(running, lanes.high, lanes.low)
  }
  if (held.version === 0) foldLanes(running, 1, 2)
  else {
    hashVersion(cluster, renaming, held.slot, held.version)
    foldLanes(running, lanes.high, lanes.low)
  }
  hashRevision(cluster, renaming, state, held.slot, held.revision)
  foldLanes(running, lanes.high, lanes.low)
}

interface HeldObject {
  readonly slot: number
  readonly version: number
  readonly revision: number
}

function foldLanes(running: { high: number; low: number }, high: number, low: number): void {
  combine(running.high, running.low, high, low)
  running.high = lanes.high
  running.low = lanes.low
}

function hashEpisode(cluster: Cluster, renaming: Renaming, state: Int32Array, id: number): void {
  const running = { high: 3, low: 5 }
  for (const event of valueOf(cluster.episodes, id)) {
    fold(cluster, renaming, state, running, { slot: event.slot, version: event.before, revision: event.beforeRevision })
    fold(cluster, renaming, state, running, { slot: event.slot, version: event.after, revision: event.afterRevision })
  }
  lanes.high = running.high
  lanes.low = running.low
}

/** Where a reconcile stands follows from what it was answered, since it is deterministic. */
function hashInFlight(cluster: Cluster, renaming: Renaming, state: Int32Array, id: number): void {
  const running = { high: 7, low: 9 }
  const { replies, frozen } = valueOf(cluster.inFlights, id)
  for (const reply of replies) {
    hashNumber(reply.objects.length)
    foldLanes(running, lanes.high, lanes.low)
    if (reply.form === 'instant') {
      const rank = renaming.instants.get(START_MS + (reply.value as number))
      hashNumber(rank ?? -1)
      foldLanes(running, lanes.high, lanes.low)
    } else if (reply.objects.length === 0) {
      hashNumber(reply.key)
      foldLanes(running, lanes.high, lanes.low)
    }
    const { objects } = reply
    for (let i = 0; i < objects.length; i += 3) {
      fold(cluster, renaming, state, running, { slot: objects[i] as number, version: objects[i + 1] as number, revision: objects[i + 2] as number })
    }
  }
  for (const held of frozen) fold(cluster, renaming, state, running, held)
  lanes.high = running.high
  lanes.low = running.low
}
