/** Makes the deliveries that the cached reads of a run waited for (`own-writes.ts`), in `world.next`. */
import { catchUp, internInFlight } from './deliver.ts'
import { valueOf } from './interner.ts'
import { eventsOf, type Wait, waitFor } from './own-writes.ts'
import type { CommittedChange, Run } from './run.ts'
import type { World } from './world.ts'

/** How many of a run's waits are over. */
export interface WaitProgress {
  done: number
}

/** Delivers what was waited for before change number `index`. False: code must run first. */
export function deliverWaited(world: World, run: Run, progress: WaitProgress, index: number): boolean {
  for (; progress.done < run.waits.length; progress.done++) {
    const wait = run.waits[progress.done] as Wait
    if (wait.at > index) return true
    if (!deliverWait(world, run, wait)) return false
  }
  return true
}

/**
 * The queue holds what is left of the state's events, then the run's own changes. Behind a change that was waited for
 * the later ones stay; behind an older event the rest of the state's events and all of the run's changes do.
 */
function deliverWait(world: World, run: Run, wait: Wait): boolean {
  const { process } = run.request.controller
  const { kind, changes, delivered, at } = wait
  const part = process.episodeParts.get(kind)
  if (part === undefined) return true
  if (isBroken(world, part)) return delivered + changes === 0 || catchUp(world, process, kind)
  const older = changes > 0 ? 0 : eventsOf(world, process, kind).length - delivered
  const staying = older + changesOfKind(run, kind, changes, at)
  while (lengthOf(world, part) > staying) if (!catchUp(world, process, kind)) return false
  return true
}

function isBroken(world: World, part: number): boolean {
  return world.next[part] !== 0 && valueOf(world.cluster.episodes, world.next[part] as number).broken
}

function lengthOf(world: World, part: number): number {
  const id = world.next[part] as number
  return id === 0 ? 0 : valueOf(world.cluster.episodes, id).events.length
}

function changesOfKind(run: Run, kind: number, from: number, to: number): number {
  let count = 0
  for (let i = from; i < to; i++) if ((run.changes[i] as CommittedChange).slot.kind.id === kind) count++
  return count
}

/** Of a kind for which it waited a reconcile in flight has no view of its own any more. */
export function forgetFrozen(world: World, run: Run, part: number): void {
  const id = world.next[part] as number
  if (run.waits.length === 0 || id === 0) return
  const inFlight = valueOf(world.cluster.inFlights, id)
  const frozen = inFlight.frozen.filter(({ slot }) => {
    const kind = world.cluster.slots[slot]?.kind.id
    return kind === undefined || waitFor(run, kind) === undefined
  })
  if (frozen.length < inFlight.frozen.length) world.next[part] = internInFlight(world, { ...inFlight, frozen })
}
