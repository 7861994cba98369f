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
import { type Cluster, PART_EXTERNAL, PART_OBJECT } from '#cluster/tables.ts'

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
  hashObjects(cluster, state)
  const { high, low } = objects
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

const objects = { high: 0, low: 0 }

function hashObjects({ partType }: Cluster, state: Int32Array): void {
  let high = 0x6a09e667
  let low = 0x3c6ef372
  const length = Math.min(partType.length, state.length)
  for (let part = 0; part < length; part++) {
    const type = partType[part]
    if (type !== PART_OBJECT && type !== PART_EXTERNAL) continue
    const value = state[part] as number
    if (value === 0) continue
    high = Math.imul(high ^ value, 0x9e3779b1)
    high = Math.imul(high ^ (high >>> 15) ^ part, 0x27d4eb2f)
    low = (Math.imul(low + value, 0x85ebca6b) ^ (low >>> 13) ^ high) + part
  }
  objects.high = high | 0
  objects.low = low | 0
}
