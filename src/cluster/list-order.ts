/**
 * The order in which lists are answered. A cache promises none (client-go's is a map's): `--shuffle-lists` answers
 * every list in another order, which is the same throughout a search.
 */
import { hashString, lanes } from './structural-hash.ts'
import type { Kind, Slot } from './tables.ts'
import type { World } from './world.ts'

/** Slots of a kind in the order of lists: by namespace and name, or shuffled by `listSeed`. */
export function slotsInOrder({ rules, cluster }: World, kind: Kind): readonly Slot[] {
  if (rules.listSeed === undefined) return kind.slots
  return shuffled(kind, rules.listSeed, cluster.shuffledSlots)
}

/** Remembered until the kind gets another slot. */
function shuffled(
  kind: Kind,
  seed: number,
  remembered: Map<number, { readonly slots: readonly Slot[]; readonly of: readonly Slot[] }>,
): readonly Slot[] {
  const known = remembered.get(kind.id)
  if (known !== undefined && known.of === kind.slots) return known.slots
  const slots = kind.slots
    .map((slot) => ({ slot, place: placeOf(slot, seed) }))
    .sort((a, b) => a.place - b.place)
    .map(({ slot }) => slot)
  remembered.set(kind.id, { slots, of: kind.slots })
  return slots
}

function placeOf({ namespace, name }: Slot, seed: number): number {
  hashString(`${seed} ${namespace}/${name}`)
  return lanes.high >>> 0
}
