/**
 * Who made what, and for whom: of each object that a reconcile made since the start, and of each finalizer that one put
 * on another object, the controller and its root, which is the object that the request names. It is part of a state's
 * identity, and kept only where it may be asked for: not for what the user made, not for objects with an owner
 * reference (that says it, and the collector sees to it), not for Events and Leases; and as long as the object is there.
 *
 * A root is remembered by its name: an object that is made anew under it takes over what was made for the first.
 */
import { intern, valueOf } from './interner.ts'
import type { CommittedChange, Run } from './run.ts'
import {
  addPart,
  type Cluster,
  EXTERNAL_KIND,
  kindOf,
  PART_ORIGIN,
  type RequestEntry,
  type Slot,
  slotOf,
} from './tables.ts'
import { versionOf } from './versions.ts'
import { ensureCapacity, type World } from './world.ts'

export interface Maker {
  readonly controller: string
  /** Id of the root's slot. */
  readonly root: number
  /** The root was being deleted, or was gone, when it happened. */
  readonly late: boolean
}

export interface Origin {
  /** Undefined: it was there at the start, the user made it, or it has an owner reference. */
  readonly maker: Maker | undefined
  /** Those that a reconcile for another root put there. */
  readonly finalizers: readonly (Maker & { readonly name: string })[]
}

/** Oracles that ask. */
const ORACLES = ['no-leak', 'no-create-for-dead-owner']

/** Kinds that outlive what they tell of. */
const TOLD_OF: ReadonlySet<string> = new Set(['Event', 'Lease'])

/** What is remembered of an object; undefined: nothing. */
export function originOf(cluster: Cluster, state: Int32Array, slot: Slot): Origin | undefined {
  const part = cluster.remembered.originParts.get(slot.id)
  const id = part === undefined ? 0 : (state[part] ?? 0)
  return id === 0 ? undefined : valueOf(cluster.remembered.origins, id)
}

/** The object that a request is about: that of the kind its controller is for. */
export function rootSlotOf(cluster: Cluster, { controller, namespace, name }: RequestEntry): Slot | undefined {
  const type = controller.definition.for
  const kind = type === undefined ? undefined : kindOf(cluster, type.apiVersion, type.kind)
  if (kind === undefined || name === '') return undefined
  return slotOf(cluster, kind, kind.resource.namespaced ? namespace : '', name)
}

/** Notes in `world.next` what a change of a run says of its object's origin. The change is there already. */
export function noteOrigin(world: World, run: Run, change: CommittedChange): void {
  const { cluster } = world
  const { slot, before, after } = change
  if (slot.kind.id === EXTERNAL_KIND) return
  const known = cluster.remembered.originParts.get(slot.id)
  const id = known === undefined ? 0 : (world.next[known] ?? 0)
  if (after === 0) {
    if (known !== undefined) world.next[known] = 0
    return
  }
  const created = before === 0
  const { finalizers: has = [], ownerReferences = [] } = versionOf(cluster.versions, after).body.metadata
  if (!created && id === 0 && has.length === 0) return
  const old: Origin = created || id === 0 ? NO_ORIGIN : valueOf(cluster.remembered.origins, id)
  const maker = makerOf(world, run, slot)
  const made = created && maker !== undefined && !TOLD_OF.has(slot.kind.resource.kind) ? maker : old.maker
  const had = created ? [] : (versionOf(cluster.versions, before).body.metadata.finalizers ?? [])
  const finalizers = old.finalizers.filter(({ name }) => has.includes(name))
  if (maker !== undefined && maker.root !== slot.id) {
    for (const name of has) if (!had.includes(name) && !OWN_FINALIZERS.has(name)) finalizers.push({ ...maker, name })
    finalizers.sort((a, b) => (a.name < b.name ? -1 : 1))
  }
  setOrigin(world, slot, { maker: ownerReferences.length > 0 ? undefined : made, finalizers })
}

const NO_ORIGIN: Origin = { maker: undefined, finalizers: [] }

/** The API server's own. */
const OWN_FINALIZERS: ReadonlySet<string> = new Set(['orphan', 'foregroundDeletion', 'kubernetes'])

function makerOf(world: World, { request }: Run, slot: Slot): Maker | undefined {
  const { cluster } = world
  if (ORACLES.every((name) => cluster.scenario.oracles?.[name] === false)) return undefined
  const root = rootSlotOf(cluster, request)
  ensureCapacity(world)
  if (root === undefined || root === slot) return undefined
  const { next } = world
  const version = next[root.part] ?? 0
  const isGone = version === 0
  // A name that nothing ever had is no root.
  if (isGone && (next[root.part + 2] ?? 0) === 0) return undefined
  const late = isGone || versionOf(cluster.versions, version).body.metadata.deletionTimestamp !== undefined
  return { controller: request.controller.definition.name, root: root.id, late }
}

function setOrigin(world: World, slot: Slot, origin: Origin): void {
  const { cluster } = world
  const isNothing = origin.maker === undefined && origin.finalizers.length === 0
  let part = cluster.remembered.originParts.get(slot.id)
  if (part === undefined) {
    if (isNothing) return
    part = addPart(cluster, PART_ORIGIN, slot.id, `origin ${cluster.partLabel[slot.part]}`)
    cluster.remembered.originParts.set(slot.id, part)
  }
  ensureCapacity(world)
  world.next[part] = isNothing ? 0 : intern(cluster.remembered.origins, originText(origin, String), origin)
}

/** A text for an origin; `nameOfSlot` says what a root is called. */
export function originText({ maker, finalizers }: Origin, nameOfSlot: (slot: number) => string): string {
  const text = (made: Maker): string => `${made.controller} ${nameOfSlot(made.root)} ${made.late}`
  return [maker === undefined ? '' : text(maker), ...finalizers.map((each) => `${each.name} ${text(each)}`)].join('|')
}
