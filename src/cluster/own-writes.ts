/**
 * What a process has written itself and not yet seen in its cache.
 *
 * Under `read-your-writes` a cached read waits until the process's own writes (of that object; for a list, of that
 * kind) are delivered: the wait delivers what is queued up to the last of them, as part of the transition in which the
 * read is made. What was queued behind it stays queued. Under `consistency-store` a request does not begin while
 * writes of its earlier reconciles are undelivered.
 *
 * An undelivered event says whether it is of the process whose queue it is in, so a process that starts anew, with
 * empty queues, has no own writes.
 */
import { valueOf } from './interner.ts'
import type { CommittedChange, Run } from './run.ts'
import type { Process, RequestEntry, Slot, UndeliveredEvent } from './tables.ts'
import type { World } from './world.ts'

/** Of an event under `read-your-writes`: the process wrote it. Under `consistency-store` the writer's pending part, which is greater. */
export const OWN_WRITE = 1

/** A delivery that a cached read waited for. */
export interface Wait {
  readonly kind: number
  /** How many of the events queued in the state are delivered by then. */
  readonly delivered: number
  /** The first so many changes of the run are delivered, as far as they are of this kind. */
  readonly changes: number
  /** How many changes the run had made when it waited. */
  readonly at: number
}

const NO_EVENTS: readonly UndeliveredEvent[] = []

/** The mark of an event in the queue of `process`, for a change that `writer` made. */
export function ownMark(world: World, process: Process, writer: RequestEntry): number {
  const { profile } = world.rules
  if (profile !== 'read-your-writes' && profile !== 'consistency-store') return 0
  if (writer.controller?.process !== process) return 0
  return profile === 'read-your-writes' ? OWN_WRITE : writer.pendingPart
}

/** What a process has not received of a kind in the state being expanded. */
export function eventsOf(world: World, process: Process, kind: number): readonly UndeliveredEvent[] {
  const part = process.episodeParts.get(kind)
  const id = part === undefined ? 0 : (world.state[part] as number)
  return id === 0 ? NO_EVENTS : valueOf(world.cluster.episodes, id).events
}

/** The last wait of a run for a kind. */
export function waitFor(run: Run, kind: number): Wait | undefined {
  for (let i = run.waits.length - 1; i >= 0; i--) {
    const wait = run.waits[i] as Wait
    if (wait.kind === kind) return wait
  }
  return undefined
}

/** Before a cached read of `slot`, or of a list of the kind: notes what the read has to wait for. */
export function awaitOwnWrites(world: World, run: Run, kind: number, slot: Slot | undefined): void {
  if (!run.waitsForOwnWrites) return
  if (run.retired !== 0) return awaitOfReplaced(world, run, kind, slot)
  const { process } = run.request.controller
  const before = waitFor(run, kind)
  const events = eventsOf(world, process, kind)
  const changes = lastOwnChange(run, kind, slot) + 1
  if (changes > (before?.changes ?? 0)) {
    run.waits.push({ kind, delivered: events.length, changes, at: run.changes.length })
    return
  }
  const delivered = deliveredUpTo(world, process, kind, events, slot)
  const isNew = delivered > (before?.delivered ?? 0) || (before === undefined && hasFrozenOwn(world, run, kind, slot))
  if (isNew) run.waits.push({ kind, delivered, changes: before?.changes ?? 0, at: run.changes.length })
}

/**
 * A read of an instance that was replaced (`handover.ts`): no undelivered event is its own. It has been received by the
 * time that the wait is over, with all that happened before, so the read is answered by the truth.
 */
function awaitOfReplaced(world: World, run: Run, kind: number, slot: Slot | undefined): void {
  if (waitFor(run, kind) !== undefined) return
  if (lastOwnChange(run, kind, slot) < 0 && !hasFrozenOwn(world, run, kind, slot)) return
  const delivered = eventsOf(world, run.request.controller.process, kind).length
  run.waits.push({ kind, delivered, changes: run.changes.length, at: run.changes.length })
}

/** The index of the run's last change of the object or kind; -1: none. */
function lastOwnChange(run: Run, kind: number, slot: Slot | undefined): number {
  for (let i = run.changes.length - 1; i >= 0; i--) {
    const change = run.changes[i] as CommittedChange
    // A client that got no answer has no revision to wait for.
    if (change.answerLost === true) continue
    if (change.slot.kind.id === kind && (slot === undefined || change.slot === slot)) return i
  }
  return -1
}

/** A broken watch delivers all at once, when the process lists again. */
function deliveredUpTo(
  world: World,
  process: Process,
  kind: number,
  events: readonly UndeliveredEvent[],
  slot: Slot | undefined,
): number {
  for (let i = events.length - 1; i >= 0; i--) {
    const event = events[i] as UndeliveredEvent
    if (event.own === 0 || (slot !== undefined && event.slot !== slot.id)) continue
    const part = process.episodeParts.get(kind) as number
    return valueOf(world.cluster.episodes, world.state[part] as number).broken ? events.length : i + 1
  }
  return 0
}

/** Whether the view that the reconcile began with lacks a write that its process has made, and been told of, since. */
function hasFrozenOwn({ cluster }: World, run: Run, kind: number, slot: Slot | undefined): boolean {
  return (run.inFlight?.frozen ?? []).some((held) => {
    if (held.own !== true) return false
    return slot === undefined ? cluster.slots[held.slot]?.kind.id === kind : held.slot === slot.id
  })
}

/** Under `consistency-store`: whether a request must wait for writes of its own earlier reconciles. */
export function waitsForItsWrites(world: World, request: RequestEntry): boolean {
  if (world.rules.profile !== 'consistency-store') return false
  const { process } = request.controller
  for (const part of process.episodeParts.values()) {
    const id = world.state[part] as number
    if (id === 0) continue
    if (valueOf(world.cluster.episodes, id).events.some(({ own }) => own === request.pendingPart)) return true
  }
  return false
}
