/** How a process starts: its lists, and whom they wake. */
import { listed } from './bookmarks.ts'
import { enqueuePlanned } from './deliver.ts'
import { setEpisode } from './episodes.ts'
import { clearPending } from './handled-events.ts'
import { planOf } from './plan.ts'
import { HOLDERS, type Process } from './tables.ts'
import type { World } from './world.ts'
import { forgetAuthorship } from './writers.ts'

/**
 * A process starts: nothing of the old one is left, and its lists enqueue what their handlers say. `fallBehind` opens
 * the episodes with which it begins. False: code must run first.
 */
export function startProcess(world: World, process: Process, fallBehind: () => void = () => {}): boolean {
  forgetAuthorship(world, process)
  const { next, cluster } = world
  for (const controller of process.controllers) {
    if (controller.memoryPart !== 0) next[controller.memoryPart] = 0
    for (const request of controller.requests.values()) {
      clearPending(world, request)
      if (request.timerPart !== 0) {
        next[request.timerPart] = 0
        next[request.timerPart + 1] = 0
      }
      if (request.inFlightPart !== 0 && next[request.inFlightPart] !== 0) {
        next[request.inFlightPart] = 0
        ;(next[HOLDERS] as number)--
      }
    }
  }
  for (const part of process.episodeParts.values()) setEpisode(world, part, undefined)
  fallBehind()
  for (const slot of [...cluster.slots]) {
    const { version, revision } = listed(world, process, slot)
    if (version === 0 || !(process.watchesAll || process.informers.has(slot.kind.id))) continue
    const entry = planOf(world, slot, 0, version).processes.find((candidate) => candidate.process === process)
    if (entry === undefined) continue
    const event = { slot: slot.id, before: 0, beforeRevision: 0, after: version, afterRevision: revision, own: 0 }
    if (!enqueuePlanned(world, entry, event, { type: 'start', slot })) return false
  }
  return true
}
