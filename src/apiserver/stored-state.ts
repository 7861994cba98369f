/**
 * A state as plain records, one an object, and back: what a file of it holds. Counters of incarnations and generated
 * names are part of it, so that a uid or a name is never given twice.
 */
import { deepFreeze } from '#api/clone.ts'
import type { KubernetesObject } from '#api/object.ts'
import type { StoredObject } from './request.ts'
import { entriesOf, type SortedMap, withEntry } from './sorted-map.ts'
import { type ApiState, makeState } from './state.ts'

/** One stored object: its storage key, `namespace/name`, revision and body. */
export interface ObjectRecord {
  readonly key: string
  readonly name: string
  readonly revision: number
  readonly body: KubernetesObject
}

export interface CounterRecord {
  readonly revision: number
  readonly created: Readonly<Record<string, number>>
  readonly generated: Readonly<Record<string, number>>
}

export function* objectRecords(state: ApiState): Generator<ObjectRecord> {
  for (const [key, objects] of state.objects) {
    for (const [name, { revision, body }] of entriesOf(objects)) yield { key, name, revision, body }
  }
}

export function counterRecord({ revision, created, generated }: ApiState): CounterRecord {
  return {
    revision,
    created: Object.fromEntries(entriesOf(created)),
    generated: Object.fromEntries(entriesOf(generated)),
  }
}

/** The state of these records. `nowMs`: milliseconds since 1970. */
export function restoreState(records: Iterable<ObjectRecord>, counters: CounterRecord, nowMs: number): ApiState {
  const objects = new Map<string, SortedMap<StoredObject>>()
  for (const { key, name, revision, body } of records) {
    const stored = Object.freeze({ body: deepFreeze(body), revision })
    objects.set(key, withEntry(objects.get(key), name, stored))
  }
  const { revision } = counters
  return makeState(objects, sorted(counters.created), sorted(counters.generated), { revision, nowMs })
}

function sorted(counts: Readonly<Record<string, number>>): SortedMap<number> {
  let map: SortedMap<number>
  for (const [key, count] of Object.entries(counts)) map = withEntry(map, key, count)
  return map
}
