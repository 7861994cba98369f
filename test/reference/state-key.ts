/** The identity of a state of the reference search: what `semantics.md` calls the state form. */
import type { State } from './state.ts'
import { canonicalJson, GENERATED_NAME, keyOf, type ObjectVersion, type Store } from './store.ts'

/**
 * The identity of a state as canonical JSON. A version that somebody holds (an undelivered change, a reconcile in
 * flight) is its content and whether the store has a newer one; a generation is its rank; an incarnation is its rank among those of its name
 * that are still stored, held or named by an owner reference. `remembersTruths`: the truths in flight belong to it.
 */
export function stateKey(given: State, remembersTruths = false): string {
  const state = withTruths(given, (truths) => (remembersTruths ? truths.map(({ objects }) => objects) : []))
  const { store, inFlight, episodes, bookmarks, standby, retired, ...rest } = state
  const ranks = incarnationRanks(state)
  const generations = generationsByKey(state)
  const content = (version: ObjectVersion): object => {
    const { uid, resourceVersion: _forgotten, generation, owner, ...fields } = version
    const ownerRank =
      owner === undefined ? {} : { owner: { kind: owner.kind, name: owner.name, incarnation: ranks.get(owner.uid) } }
    const rank = generations.get(keyOf(version))?.indexOf(generation)
    return { ...fields, ...ownerRank, incarnation: ranks.get(uid), generation: rank }
  }
  const held = (version: ObjectVersion): object => {
    const isNewest = store.objects[keyOf(version)]?.resourceVersion === version.resourceVersion
    return { ...content(version), isNewest }
  }
  const objects = mapValues(store.objects, content)
  const holders = replaceVersions({ inFlight, episodes, bookmarks, standby, retired }, held) as object
  return withNamesRenumbered({ objects, ...holders, ...rest })
}

function withTruths(state: State, form: (truths: readonly Store[]) => unknown): State {
  const inFlightOf = (inFlight: State['inFlight']): State['inFlight'] =>
    mapValues(inFlight, (flight) => flight && { ...flight, truths: form(flight.truths) }) as State['inFlight']
  const retired = state.retired.map((instance) => ({ ...instance, inFlight: inFlightOf(instance.inFlight) }))
  return { ...state, inFlight: inFlightOf(state.inFlight), retired }
}

/** Generated names are numbered in order of creation among those still referenced. */
function withNamesRenumbered(state: object): string {
  const text = canonicalJson(state)
  const names = [...new Set(text.match(GENERATED_NAME) ?? [])].sort()
  if (names.length === 0) return text
  const renamed = text.replaceAll(GENERATED_NAME, (name) => `~${String(names.indexOf(name)).padStart(4, '0')}~`)
  return canonicalJson(JSON.parse(renamed))
}

function incarnationRanks(state: State): Map<number, number> {
  const uidsByKey = new Map<string, Set<number>>()
  const note = (key: string, uid: number): void => {
    uidsByKey.set(key, (uidsByKey.get(key) ?? new Set()).add(uid))
  }
  const { store, inFlight, episodes, bookmarks, standby, retired } = state
  replaceVersions([store.objects, inFlight, episodes, bookmarks, standby, retired], (version) => {
    note(keyOf(version), version.uid)
    if (version.owner !== undefined) note(keyOf(version.owner), version.owner.uid)
    return {}
  })
  const ranks = new Map<number, number>()
  for (const uids of uidsByKey.values()) {
    const inOrderOfCreation = [...uids].sort((left, right) => left - right)
    for (const [rank, uid] of inOrderOfCreation.entries()) ranks.set(uid, rank)
  }
  return ranks
}

/** Of each name the generations that are still stored or held, of whatever incarnation: a state keeps their rank. */
function generationsByKey({ store, inFlight, episodes, bookmarks, standby, retired }: State): Map<string, number[]> {
  const byKey = new Map<string, number[]>()
  replaceVersions([store.objects, inFlight, episodes, bookmarks, standby, retired], (version) => {
    const key = keyOf(version)
    byKey.set(
      key,
      [...new Set([...(byKey.get(key) ?? []), version.generation])].sort((left, right) => left - right),
    )
    return {}
  })
  return byKey
}

/** `value` with every object version in it replaced. */
function replaceVersions(value: unknown, replace: (version: ObjectVersion) => object): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((element) => replaceVersions(element, replace))
  if ('resourceVersion' in value) return replace(value as ObjectVersion)
  return mapValues(value as Record<string, unknown>, (part) => replaceVersions(part, replace))
}

function mapValues<T>(record: Readonly<Record<string, T>>, map: (value: T) => unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]))
}
