/**
 * Objects that a controller made only because it did not see what it had written itself: the same reconcile, executed
 * with its controller's own writes shown to it, makes fewer. `no-churn` asks whether it deletes them again.
 *
 * The mark is a part of the state (identity). It is dropped as soon as anything else may be the reason to delete: the
 * user or the environment acts, time passes, somebody else writes the object or the root of the reconcile. At granularity
 * write nothing is marked: what can be seen there is seen with whole reconciles.
 */
import { walkOtherwise } from './counterfactual.ts'
import { intern, valueOf } from './interner.ts'
import { rootSlotOf } from './origin.ts'
import type { CommittedChange, Run } from './run.ts'
import { addPart, type Cluster, HOLDERS, PART_SURPLUS, type Slot } from './tables.ts'
import { placeOf } from './walk.ts'
import { ensureCapacity, type World } from './world.ts'

export interface Surplus {
  readonly controller: string
  /** Id of the root's slot; -1: none. */
  readonly root: number
}

export function surplusOf(cluster: Cluster, state: Int32Array, slot: Slot): Surplus | undefined {
  const part = cluster.remembered.surplusParts.get(slot.id)
  const id = part === undefined ? 0 : (state[part] ?? 0)
  return id === 0 ? undefined : valueOf(cluster.remembered.surpluses, id)
}

/** What a whole reconcile makes too much. Undefined: code must run first. */
export function surplusCreations(world: World, run: Run): readonly Slot[] | undefined {
  const { cluster, state, rules } = world
  const { turnoverKinds } = cluster.counters
  if (turnoverKinds.size === 0 || state[HOLDERS] === 0 || rules.granularity !== 'reconcile') return NONE
  const created = creations(run).filter(({ kind }) => turnoverKinds.has(kind.id))
  if (created.length === 0) return NONE
  const seeing = walkOtherwise(world, run.request, { readsFrom: 'own-writes', place: placeOf(run), whole: true })
  if (seeing === undefined) return undefined
  const still = new Set(creations(seeing))
  return created.filter((slot) => !still.has(slot))
}

const NONE: readonly Slot[] = []

function creations(run: Run): readonly Slot[] {
  return run.changes.filter(({ before, after }) => before === 0 && after !== 0).map(({ slot }) => slot)
}

/** Marks in `world.next` what is there of it: a crash may have come before. */
export function markSurplus(world: World, { request }: Run, created: readonly Slot[]): void {
  const { cluster } = world
  for (const slot of created) {
    if (world.next[slot.part] === 0) continue
    let part = cluster.remembered.surplusParts.get(slot.id)
    if (part === undefined) {
      part = addPart(cluster, PART_SURPLUS, slot.id, `surplus ${cluster.partLabel[slot.part]}`)
      cluster.remembered.surplusParts.set(slot.id, part)
    }
    const root = rootSlotOf(cluster, request)?.id ?? -1
    ensureCapacity(world)
    const controller = request.controller.definition.name
    world.next[part] = intern(cluster.remembered.surpluses, `${controller} ${root}`, { controller, root })
  }
}

/** Drops from `world.next` the marks of what a change touches. */
export function unmarkTouched(world: World, { request }: Run, { slot, after }: CommittedChange): void {
  const { cluster, next } = world
  if (cluster.remembered.surplusParts.size === 0) return
  const writer = request.controller.definition.name
  for (const [id, part] of cluster.remembered.surplusParts) {
    const mark = next[part] ?? 0
    if (mark === 0) continue
    const { controller, root } = valueOf(cluster.remembered.surpluses, mark)
    const isGone = id === slot.id && after === 0
    if (isGone || (writer !== controller && (id === slot.id || root === slot.id))) next[part] = 0
  }
}

/** Drops all marks from `world.next`: something happened that may be a reason. */
export function unmarkAll({ cluster, next }: World): void {
  for (const part of cluster.remembered.surplusParts.values()) if ((next[part] ?? 0) !== 0) next[part] = 0
}
