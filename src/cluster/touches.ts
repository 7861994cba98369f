/**
 * Who was seen to read or write which object: what private writes rest on (`reduction/private-writes.ts`). It is observed
 * while the search goes on, as tries grow, mapping functions and properties are asked and the API server decides, and
 * kept for as long as the cluster is.
 */
import type { Cluster, RequestEntry, Slot } from './tables.ts'
import type { Operation } from './trie.ts'
import { internVersion, versionOf } from './versions.ts'

export interface Touch {
  /** Undefined: a mapping function, a property, or the API server for somebody else. */
  readonly by: RequestEntry | undefined
  /** False: it is given what it reads without status. */
  readonly seesStatus: boolean
  /** When it was first seen, in the order of `Cluster.learnt`. */
  readonly since: number
}

interface ListTouch extends Touch {
  /** The operation, or a text for it: what it is known by. */
  readonly source: unknown
  /** `''`: all. */
  readonly namespace: string
  readonly matches: ((version: number) => boolean) | undefined
}

/** A write that was taken to concern nobody but its request. */
interface Relied {
  readonly slot: Slot
  readonly by: RequestEntry
  readonly statusOnly: boolean
}

export interface TouchTable {
  /** By slot id. */
  readonly objects: Map<number, Touch[]>
  /** By kind id; -1: of every kind. */
  readonly lists: Map<number, ListTouch[]>
  /** By slot id, since the search began. */
  readonly relied: Map<number, Relied>
  readonly withoutStatus: Map<number, number>
}

export function touchTable(): TouchTable {
  return { objects: new Map(), lists: new Map(), relied: new Map(), withoutStatus: new Map() }
}

/** Notes a call that is met for the first time. A touch of what was relied on makes the search start again. */
export function noteTouch(
  cluster: Cluster,
  by: RequestEntry | undefined,
  operation: Operation,
  seesStatus = true,
): void {
  switch (operation.op) {
    case 'get':
      return noteObjectTouch(cluster, operation.slot, { by, seesStatus })
    case 'list': {
      const { kind, namespace, matches } = operation
      return noteListTouch(cluster, kind?.id ?? -1, { by, seesStatus, source: operation, namespace, matches })
    }
    case 'write': {
      const { slot, kind, call } = operation
      if (slot !== undefined) return noteObjectTouch(cluster, slot, { by, seesStatus })
      if (call.op === 'create') return
      const namespace = call.namespace ?? ''
      return noteListTouch(cluster, kind.id, { by, seesStatus, source: operation, namespace, matches: undefined })
    }
  }
}

export function noteObjectTouch(cluster: Cluster, slot: Slot, touch: Omit<Touch, 'since'>): void {
  const { touches } = cluster
  const known = touches.objects.get(slot.id)
  if (known?.some(({ by, seesStatus }) => by === touch.by && seesStatus === touch.seesStatus) === true) return
  const noted = { ...touch, since: ++cluster.learnt }
  if (known === undefined) touches.objects.set(slot.id, [noted])
  else known.push(noted)
  const relied = touches.relied.get(slot.id)
  if (relied !== undefined && concerns(noted, relied)) startAgain(cluster, relied)
}

export function noteListTouch(cluster: Cluster, kind: number, touch: Omit<ListTouch, 'since'>): void {
  const { touches } = cluster
  const known = touches.lists.get(kind)
  if (known?.some(({ by, source }) => by === touch.by && source === touch.source) === true) return
  const noted = { ...touch, since: ++cluster.learnt }
  if (known === undefined) touches.lists.set(kind, [noted])
  else known.push(noted)
  for (const relied of touches.relied.values()) {
    const { slot } = relied
    if ((kind < 0 || slot.kind.id === kind) && isIn(slot, noted) && concerns(noted, relied)) startAgain(cluster, relied)
  }
}

function concerns({ by, seesStatus }: Touch, relied: Pick<Relied, 'by' | 'statusOnly'>): boolean {
  return by !== relied.by && (seesStatus || !relied.statusOnly)
}

function isIn(slot: Slot, { namespace }: ListTouch): boolean {
  return namespace === '' || slot.namespace === namespace
}

function startAgain(cluster: Cluster, { slot, by }: Relied): void {
  cluster.counters.restartReason = `somebody else than ${by.label} is concerned with ${slot.kind.resource.kind} ${slot.name}`
}

/**
 * Whether a change of an object (`before` and `after` may be one version) concerns nobody but `by`, by what was learnt
 * up to a number. If so, it is relied on from now on.
 */
export function relyOnPrivacy(
  cluster: Cluster,
  change: { readonly slot: Slot; readonly before: number; readonly after: number },
  { by, upTo }: { readonly by: RequestEntry; readonly upTo: number },
): boolean {
  const { slot, before, after } = change
  const { touches } = cluster
  const statusOnly = versionWithoutStatus(cluster, before) === versionWithoutStatus(cluster, after)
  const relied = { slot, by, statusOnly }
  const isConcerned = (touch: Touch): boolean => touch.since <= upTo && concerns(touch, relied)
  const lists = (touch: ListTouch): boolean =>
    isConcerned(touch) && isIn(slot, touch) && (touch.matches?.(before) !== false || touch.matches?.(after) !== false)
  if (touches.objects.get(slot.id)?.some(isConcerned) === true) return false
  if (touches.lists.get(slot.kind.id)?.some(lists) === true || touches.lists.get(-1)?.some(lists) === true) return false
  const known = touches.relied.get(slot.id)
  if (known === undefined || (known.statusOnly && !statusOnly)) touches.relied.set(slot.id, relied)
  return true
}

/** The version that an object would have if it had no status. */
export function versionWithoutStatus({ touches, versions }: Cluster, version: number): number {
  const known = touches.withoutStatus.get(version)
  if (known !== undefined) return known
  const { status: _, ...body } = versionOf(versions, version).body as { readonly status?: unknown } & object
  const without = internVersion(versions, Object.freeze(body) as never)
  touches.withoutStatus.set(version, without)
  return without
}
