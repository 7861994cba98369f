/** What a state's renaming can change in a version: whether its hash is its own, and else by what it is remembered. */
import { generationsOf, type Renaming, rankOfIncarnation, rankOfInstant, rankOfName } from './renaming.ts'
import { combine, lanes, lanesKey } from './structural-hash.ts'
import type { Cluster } from './tables.ts'
import { NEEDS_NAMES, NEEDS_UIDS, type Version } from './versions.ts'

/** Whether the version's own ranks are those of the state. */
export function isTrivial(cluster: Cluster, renaming: Renaming, slot: number, version: Version): boolean {
  if ((version.needs & NEEDS_NAMES) !== 0 || version.instants.length > 1) return false
  const instant = version.instants[0]
  if (instant !== undefined) {
    if (renaming.instants[0] !== instant) return false
    if (renaming.timeMs > instant && isTimed(cluster, slot)) return false
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
  const add = (value: number): void => combine(lanes.high, lanes.low, value, ~value)
  for (const instant of version.instants) {
    add(rankOfInstant(renaming, instant))
    if (timed) add(distance(renaming, instant))
  }
  for (const { owner, incarnation } of version.uidTokens) {
    add(rankOfIncarnation(renaming, owner, incarnation))
    for (const name of cluster.versions.owners[owner]?.names ?? []) {
      const entry = cluster.versions.generatedNames.get(name)
      if (entry !== undefined) add(rankOfName(renaming, entry.familyId, entry.number))
    }
  }
  for (const { family, number } of version.nameTokens) add(rankOfName(renaming, family, number))
  const generations = generationsOf(renaming, slot)
  for (const generation of version.generations) add(generations?.indexOf(generation) ?? -1)
  return lanesKey()
}

export function isTimed(cluster: Cluster, slot: number): boolean {
  return cluster.counters.timedKinds.size > 0 && cluster.counters.timedKinds.has(cluster.slots[slot]?.kind.id ?? -1)
}

/** How long ago an instant was, in timer time: seconds that only clock readings have added do not count. */
export function distance(renaming: Renaming, instant: number): number {
  return Math.max(0, renaming.timeMs - instant)
}
