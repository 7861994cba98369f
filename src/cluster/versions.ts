/**
 * Object versions, interned by content: a small integer stands for a frozen body without its resourceVersion.
 * What a version mentions that canonical forms rename (instants, uids, generated names, generations) is noted once.
 */
import type { Json, KubernetesObject } from '#api/object.ts'
import { hashJson, lanesKey } from './structural-hash.ts'

/** What a body mentions whose spelling canonical forms forget. */
export interface Identities {
  /** Generated names in the body, its own included. */
  readonly names: readonly string[]
  readonly nameTokens: readonly { readonly family: number; readonly number: number }[]
  /** uids in the body that some object of the search has or had. */
  readonly uidTokens: readonly UidToken[]
  /** NEEDS_… bits: what a renaming has to know of the whole state for it. */
  readonly needs: number
}

export interface Version extends Identities {
  readonly id: number
  readonly body: KubernetesObject
  /** Milliseconds since 1970 of every RFC 3339 string in the body, distinct, ascending. */
  readonly instants: readonly number[]
  /** `metadata.generation` and every `observedGeneration`, distinct, ascending. */
  readonly generations: readonly number[]
  /** Hash with its own ranks alone: right when no other holder and nothing renamed is around. */
  localHigh: number
  localLow: number
  localDone: boolean
}

/** A uid by whose it is: the `incarnation`-th object of the owner's name. */
export interface UidToken {
  readonly uid: string
  readonly owner: number
  readonly incarnation: number
}

/** It mentions an incarnation that is not the first of its name. */
export const NEEDS_UIDS = 1
/** It mentions a generated name. */
export const NEEDS_NAMES = 2

export interface VersionTable {
  /** Index 0 stands for "absent". */
  readonly byId: (Version | undefined)[]
  readonly idByContent: Map<number, number>
  /** Names that `generateName` has given so far. */
  readonly generatedNames: Map<string, GeneratedName>
  readonly generatedPrefixes: Set<string>
  readonly families: Map<string, number>
  /** uids given so far. */
  readonly uids: Map<string, UidToken>
  /** Whose uids they are: `Kind.group namespace/name`, and the generated names in it. */
  readonly owners: { readonly label: string; readonly names: readonly string[] }[]
  readonly ownerIds: Map<string, number>
  /** Instants that lay ahead of the clock when first written, and when they come in the time of timers. */
  readonly deadlines: Map<number, number>
}

/** A generated name: the `number`-th of its `family` (kind, namespace and prefix). */
export interface GeneratedName {
  readonly familyId: number
  readonly prefix: string
  readonly number: number
}

/** Must be called before a body that mentions the name is interned. */
export function registerGeneratedName(
  table: VersionTable,
  name: string,
  { family, prefix, number }: { readonly family: string; readonly prefix: string; readonly number: number },
): void {
  if (table.generatedNames.has(name)) return
  const familyId = idOf(table.families, family)
  table.generatedNames.set(name, { familyId, prefix, number })
  table.generatedPrefixes.add(prefix)
}

/** Remembers whose uid it is. Must be called before a body that mentions it is interned. */
export function registerUid(table: VersionTable, uid: string, label: string, incarnation: number): void {
  if (table.uids.has(uid)) return
  const owner = idOf(table.ownerIds, label)
  if (owner === table.owners.length) table.owners.push({ label, names: generatedNamesIn(table, label) })
  table.uids.set(uid, { uid, owner, incarnation })
}

function idOf(ids: Map<string, number>, key: string): number {
  let id = ids.get(key)
  if (id === undefined) {
    id = ids.size
    ids.set(key, id)
  }
  return id
}

export function versionTable(): VersionTable {
  return {
    byId: [undefined],
    idByContent: new Map(),
    generatedNames: new Map(),
    generatedPrefixes: new Set(),
    families: new Map(),
    uids: new Map(),
    owners: [],
    ownerIds: new Map(),
    deadlines: new Map(),
  }
}

export function versionOf(table: VersionTable, id: number): Version {
  return table.byId[id] as Version
}

/** The id of a body's content. The body must be frozen and have no resourceVersion. */
export function internVersion(table: VersionTable, body: KubernetesObject): number {
  hashJson(body)
  const key = lanesKey()
  const known = table.idByContent.get(key)
  if (known !== undefined) return known
  const id = table.byId.length
  const mentioned = mentions(table, body)
  table.byId.push({ id, body, ...mentioned, localHigh: 0, localLow: 0, localDone: false })
  table.idByContent.set(key, id)
  return id
}

/**
 * Notes which instants of a version lie ahead of the clock, as it is written: `timeMs` is the time of timers, `nowMs`
 * the later of that and the last reading. Where one instant is written again at another time, the first one counts,
 * which is off by no more than the seconds that readings had added.
 */
export function noteDeadlines(table: VersionTable, id: number, timeMs: number, nowMs: number): void {
  for (const instant of table.byId[id]?.instants ?? [])
    if (instant > nowMs && !table.deadlines.has(instant)) table.deadlines.set(instant, timeMs + instant - nowMs)
}

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/
const UID_ANYWHERE = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g

/** Milliseconds of an RFC 3339 instant in UTC, or undefined for any other string. */
export function instantOf(text: string): number | undefined {
  if (text.length < 20 || text.charCodeAt(4) !== 45 || !INSTANT.test(text)) return undefined
  const value = Date.parse(text)
  return Number.isNaN(value) ? undefined : value
}

type Mentions = Identities & Pick<Version, 'instants' | 'generations'>

/** The uids and generated names that JSON of any form mentions. */
export function identitiesIn(table: VersionTable, json: Json): Identities {
  return mentions(table, json)
}

function mentions(table: VersionTable, body: Json | KubernetesObject): Mentions {
  const names = new Set<string>()
  const instants = new Set<number>()
  const uids = new Set<string>()
  const generations = new Set<number>()
  const visit = (value: unknown, key: string): void => {
    if (typeof value === 'string') {
      const instant = instantOf(value)
      if (instant !== undefined) instants.add(instant)
      else if (value.length >= 36) for (const uid of value.match(UID_ANYWHERE) ?? []) uids.add(uid)
      if (table.generatedPrefixes.size > 0 && instant === undefined) addGeneratedNames(table, value, names)
    } else if (typeof value === 'number') {
      if (key === 'generation' || key === 'observedGeneration') generations.add(value)
    } else if (typeof value === 'object' && value !== null) {
      if (Array.isArray(value)) for (const element of value) visit(element, key)
      else
        for (const name in value) {
          if (name.length >= 36) for (const uid of name.match(UID_ANYWHERE) ?? []) uids.add(uid)
          if (table.generatedPrefixes.size > 0) addGeneratedNames(table, name, names)
          visit((value as Record<string, unknown>)[name], name)
        }
    }
  }
  visit(body, '')
  const ascending = (a: number, b: number): number => a - b
  const uidTokens = [...uids].map((uid) => table.uids.get(uid)).filter((token) => token !== undefined)
  const nameTokens = [...names]
    .map((name) => table.generatedNames.get(name))
    .filter((entry) => entry !== undefined)
    .map(({ familyId, number }) => ({ family: familyId, number }))
  const later = uidTokens.some(({ incarnation }) => incarnation > 0)
  const named = nameTokens.length > 0 || uidTokens.some(({ owner }) => (table.owners[owner]?.names.length ?? 0) > 0)
  return {
    instants: [...instants].sort(ascending),
    generations: [...generations].sort(ascending),
    names: [...names],
    nameTokens,
    uidTokens,
    needs: (later ? NEEDS_UIDS : 0) | (named ? NEEDS_NAMES : 0),
  }
}

const SUFFIX_ANYWHERE = /z[bcdfghjklmnpqrstvwxz2456789]{4}/g

/** The generated names that occur in `text`. */
export function generatedNamesIn(table: VersionTable, text: string): readonly string[] {
  const names = new Set<string>()
  addGeneratedNames(table, text, names)
  return [...names]
}

/** Adds every generated name that occurs in `text`, whole or as a part. */
function addGeneratedNames(table: VersionTable, text: string, names: Set<string>): void {
  if (text.length < 6) return
  SUFFIX_ANYWHERE.lastIndex = 0
  for (let match = SUFFIX_ANYWHERE.exec(text); match !== null; match = SUFFIX_ANYWHERE.exec(text)) {
    for (const prefix of table.generatedPrefixes) {
      const start = match.index - prefix.length
      if (start < 0 || !text.startsWith(prefix, start)) continue
      const name = prefix + match[0]
      if (table.generatedNames.has(name)) names.add(name)
    }
    SUFFIX_ANYWHERE.lastIndex = match.index + 1
  }
}
