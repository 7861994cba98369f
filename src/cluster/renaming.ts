/**
 * The renaming of a state: what its canonical form calls each instant, uid, generated name and generation. Only what
 * some holder (the store, an undelivered event, a reconcile in flight) still mentions counts; everything is numbered
 * by rank, so that values which differ only in how often something happened before are the same.
 */
import { valueOf } from './interner.ts'
import { type Cluster, PART_EPISODE, PART_IN_FLIGHT, PART_OBJECT, START_MS, TIME } from './tables.ts'
import { type Version, versionOf } from './versions.ts'

export interface Renaming {
  /** Milliseconds since 1970 to rank, ascending. */
  readonly instants: Map<number, number>
  /** uid to rank among the incarnations of its name. */
  readonly uids: Map<string, number>
  /** Generated name to rank in its family. */
  readonly names: Map<string, number>
  /** By slot: the generations that its holders mention, ascending. */
  readonly generations: Map<number, readonly number[]>
  /** By slot: revisions that anybody holds, ascending. */
  readonly revisions: Map<number, number[]>
  readonly timeMs: number
}

/** Versions that a state mentions: slot and version id, two by two. */
function holders(cluster: Cluster, state: Int32Array, length: number, storeOnly: boolean, revisions: Map<number, number[]>): number[] {
  const held: number[] = []
  const hold = (slot: number, version: number, revision: number): void => {
    if (version !== 0) held.push(slot, version)
    const known = revisions.get(slot)
    if (known === undefined) revisions.set(slot, [revision])
    else if (!known.includes(revision)) known.push(revision)
  }
  for (let part = 0; part < length; part++) {
    const value = state[part] as number
    if (value === 0) continue
    const type = cluster.partType[part]
    if (type === PART_OBJECT) held.push(cluster.partReference[part] as number, value)
    else if (storeOnly) continue
    else if (type === PART_EPISODE) {
      for (const event of valueOf(cluster.episodes, value)) {
        hold(event.slot, event.before, event.beforeRevision)
        hold(event.slot, event.after, event.afterRevision)
      }
    } else if (type === PART_IN_FLIGHT) {
      const inFlight = valueOf(cluster.inFlights, value)
      for (const { objects } of inFlight.replies) {
        for (let i = 0; i < objects.length; i += 3) hold(objects[i] as number, objects[i + 1] as number, objects[i + 2] as number)
      }
      for (const entry of inFlight.frozen) hold(entry.slot, entry.version, entry.revision)
    }
  }
  return held
}

const ascending = (a: number, b: number): number => a - b

export function renamingOf(cluster: Cluster, state: Int32Array, length: number, storeOnly: boolean): Renaming {
  const revisions = new Map<number, number[]>()
  const held = holders(cluster, state, length, storeOnly, revisions)
  const instants = new Set<number>()
  const incarnations = new Map<string, { uid: string; incarnation: number }[]>()
  const uidsSeen = new Set<string>()
  const families = new Map<string, { name: string; number: number }[]>()
  const namesSeen = new Set<string>()
  const generations = new Map<number, readonly number[]>()
  for (let i = 0; i < held.length; i += 2) {
    const slot = held[i] as number
    const version = versionOf(cluster.versions, held[i + 1] as number)
    for (const instant of version.instants) instants.add(instant)
    for (const uid of version.uids) {
      if (uidsSeen.has(uid)) continue
      uidsSeen.add(uid)
      const known = cluster.uids.get(uid)
      if (known !== undefined) pushTo(incarnations, known.owner, { uid, incarnation: known.incarnation })
    }
    for (const name of version.names) addName(cluster, name, namesSeen, families)
    if (version.generations.length > 0) mergeGenerations(generations, slot, version)
  }
  if (!storeOnly && cluster.versions.generatedNames.size > 0) {
    for (let part = 0; part < length; part++) {
      if (state[part] !== 0) for (const name of cluster.partNames[part] ?? []) addName(cluster, name, namesSeen, families)
    }
  }
  const renaming: Renaming = {
    instants: new Map([...instants].sort(ascending).map((instant, rank) => [instant, rank])),
    uids: new Map(),
    names: new Map(),
    generations,
    revisions,
    timeMs: START_MS + (state[TIME] as number),
  }
  for (const list of incarnations.values()) {
    list.sort((a, b) => a.incarnation - b.incarnation).forEach(({ uid }, rank) => renaming.uids.set(uid, rank))
  }
  for (const list of families.values()) {
    list.sort((a, b) => a.number - b.number).forEach(({ name }, rank) => renaming.names.set(name, rank))
  }
  return renaming
}

function pushTo<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key)
  if (list === undefined) map.set(key, [value])
  else list.push(value)
}

function addName(cluster: Cluster, name: string, seen: Set<string>, families: Map<string, { name: string; number: number }[]>): void {
  if (seen.has(name)) return
  seen.add(name)
  const entry = cluster.versions.generatedNames.get(name)
  if (entry !== undefined) pushTo(families, entry.family, { name, number: entry.number })
}

function mergeGenerations(generations: Map<number, readonly number[]>, slot: number, version: Version): void {
  const known = generations.get(slot)
  if (known === undefined) generations.set(slot, version.generations)
  else if (known !== version.generations) generations.set(slot, [...new Set([...known, ...version.generations])].sort(ascending))
}

/** Text with uids and generated names replaced by their canonical names. */
export function renameText(cluster: Cluster, renaming: Renaming, version: Version, text: string): string {
  let renamed = text
  for (const uid of version.uids) {
    if (!renamed.includes(uid)) continue
    const known = cluster.uids.get(uid)
    if (known !== undefined) renamed = renamed.replaceAll(uid, `uid of ${renameNames(renaming, version.names, known.owner)} #${renaming.uids.get(uid) ?? 0}`)
  }
  return renameNames(renaming, version.names, renamed, cluster)
}

export function renameNames(renaming: Renaming, names: readonly string[], text: string, cluster?: Cluster): string {
  let renamed = text
  for (const name of names) {
    if (!renamed.includes(name)) continue
    const prefix = cluster?.versions.generatedNames.get(name)?.prefix ?? name.slice(0, -5)
    renamed = renamed.replaceAll(name, `${prefix}#${renaming.names.get(name) ?? 0}`)
  }
  return renamed
}
