/**
 * The address of a pod in the cluster's network, as a function of its namespace and name: the same in every order of
 * events. Two pods may share one, which no real network allows.
 */
import type { Pod } from '../kinds.ts'

export function podAddress({ metadata }: Pod): string {
  let hash = 0x811c9dc5
  for (const character of `${metadata.namespace ?? ''}/${metadata.name}`) {
    hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193) >>> 0
  }
  return `10.244.${(hash >>> 8) & 0xff}.${1 + (hash % 254)}`
}
