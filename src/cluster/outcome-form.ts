/**
 * The outcome form: how stores are compared at rest. Beside what the state form forgets, it forgets the values of
 * timestamps, uids (an owner reference is to the live object of that name, or dangling), generations (only whether
 * observedGeneration is current), the order of conditions, and the spelling of generated names: two outcomes are
 * equal when a renaming makes them so.
 */
import type { Json, KubernetesObject, OwnerReference } from '#api/object.ts'
import type { OutcomeExclusion } from './scenario.ts'
import { hashString, lanes } from './structural-hash.ts'
import type { Cluster, Slot } from './tables.ts'
import { instantOf, type UidToken, versionOf } from './versions.ts'

export interface OutcomeObject {
  /** `Kind namespace/name`, the name canonical where it was generated. */
  readonly name: string
  readonly apiVersion: string
  readonly kind: string
  readonly fields: Json
}

/** Kinds that are never part of an outcome. */
const LEFT_OUT: ReadonlySet<string> = new Set(['Event', 'Lease'])

/** A quota's status is a count of objects, some of which are left out themselves. */
const COUNTS: OutcomeExclusion = {
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  path: 'status',
  reason: 'it counts what is compared itself',
}

interface Candidate {
  readonly slot: Slot
  readonly body: KubernetesObject
  readonly names: readonly string[]
  readonly uidTokens: readonly UidToken[]
}

/** The objects of a state at rest in outcome form, sorted by name. */
export function outcomeObjects(
  cluster: Cluster,
  state: Int32Array,
  exclusions: readonly OutcomeExclusion[],
): readonly OutcomeObject[] {
  const { candidates, form } = candidatesOf(cluster, state, exclusions)
  const names = canonicalNames(cluster, candidates, form)
  const rename = renamer(names)
  return candidates
    .map((candidate) => form(candidate, rename))
    .sort((a, b) => compare(a.name, b.name) || compare(a.apiVersion, b.apiVersion))
}

/**
 * What a generated name looks like in a state: a digest of all that mentions it, itself, in outcome form. Names that
 * stand for the same thing in different runs look alike; names that look alike may still differ in what those around
 * them are.
 */
export function lookOfName(cluster: Cluster, state: Int32Array, name: string): string {
  const { candidates, form } = candidatesOf(cluster, state, [])
  const mentioning = candidates.filter(({ names }) => names.includes(name))
  const spelled = new Map<string, string>([[name, '<self>']])
  for (const other of mentioning.flatMap(({ names }) => names))
    if (other !== name) spelled.set(other, `${cluster.versions.generatedNames.get(other)?.prefix ?? ''}*`)
  const rename = renamer(spelled)
  hashString(
    mentioning
      .map((candidate) => JSON.stringify(form(candidate, rename)))
      .sort()
      .join('&'),
  )
  return (lanes.high >>> 0).toString(16).padStart(8, '0')
}

interface Candidates {
  readonly candidates: readonly Candidate[]
  readonly form: (candidate: Candidate, rename: (text: string) => string) => OutcomeObject
}

function candidatesOf(cluster: Cluster, state: Int32Array, exclusions: readonly OutcomeExclusion[]): Candidates {
  const candidates: Candidate[] = []
  for (const slot of cluster.slots) {
    const version = state[slot.part] ?? 0
    if (version === 0 || LEFT_OUT.has(slot.kind.resource.kind) || isExcludedKind(slot, exclusions)) continue
    const { body, names, uidTokens } = versionOf(cluster.versions, version)
    const named = uidTokens.flatMap(({ owner }) => cluster.versions.owners[owner]?.names ?? [])
    candidates.push({ slot, body, names: named.length === 0 ? names : [...new Set([...names, ...named])], uidTokens })
  }
  const liveUids = new Set(cluster.slots.map((slot) => liveUid(cluster, state, slot)))
  const form = (candidate: Candidate, rename: (text: string) => string): OutcomeObject =>
    outcomeObject(candidate, liveUids, exclusions, (text) => rename(renameUids(cluster, candidate, liveUids, text)))
  return { candidates, form }
}

/** A uid is that of the live object of a name, or of one that is gone. */
function renameUids(cluster: Cluster, { uidTokens }: Candidate, liveUids: ReadonlySet<string>, text: string): string {
  if (text.length < 36 || uidTokens.length === 0) return text
  let renamed = text
  for (const { uid, owner } of uidTokens) {
    if (!renamed.includes(uid)) continue
    const label = cluster.versions.owners[owner]?.label ?? ''
    renamed = renamed.replaceAll(uid, `<${liveUids.has(uid) ? 'live' : 'dangling'} uid of ${label}>`)
  }
  return renamed
}

function liveUid(cluster: Cluster, state: Int32Array, slot: Slot): string {
  const version = state[slot.part] ?? 0
  return version === 0 ? '' : (versionOf(cluster.versions, version).body.metadata.uid ?? '')
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function isExcludedKind(slot: Slot, exclusions: readonly OutcomeExclusion[]): boolean {
  return exclusions.some((exclusion) => exclusion.path === undefined && exclusion.kind === slot.kind.resource.kind)
}

function outcomeObject(
  { slot, body }: Candidate,
  liveUids: ReadonlySet<string>,
  exclusions: readonly OutcomeExclusion[],
  rename: (text: string) => string,
): OutcomeObject {
  const { kind } = slot.kind.resource
  const paths = [...exclusions, COUNTS]
    .filter((exclusion) => exclusion.kind === kind && exclusion.path !== undefined)
    .map(({ path }) => (path as string).split('.'))
  const generation = body.metadata.generation
  const convert = (value: unknown, key: string, path: readonly string[]): Json | undefined => {
    if (paths.some((excluded) => matchesPath(excluded, path))) return undefined
    if (typeof value === 'string') {
      if (instantOf(value) !== undefined) return '<time>'
      return rename(value)
    }
    if (typeof value === 'number') {
      if (key === 'observedGeneration' && generation !== undefined)
        return value === generation ? '<current>' : '<behind>'
      return value
    }
    if (Array.isArray(value)) {
      if (key === 'ownerReferences') return owners(value as OwnerReference[], liveUids, rename)
      const elements = value
        .map((element, index) => convert(element, key, [...path, String(index)]))
        .filter((e) => e !== undefined)
      return key === 'conditions'
        ? [...elements].sort((a, b) => compare(JSON.stringify(a), JSON.stringify(b)))
        : elements
    }
    if (typeof value !== 'object' || value === null) return value as Json
    const fields: [string, Json][] = []
    for (const name of Object.keys(value).sort()) {
      if (path.length === 1 && path[0] === 'metadata' && FORGOTTEN_METADATA.has(name)) continue
      const converted = convert((value as Record<string, unknown>)[name], name, [...path, name])
      if (converted !== undefined) fields.push([rename(name), converted])
    }
    return recordOf(fields)
  }
  const namespace = slot.namespace === '' ? '' : `${slot.namespace}/`
  return {
    name: `${kind} ${namespace}${rename(slot.name)}`,
    apiVersion: body.apiVersion,
    kind,
    fields: convert(body, '', []) as Json,
  }
}

/** Fields in the order of their new names. While spellings are being chosen two may have the same for the moment. */
function recordOf(fields: readonly (readonly [string, Json])[]): Json {
  const record: Record<string, Json> = {}
  const text = (value: Json): string => JSON.stringify(value)
  const sorted = [...fields].sort(([a, x], [b, y]) => compare(a, b) || (a === b ? compare(text(x), text(y)) : 0))
  for (const [index, [name, value]] of sorted.entries()) record[name in record ? `${name} ${index}` : name] = value
  return record
}

const FORGOTTEN_METADATA: ReadonlySet<string> = new Set(['uid', 'generation', 'managedFields', 'resourceVersion'])

function owners(
  references: readonly OwnerReference[],
  liveUids: ReadonlySet<string>,
  rename: (text: string) => string,
): Json {
  return references.map(({ uid, name, ...rest }) => ({
    ...(rest as Record<string, Json>),
    name: rename(name),
    uid: liveUids.has(uid) ? '<live>' : '<dangling>',
  }))
}

function matchesPath(excluded: readonly string[], path: readonly string[]): boolean {
  return excluded.length === path.length && excluded.every((part, index) => part === '*' || part === path[index])
}

function renamer(names: ReadonlyMap<string, string>): (text: string) => string {
  if (names.size === 0) return (text) => text
  const entries = [...names].sort(([a], [b]) => b.length - a.length)
  return (text) => {
    let renamed = text
    for (const [name, canonical] of entries) if (renamed.includes(name)) renamed = renamed.replaceAll(name, canonical)
    return renamed
  }
}

/**
 * Canonical spellings of the generated names of a store: colours are refined by what each named object looks like and
 * what mentions it; where colours stay equal each choice is tried and the smallest form taken, so that equal up to
 * renaming means equal.
 */
function canonicalNames(
  cluster: Cluster,
  candidates: readonly Candidate[],
  form: (candidate: Candidate, rename: (text: string) => string) => OutcomeObject,
): ReadonlyMap<string, string> {
  const names = [...new Set(candidates.flatMap((candidate) => candidate.names))]
  if (names.length === 0) return new Map()
  const prefixOf = (name: string): string => cluster.versions.generatedNames.get(name)?.prefix ?? ''
  const involved = candidates.filter((candidate) => candidate.names.length > 0)

  const refine = (start: ReadonlyMap<string, string>): ReadonlyMap<string, string> => {
    let colours = start
    for (let round = 0; round <= names.length; round++) {
      const next = new Map<string, string>()
      for (const name of names) {
        const rename = renamer(
          new Map(names.map((other) => [other, other === name ? '<self>' : `<${colours.get(other)}>`])),
        )
        const seen = involved
          .filter((candidate) => candidate.names.includes(name))
          .map((candidate) => JSON.stringify(form(candidate, rename)))
        next.set(name, `${colours.get(name)}|${seen.sort().join('&')}`)
      }
      const ranks = [...new Set(next.values())].sort(compare)
      const ranked = new Map(names.map((name) => [name, String(ranks.indexOf(next.get(name) as string))]))
      if (new Set(ranked.values()).size === new Set(colours.values()).size) return ranked
      colours = ranked
    }
    return colours
  }

  const spell = (colours: ReadonlyMap<string, string>): ReadonlyMap<string, string> =>
    new Map(
      [...names]
        .sort((a, b) => Number(colours.get(a)) - Number(colours.get(b)))
        .map((name, index) => [name, `${prefixOf(name)}<${index + 1}>`]),
    )

  let tries = 0
  const choose = (
    colours: ReadonlyMap<string, string>,
  ): { readonly text: string; readonly names: ReadonlyMap<string, string> } => {
    const tied = firstTie(names, colours)
    if (tied === undefined || tries > 200) {
      const spelled = spell(colours)
      const rename = renamer(spelled)
      return {
        text: JSON.stringify(
          involved.map((candidate) => form(candidate, rename)).sort((a, b) => compare(a.name, b.name)),
        ),
        names: spelled,
      }
    }
    let best: { readonly text: string; readonly names: ReadonlyMap<string, string> } | undefined
    for (const name of tied) {
      tries++
      const split = new Map(
        [...colours].map(([other, colour]) => [other, String(Number(colour) * 2 + (other === name ? 0 : 1))]),
      )
      const found = choose(refine(split))
      if (best === undefined || found.text < best.text) best = found
    }
    return best as { readonly text: string; readonly names: ReadonlyMap<string, string> }
  }
  return choose(refine(new Map(names.map((name) => [name, '0'])))).names
}

function firstTie(names: readonly string[], colours: ReadonlyMap<string, string>): readonly string[] | undefined {
  const byColour = new Map<string, string[]>()
  for (const name of names) {
    const colour = colours.get(name) as string
    byColour.set(colour, [...(byColour.get(colour) ?? []), name])
  }
  return [...byColour.values()].find((group) => group.length > 1)
}
