/** What the caches of a process's standby have not received: queues of events in `world.next`, until a handover. */
import { type BudgetVector, dominates, spend } from '#checker/budget.ts'
import { type Action, HANDOVER_COST } from './action.ts'
import { eventOfChange, queueEvent, setEpisode } from './episodes.ts'
import type { CommittedChange } from './run.ts'
import { addPart, type Cluster, type Kind, PART_EPISODE, type Process } from './tables.ts'
import { ensureCapacity, type World } from './world.ts'

/** Keeps a change for the standby of a process, if that is behind, or falls behind with this change. */
export function keepForStandby(world: World, process: Process, change: CommittedChange, begins: boolean): void {
  const { kind } = change.slot
  const known = process.standbyParts.get(kind.id)
  if (!begins && (known === undefined || world.next[known] === 0)) return
  const part = standbyPartOf(world.cluster, process, kind)
  ensureCapacity(world)
  queueEvent(world, part, eventOfChange(change, 0), false)
}

/** Whether a handover can still be paid after `action`. If not, nobody will ever see what standbys have missed. */
export function mayHandOverAfter({ cost }: Action, remaining: BudgetVector): boolean {
  return dominates(cost === 0 ? remaining : spend(remaining, cost), HANDOVER_COST)
}

export function forgetStandbys(world: World): void {
  for (const process of world.cluster.processes) forgetStandby(world, process)
}

function forgetStandby(world: World, process: Process): void {
  for (const part of process.standbyParts.values()) setEpisode(world, part, undefined)
}

/** The part with the events that a process's standby has not received of a kind. */
function standbyPartOf(cluster: Cluster, process: Process, kind: Kind): number {
  let part = process.standbyParts.get(kind.id)
  if (part === undefined) {
    const label = `standby ${process.name} ${kind.resource.group}/${kind.resource.kind}`
    part = addPart(cluster, PART_EPISODE, process.id * 65536 + kind.id, label)
    process.standbyParts.set(kind.id, part)
  }
  return part
}
