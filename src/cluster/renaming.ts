/**
 * The renaming of a state: what its canonical form calls each instant, uid, generated name and generation. Only what
 * some holder (the store, an undelivered event, a reconcile in flight) still mentions counts; everything is numbered
 * by rank, so that values which differ only in how often something happened before are the same.
 *
 * One renaming is made for nearly every state, so it lives in scratch memory that is stamped, never cleared.
 */
import { valueOf } from './interner.ts'
import {
  type Cluster,
  INSTANT_GIVEN,
  type InFlight,
  PART_BOOKMARK,
  PART_COUNTER,
  PART_EPISODE,
  PART_EXTERNAL,
  PART_IN_FLIGHT,
  PART_MEMORY,
  PART_OBJECT,
  PART_ORIGIN,
  PART_SURPLUS,
  type Reply,
  START_MS,
  TIME,
} from './tables.ts'
import { type Identities, NEEDS_NAMES, NEEDS_UIDS, versionOf } from './versions.ts'

export interface Renaming {
  /** Distinct instants that the state mentions, ascending. */
  readonly instants: number[]
  /** NEEDS_… bits of the versions held. */
  needs: number
  /** Stamp of this renaming; entries with another one are left over from an earlier state. */
  stamp: number
  /** By owner id: stamp, and the incarnations mentioned. */
  readonly ownerStamp: number[]
  readonly ownerIncarnations: number[][]
  /** By family of generated names: stamp, and the numbers mentioned. */
  readonly familyStamp: number[]
  readonly familyNumbers: number[][]
  /** By slot: stamp, and the generations its holders mention, ascending. */
  readonly generationStamp: number[]
  readonly generations: (readonly number[])[]
  /** Some slot is held in versions of different generations. */
  generationsDiffer: boolean
  /** By slot: stamp, and the revisions that somebody other than the store holds. */
  readonly revisionStamp: number[]
  readonly revisions: number[][]
  timeMs: number
  /** The later of that and the last instant given to a reconcile. */
  nowMs: number
}

export function createRenaming(): Renaming {
  return {
    instants: [],
    needs: 0,
    stamp: 0,
    ownerStamp: [],
    ownerIncarnations: [],
    familyStamp: [],
    familyNumbers: [],
    generationStamp: [],
    generations: [],
    generationsDiffer: false,
    revisionStamp: [],
    revisions: [],
    timeMs: START_MS,
    nowMs: START_MS,
  }
}

/** Fills `renaming` for a state; with `storeOnly` only the store is a holder. */
export function renameState(
  cluster: Cluster,
  renaming: Renaming,
  state: Int32Array,
  length: number,
  storeOnly: boolean,
): void {
  // Mostly a state needs what the one before did; where it does not, all its uids and names are ranked 0 either way.
  const inOnePass = (renaming.needs & (NEEDS_UIDS | NEEDS_NAMES)) !== 0
  renaming.stamp++
  renaming.instants.length = 0
  renaming.needs = 0
  renaming.generationsDiffer = false
  renaming.timeMs = START_MS + (state[TIME] as number)
  renaming.nowMs = Math.max(renaming.timeMs, START_MS + (state[INSTANT_GIVEN] as number))
  eachHolder(cluster, state, length, storeOnly, (slot, version, revision) => {
    mention(cluster, renaming, slot, version, revision)
    if (inOnePass) mentionIdentities(renaming, versionOf(cluster.versions, version))
  })
  if (!storeOnly && state[INSTANT_GIVEN] !== 0) mentionClockReadings(cluster, renaming, state, length)
  if (renaming.instants.length > 1) renaming.instants.sort(ascending)
  if (!storeOnly)
    eachMemory(cluster, state, length, ({ needs }) => {
      renaming.needs |= needs
    })
  if ((renaming.needs & (NEEDS_UIDS | NEEDS_NAMES)) !== 0) {
    if (!inOnePass)
      eachHolder(cluster, state, length, storeOnly, (_, version) =>
        mentionIdentities(renaming, versionOf(cluster.versions, version)),
      )
    if (!storeOnly) eachMemory(cluster, state, length, (memory) => mentionIdentities(renaming, memory))
  }
  if (!storeOnly && cluster.versions.generatedNames.size > 0) {
    for (let part = 0; part < length; part++) {
      // A counter tells nobody a name: that of a removed object keeps its revision.
      if (state[part] === 0 || cluster.partType[part] === PART_COUNTER) continue
      mentionNames(cluster, renaming, part)
      if (cluster.partType[part] === PART_SURPLUS) {
        const root = cluster.slots[valueOf(cluster.remembered.surpluses, state[part] as number).root]
        if (root !== undefined) mentionNames(cluster, renaming, root.part)
      }
      if (cluster.partType[part] === PART_ORIGIN) {
        const { maker, finalizers } = valueOf(cluster.remembered.origins, state[part] as number)
        for (const made of maker === undefined ? finalizers : [maker, ...finalizers])
          mentionNames(cluster, renaming, cluster.slots[made.root]?.part as number)
      }
    }
  }
}

/** Generated names in what a part is called. */
function mentionNames(cluster: Cluster, renaming: Renaming, part: number): void {
  for (const name of cluster.partNames[part] ?? []) {
    renaming.needs |= NEEDS_NAMES
    const entry = cluster.versions.generatedNames.get(name)
    if (entry !== undefined)
      addTo(renaming.familyStamp, renaming.familyNumbers, renaming.stamp, entry.familyId, entry.number)
  }
}

const ascending = (a: number, b: number): number => a - b

type SeeHolder = (slot: number, version: number, revision: number) => void

/** Calls `see` for every version held; `revision` is -1 for the store's own. */
export function eachHolder(
  cluster: Cluster,
  state: Int32Array,
  length: number,
  storeOnly: boolean,
  see: SeeHolder,
): void {
  const { partType, partReference } = cluster
  for (let part = 0; part < length; part++) {
    const value = state[part] as number
    if (value === 0) continue
    const type = partType[part]
    if (type === PART_OBJECT) see(partReference[part] as number, value, -1)
    else if (storeOnly) continue
    else if (type === PART_EXTERNAL) see(partReference[part] as number, value, -1)
    else if (type === PART_EPISODE || type === PART_BOOKMARK) {
      for (const event of valueOf(cluster.episodes, value).events) {
        see(event.slot, event.before, event.beforeRevision)
        see(event.slot, event.after, event.afterRevision)
      }
    } else if (type === PART_IN_FLIGHT) {
      for (const inFlight of withTwins(cluster, value)) eachHeld(inFlight, see)
    }
  }
}

/** Calls `see` for the declared memory of every controller, and of every reconcile in flight. */
function eachMemory(cluster: Cluster, state: Int32Array, length: number, see: (memory: Identities) => void): void {
  const seeId = (id: number): void => {
    if (id !== 0) see(valueOf(cluster.memories, id).identities)
  }
  for (let part = 0; part < length; part++) {
    const value = state[part] as number
    if (value === 0) continue
    const type = cluster.partType[part]
    if (type === PART_MEMORY) seeId(value)
    else if (type === PART_IN_FLIGHT) for (const { memory } of withTwins(cluster, value)) seeId(memory)
  }
}

/** A reconcile in flight, and those that it would be with other answers. */
function withTwins(cluster: Cluster, id: number): readonly InFlight[] {
  const inFlight = valueOf(cluster.inFlights, id)
  const { evidence } = inFlight
  if (evidence === undefined) return [inFlight]
  const twins = [evidence.truth.twin, evidence.incarnations.twin].filter((twin) => twin !== 0)
  return [inFlight, ...twins.map((twin) => valueOf(cluster.inFlights, twin))]
}

function eachHeld(inFlight: InFlight, see: SeeHolder): void {
  for (const reply of inFlight.replies) eachAnswered(reply, see)
  for (const { reply } of inFlight.early) eachAnswered(reply, see)
  for (const entry of inFlight.frozen) see(entry.slot, entry.version, entry.revision)
}

function eachAnswered({ objects }: Reply, see: SeeHolder): void {
  for (let i = 0; i < objects.length; i += 3) {
    see(objects[i] as number, objects[i + 1] as number, objects[i + 2] as number)
  }
}

function mention(cluster: Cluster, renaming: Renaming, slot: number, id: number, revision: number): void {
  if (revision >= 0) addTo(renaming.revisionStamp, renaming.revisions, renaming.stamp, slot, revision)
  if (id === 0) return
  const version = versionOf(cluster.versions, id)
  renaming.needs |= version.needs
  for (const instant of version.instants) if (!renaming.instants.includes(instant)) renaming.instants.push(instant)
  if (version.generations.length === 0) return
  if (renaming.generationStamp[slot] !== renaming.stamp) {
    renaming.generationStamp[slot] = renaming.stamp
    renaming.generations[slot] = version.generations
    return
  }
  const known = renaming.generations[slot] as readonly number[]
  if (known === version.generations || sameNumbers(known, version.generations)) return
  renaming.generations[slot] = [...new Set([...known, ...version.generations])].sort(ascending)
  renaming.generationsDiffer = true
}

/** Instants that a reconcile in flight was given count as those in objects do: it may write them. */
function mentionClockReadings(cluster: Cluster, renaming: Renaming, state: Int32Array, length: number): void {
  for (let part = 0; part < length; part++) {
    if (cluster.partType[part] !== PART_IN_FLIGHT || state[part] === 0) continue
    for (const { replies } of withTwins(cluster, state[part] as number)) {
      for (const { form, value } of replies) {
        if (form !== 'instant') continue
        const instant = START_MS + (value as number)
        if (!renaming.instants.includes(instant)) renaming.instants.push(instant)
      }
    }
  }
}

function sameNumbers(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

function mentionIdentities(renaming: Renaming, version: Identities | undefined): void {
  if (version === undefined) return
  const { stamp } = renaming
  for (const { owner, incarnation } of version.uidTokens)
    addTo(renaming.ownerStamp, renaming.ownerIncarnations, stamp, owner, incarnation)
  for (const { family, number } of version.nameTokens)
    addTo(renaming.familyStamp, renaming.familyNumbers, stamp, family, number)
}

function addTo(stamps: number[], lists: number[][], stamp: number, index: number, value: number): void {
  const list = lists[index]
  if (stamps[index] !== stamp || list === undefined) {
    stamps[index] = stamp
    if (list === undefined) lists[index] = [value]
    else {
      list.length = 1
      list[0] = value
    }
  } else if (!list.includes(value)) list.push(value)
}

/** How many smaller values were mentioned. */
function rankIn(
  stamps: readonly number[],
  lists: readonly number[][],
  stamp: number,
  index: number,
  value: number,
): number {
  const list = lists[index]
  if (stamps[index] !== stamp || list === undefined) return 0
  let rank = 0
  for (const other of list) if (other < value) rank++
  return rank
}

export function rankOfIncarnation(renaming: Renaming, owner: number, incarnation: number): number {
  return rankIn(renaming.ownerStamp, renaming.ownerIncarnations, renaming.stamp, owner, incarnation)
}

export function rankOfName(renaming: Renaming, family: number, number: number): number {
  return rankIn(renaming.familyStamp, renaming.familyNumbers, renaming.stamp, family, number)
}

export function rankOfInstant(renaming: Renaming, instant: number): number {
  return renaming.instants.indexOf(instant)
}

/** How many revisions that somebody holds are newer. */
export function newerRevisions(renaming: Renaming, slot: number, revision: number): number {
  const list = renaming.revisionStamp[slot] === renaming.stamp ? renaming.revisions[slot] : undefined
  let newer = 0
  for (const held of list ?? []) if (held > revision) newer++
  return newer
}

export function generationsOf(renaming: Renaming, slot: number): readonly number[] | undefined {
  return renaming.generationStamp[slot] === renaming.stamp ? renaming.generations[slot] : undefined
}

/** Text with uids and generated names replaced by their canonical names. */
export function renameText(cluster: Cluster, renaming: Renaming, version: Identities, text: string): string {
  let renamed = text
  for (const { uid, owner, incarnation } of version.uidTokens) {
    if (!renamed.includes(uid)) continue
    const name = renameNames(
      cluster,
      renaming,
      cluster.versions.owners[owner]?.names ?? [],
      cluster.versions.owners[owner]?.label ?? '',
    )
    renamed = renamed.replaceAll(uid, `uid of ${name} #${rankOfIncarnation(renaming, owner, incarnation)}`)
  }
  return renameNames(cluster, renaming, version.names, renamed)
}

export function renameNames(cluster: Cluster, renaming: Renaming, names: readonly string[], text: string): string {
  let renamed = text
  for (const name of names) {
    if (!renamed.includes(name)) continue
    const entry = cluster.versions.generatedNames.get(name)
    if (entry !== undefined)
      renamed = renamed.replaceAll(name, `${entry.prefix}#${rankOfName(renaming, entry.familyId, entry.number)}`)
  }
  return renamed
}
