/**
 * What a state must remember of the user's promises, as bits of its monitor part, so that it is part of what a state is:
 * of `eventually` that it was true on the way, of `leadsTo` that it was promised and has not come yet.
 */
import type { ClusterReader, UserProperty } from '#cluster/scenario.ts'

/** At most so many promises: they are bits of one integer. */
export const PROMISES_MAX = 30

/** The properties that are promises, in the order of their bits. */
export function promisesOf(properties: readonly UserProperty[] | undefined): readonly UserProperty[] {
  return properties?.filter(({ type }) => type === 'eventually' || type === 'leadsTo') ?? []
}

/** The bits of a state: `before` are those on the way to it. */
export function promiseBits(
  promises: readonly UserProperty[],
  holds: (property: UserProperty, ask: (cluster: ClusterReader) => boolean) => boolean,
  before: number,
): number {
  let bits = before
  for (const [index, property] of promises.entries()) {
    const bit = 1 << index
    if (property.type === 'eventually') {
      if ((bits & bit) === 0 && holds(property, property.holds)) bits |= bit
    } else if (holds(property, property.holds)) bits &= ~bit
    else if ((bits & bit) === 0 && property.from !== undefined && holds(property, property.from)) bits |= bit
  }
  return bits
}

/** Whether a run that goes no further from a state with these bits breaks a promise. */
export function isOpen({ type }: UserProperty, index: number, bits: number): boolean {
  return ((bits & (1 << index)) !== 0) === (type === 'leadsTo')
}
