/**
 * What properties answered in clusters met lately. Most transitions lead to a cluster that was met a moment before by
 * another order of the same steps, or change what is pending only, and a property's code costs far more than a look.
 *
 * Why nothing is lost: a property sees the objects and the external systems of a state and nothing else (`cluster-reader.ts`;
 * clocks and chance are refused), and a place is asked by the versions of all of them. Revisions are left out, as the
 * identity of states leaves them out: of two states that differ in them alone, the search visits one.
 *
 * A place holds the 64-bit hash of these versions, and the next cluster of the same place takes it, so memory is fixed.
 * Two clusters with one hash would be taken for one, as two states with one fingerprint are; here only those count that
 * meet in a place.
 */
import { hashObjects, objectsHash } from '#cluster/objects-hash.ts'
import type { Cluster } from '#cluster/tables.ts'

/** Places; a power of two. */
const PLACES = 1 << 15
/** Answers that a place holds: bits of one integer. Questions beyond are asked each time. */
const QUESTIONS_MAX = 30

export interface TruthCache {
  /** Of each place: high and low hash of a cluster, which questions were asked, which were answered yes. */
  readonly places: Int32Array
  /** Each with its number. */
  readonly questions: Map<unknown, number>
}

export function createTruthCache(): TruthCache {
  return { places: new Int32Array(PLACES * 4), questions: new Map() }
}

/** What `ask` answers in this state, asked only if it is not remembered. What it throws is not remembered. */
export function remember(
  { places, questions }: TruthCache,
  { cluster, state }: { readonly cluster: Cluster; readonly state: Int32Array },
  question: unknown,
  ask: () => boolean,
): boolean {
  let number = questions.get(question)
  if (number === undefined) {
    number = questions.size
    questions.set(question, number)
  }
  if (number >= QUESTIONS_MAX) return ask()
  const bit = 1 << number
  hashObjects(cluster, state, Math.min(cluster.partType.length, state.length))
  const { high, low } = objectsHash
  const offset = (low & (PLACES - 1)) * 4
  const isKnown = places[offset] === high && places[offset + 1] === low
  if (isKnown && ((places[offset + 2] as number) & bit) !== 0) return ((places[offset + 3] as number) & bit) !== 0
  const answer = ask()
  if (!isKnown) {
    places[offset] = high
    places[offset + 1] = low
    places[offset + 2] = 0
    places[offset + 3] = 0
  }
  places[offset + 2] = (places[offset + 2] as number) | bit
  if (answer) places[offset + 3] = (places[offset + 3] as number) | bit
  return answer
}
