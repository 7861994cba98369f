/** Parts of a state that are made when they are first needed. */
import {
  addPart,
  type Cluster,
  type Kind,
  PART_BOOKMARK,
  PART_EPISODE,
  PART_IN_FLIGHT,
  PART_TIMER,
  PART_TIMER_DELAY,
  type Process,
  type RequestEntry,
} from './tables.ts'

export function timerPartOf(cluster: Cluster, request: RequestEntry): number {
  if (request.timerPart === 0) {
    request.timerPart = addPart(cluster, PART_TIMER, request.id, `timer ${request.label}`)
    addPart(cluster, PART_TIMER_DELAY, request.id, `delay ${request.label}`)
  }
  return request.timerPart
}

export function inFlightPartOf(cluster: Cluster, request: RequestEntry): number {
  if (request.inFlightPart === 0)
    request.inFlightPart = addPart(cluster, PART_IN_FLIGHT, request.id, `in flight ${request.label}`)
  return request.inFlightPart
}

export function episodePartOf(cluster: Cluster, process: Process, kind: Kind): number {
  let part = process.episodeParts.get(kind.id)
  if (part === undefined) {
    part = addPart(
      cluster,
      PART_EPISODE,
      process.id * 65536 + kind.id,
      `episode ${process.name} ${kind.resource.group}/${kind.resource.kind}`,
    )
    process.episodeParts.set(kind.id, part)
  }
  return part
}

export function bookmarkPartOf(cluster: Cluster, process: Process, kind: Kind): number {
  let part = process.bookmarkParts.get(kind.id)
  if (part === undefined) {
    const label = `bookmark ${process.name} ${kind.resource.group}/${kind.resource.kind}`
    part = addPart(cluster, PART_BOOKMARK, process.id * 65536 + kind.id, label)
    process.bookmarkParts.set(kind.id, part)
  }
  return part
}
