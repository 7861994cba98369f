/** What a state's renaming can change in a version: whether its hash is its own, and else by what it is remembered. */
import { generationsOf, type Renaming, rankOfIncarnation, rankOfInstant, rankOfName } from './renaming.ts'
import { combine, lanes, lanesKey } from './structural-hash.ts'
import type { Cluster } from './tables.ts'
import { type Identities, NEEDS_NAMES, NEEDS_UIDS, type Version } from './versions.ts'

/** Whether the version's own ranks are those of the state. */
export function isTrivial(cluster: Cluster, renaming: Renaming, slot: number, version: Version): boolean {
  if ((version.needs & NEEDS_NAMES) !== 0 || version.instants.length > 1) return false
  const instant = version.instants[0]
  if (instant !== undefined) {
    if (renaming.instants[0] !== instant) return false
    if (distance(cluster, renaming, instant) !== 0 && isTimed(cluster, slot)) return false
  }
  if ((renaming.needs & NEEDS_UIDS) !== 0) {
    for (const { owner, incarnation } of version.uidTokens)
      if (rankOfIncarnation(renaming, owner, incarnation) !== 0) return false
  }
  if (!renaming.generationsDiffer || version.generations.length === 0) return true
  return generationsOf(renaming, slot)?.length === version.generations.length
}

/** A key of everything that the renaming can change in a version. */
export function signatureOf(cluster: Cluster, renaming: Renaming, slot: number, version: Version): number {
  const timed = isTimed(cluster, slot)
  lanes.high = 17
  lanes.low = slot
  for (const instant of version.instants) {
    add(rankOfInstant(renaming, instant))
    if (timed) add(distance(cluster, renaming, instant))
  }
  addIdentities(cluster, renaming, version)
  const generations = generationsOf(renaming, slot)
  for (const generation of version.generations) add(generations?.indexOf(generation) ?? -1)
  return lanesKey()
}

/** A key of everything that the renaming can change in what mentions these, and nothing else. */
export function identitySignature(cluster: Cluster, renaming: Renaming, identities: Identities): number {
  lanes.high = 19
  lanes.low = 23
  addIdentities(cluster, renaming, identities)
  return lanesKey()
}

/** A key of what generated names are called. */
export function nameSignature(cluster: Cluster, renaming: Renaming, names: readonly string[]): number {
  lanes.high = 29
  lanes.low = 31
  addNames(cluster, renaming, names)
  return lanesKey()
}

function add(value: number): void {
  combine(lanes.high, lanes.low, value, ~value)
}

function addIdentities(cluster: Cluster, renaming: Renaming, { uidTokens, nameTokens }: Identities): void {
  for (const { owner, incarnation } of uidTokens) {
    add(rankOfIncarnation(renaming, owner, incarnation))
    addNames(cluster, renaming, cluster.versions.owners[owner]?.names ?? [])
  }
  for (const { family, number } of nameTokens) add(rankOfName(renaming, family, number))
}

function addNames(cluster: Cluster, renaming: Renaming, names: readonly string[]): void {
  for (const name of names) {
    const entry = cluster.versions.generatedNames.get(name)
    if (entry !== undefined) add(rankOfName(renaming, entry.familyId, entry.number))
  }
}

export function isTimed(cluster: Cluster, slot: number): boolean {
  return cluster.counters.timedKinds.size > 0 && cluster.counters.timedKinds.has(cluster.slots[slot]?.kind.id ?? -1)
}

/**
 * How long ago an instant was (positive), or how far ahead it lies (negative), in timer time: seconds that only clock
 * readings have added do not count. For an instant ahead, such as a deadline, this is from the time of timers at which
 * it would come if the clock were not read any more (`deadlines`); so neither a deadline that is put off on each pass
 * nor one that passes come nearer keeps states apart, and timers do. One that clock readings have passed is none away.
 */
export function distance(cluster: Cluster, renaming: Renaming, instant: number): number {
  if (instant <= renaming.timeMs) return renaming.timeMs - instant
  if (instant <= renaming.nowMs) return 0
  return -Math.max(1, (cluster.versions.deadlines.get(instant) ?? instant) - renaming.timeMs)
}
