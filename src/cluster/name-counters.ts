/** How many names were generated: one counter for each kind, namespace and prefix, no part of a state's identity. */
import { addPart, type Cluster, type Kind, PART_COUNTER } from './tables.ts'

/** The part that counts the names generated for a kind, namespace and prefix. */
export function nameCounterOf(cluster: Cluster, kind: Kind, namespace: string, prefix: string): number {
  const family = `${kind.id}|${namespace}|${prefix}`
  let part = cluster.nameCounters.get(family)
  if (part === undefined) {
    part = addPart(cluster, PART_COUNTER, 0, `names ${family}`)
    cluster.nameCounters.set(family, part)
  }
  return part
}
