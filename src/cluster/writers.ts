/**
 * Who wrote what since the oldest version that somebody still holds: the author of each write and the fields that it
 * changed. `no-lost-update` asks for it, and `no-churn` for whose the unseen writes are. It is a part of the state
 * (identity), and kept as short as possible: only of kinds that some controller was seen to write without a
 * resourceVersion, or both to create and to delete; only while an undelivered event or a reconcile
 * in flight holds a version from before the write.
 */
import { differingPaths } from './field-paths.ts'
import { intern, valueOf } from './interner.ts'
import { eachHolder } from './renaming.ts'
import type { CommittedChange, Run } from './run.ts'
import { addPart, type Cluster, HOLDERS, PART_WRITERS, type Process, type Slot } from './tables.ts'
import type { Operation, WriteOperation } from './trie.ts'
import { turnsOver } from './turnover.ts'
import { versionOf } from './versions.ts'
import { ensureCapacity, type World } from './world.ts'

export const LOST_UPDATE_ORACLE = 'no-lost-update'

export interface Writing {
  /** Name of the controller; undefined: the user or the environment. */
  readonly author: string | undefined
  /** Its process has started anew since: what it knew of the write is gone. */
  readonly before?: true
  readonly paths: readonly string[]
  readonly revision: number
}

/** Oldest first. */
export type Writers = readonly Writing[]

export function writersOf(cluster: Cluster, state: Int32Array, slot: Slot): Writers {
  const part = cluster.remembered.writerParts.get(slot.id)
  const id = part === undefined ? 0 : (state[part] ?? 0)
  return id === 0 ? [] : valueOf(cluster.remembered.writers, id)
}

/** Whether a write may undo what it has not seen: an update or a patch that says of no version that it is meant for it. */
export function isBlind(operation: Operation): operation is WriteOperation {
  if (operation.op !== 'write' || operation.revisionFrom >= 0 || operation.references.length > 0) return false
  const { op, patchType, body } = operation.call
  if (op !== 'update' && op !== 'patch') return false
  // What an apply does not own it leaves alone, and what it owns it may set.
  if (patchType === 'apply') return false
  if (Array.isArray(body)) return !body.some((each) => (each as { readonly op?: unknown }).op === 'test')
  const { metadata } = (body ?? {}) as { readonly metadata?: { readonly resourceVersion?: unknown } }
  return metadata?.resourceVersion === undefined
}

/** The first blind write of a kind makes its writers part of what a state is: the search starts again. */
export function noteBlindWrite(cluster: Cluster, controller: string, operation: Operation): void {
  if (!isBlind(operation)) return
  if (cluster.scenario.oracles?.[LOST_UPDATE_ORACLE] === false) return
  const { id, resource } = operation.kind
  if (cluster.counters.blindKinds.has(id)) return
  cluster.counters.blindKinds.add(id)
  cluster.counters.restartReason = `${controller} writes ${resource.kind} without a resourceVersion`
}

/** Notes a committed change in `world.next`; `forgetWriters` drops it again if nobody holds an older version. */
export function noteWriter(world: World, run: Run, change: CommittedChange): void {
  const { cluster, next } = world
  const { slot, before, after, afterRevision } = change
  const { blindKinds, turnoverKinds } = cluster.counters
  const isBlindKind = blindKinds.has(slot.kind.id)
  if (next[HOLDERS] === 0 || (!isBlindKind && !turnoverKinds.has(slot.kind.id))) return
  const { id, definition } = run.request.controller
  const known = writersOf(cluster, next, slot)
  if (!isBlindKind) {
    const author = turnsOver(cluster, id, slot.kind.id) ? definition.name : undefined
    return setWriters(world, slot, withAuthor(known, author, afterRevision))
  }
  const author = id < 0 ? undefined : definition.name
  const writing = { author, paths: pathsChanged(cluster, before, after), revision: afterRevision }
  setWriters(world, slot, withWriting(known, writing, { authorsMatter: turnoverKinds.has(slot.kind.id) }))
}

/**
 * Where no field is asked for, only whether all writes since some version are one controller's: the last write, if it is
 * of a controller that may ask (else `author` is undefined), and the last one before it that is another's.
 */
export function withAuthor(known: Writers, author: string | undefined, revision: number): Writers {
  const last = { author, paths: NO_PATHS, revision }
  const other = author === undefined ? undefined : known.findLast((each) => each.author !== author)
  return other === undefined ? [last] : [{ ...other, author: undefined }, last]
}

/**
 * With one more write, and without what nobody can ask about any more: who was the last to change a field since some
 * version, and, where `authorsMatter`, who wrote at all since then. Whoever asks about a write asks about the later ones
 * too, so it counts for neither where a later one has the same field, or the same author. This bounds the list: a cycle
 * of writes that somebody in flight has not seen comes back to the same state.
 */
export function withWriting(
  known: Writers,
  writing: Writing,
  { authorsMatter }: { readonly authorsMatter: boolean },
): Writers {
  const left: Writing[] = []
  for (const each of known) {
    const paths = each.paths.filter((path) => !writing.paths.includes(path))
    if (paths.length > 0 || (authorsMatter && (each.author !== writing.author || each.before === true)))
      left.push({ ...each, paths })
  }
  return [...left, writing]
}

const NO_PATHS: readonly string[] = []

function pathsChanged({ versions }: Cluster, before: number, after: number): readonly string[] {
  if (before === 0 || after === 0) return NO_PATHS
  return differingPaths(versionOf(versions, before).body, versionOf(versions, after).body)
}

function setWriters(world: World, slot: Slot, writers: Writers): void {
  const { cluster } = world
  let part = cluster.remembered.writerParts.get(slot.id)
  if (part === undefined) {
    part = addPart(cluster, PART_WRITERS, slot.id, `writers ${cluster.partLabel[slot.part]}`)
    cluster.remembered.writerParts.set(slot.id, part)
  }
  ensureCapacity(world)
  const key = writers.map((each) => `${writingText(each)} ${each.revision}`).join('|')
  world.next[part] = writers.length === 0 ? 0 : intern(cluster.remembered.writers, key, writers)
}

/** What is told of a write, but when. */
export function writingText({ author, before, paths }: Writing): string {
  return `${author}${before === true ? ' before' : ''} ${paths.join(' ')}`
}

/** A process starts anew: nobody remembers what it wrote until now. Notes this in `world.next`. */
export function forgetAuthorship(world: World, { controllers }: Process): void {
  const { cluster, next } = world
  const names = new Set(controllers.map(({ definition }) => definition.name))
  for (const [id, part] of cluster.remembered.writerParts) {
    const slot = cluster.slots[id]
    if ((next[part] ?? 0) === 0 || slot === undefined || !cluster.counters.turnoverKinds.has(slot.kind.id)) continue
    const known = writersOf(cluster, next, slot)
    const isHis = ({ author }: Writing): boolean => author !== undefined && names.has(author)
    if (cluster.counters.blindKinds.has(slot.kind.id)) {
      const now = known.map((each): Writing => (isHis(each) ? { ...each, before: true } : each))
      setWriters(world, slot, now)
    } else if (known.some(isHis)) setWriters(world, slot, withAuthor([], undefined, known.at(-1)?.revision ?? 0))
  }
}

/** Drops from `world.next` what nobody can ask about any more. */
export function forgetWriters(world: World): void {
  const { cluster, next } = world
  let isAny = false
  for (const part of cluster.remembered.writerParts.values()) isAny ||= (next[part] ?? 0) !== 0
  if (!isAny) return
  const oldest = new Map<number, number>()
  if (next[HOLDERS] !== 0) {
    eachHolder(cluster, next, cluster.partType.length, false, (slot, _, revision) => {
      if (revision >= 0 && revision < (oldest.get(slot) ?? Number.POSITIVE_INFINITY)) oldest.set(slot, revision)
    })
  }
  for (const [id, part] of cluster.remembered.writerParts) {
    const slot = cluster.slots[id]
    if ((next[part] ?? 0) === 0 || slot === undefined) continue
    const held = oldest.get(id) ?? Number.POSITIVE_INFINITY
    const known = writersOf(cluster, next, slot)
    const kept = known.filter(({ revision }) => revision > held)
    if (kept.length < known.length) setWriters(world, slot, kept)
  }
}
