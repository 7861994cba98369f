/**
 * Which versions of an object are neighbours: a watch told of both, one after the other, so nothing was written between
 * them, not even by somebody who was not recorded.
 */
import type { ResourceTable } from '#api/resource.ts'
import type { TraceEvent } from '#trace/trace-event.ts'
import { type ObjectPlace, placeKey, placeOf } from './recorded-versions.ts'
import { createSelections } from './watch-selections.ts'

export interface Successions {
  /** Whether nothing came between the two versions. */
  areNeighbours(place: ObjectPlace, before: number, after: number): boolean
}

export function recordedSuccessions(resources: ResourceTable, events: readonly TraceEvent[]): Successions {
  /** Of each watch: the version of each object that it told of last. */
  const told = new Map<string, Map<string, number>>()
  const neighbours = new Set<string>()
  const selections = createSelections()
  for (const event of events) {
    selections.take(event)
    // What was dropped may have been an event.
    if (event.type === 'dropped') told.clear()
    if (event.type === 'watch-end') told.delete(event.watch)
    if (event.type !== 'delivery' || event.watch === undefined || event.value === undefined) continue
    const place = placeOf(resources, event.value)
    const version = Number(event.resourceVersion)
    if (place === undefined || !Number.isFinite(version)) continue
    const key = placeKey(place)
    const ofWatch = told.get(event.watch) ?? new Map<string, number>()
    told.set(event.watch, ofWatch)
    const before = ofWatch.get(key)
    if (before !== undefined) neighbours.add(`${key} ${before} ${version}`)
    // An object that no selector takes any more may be written and written again, unseen.
    if (event.event === 'DELETED' && selections.mayBe(event)) ofWatch.delete(key)
    else ofWatch.set(key, version)
  }
  return { areNeighbours: (place, before, after) => neighbours.has(`${placeKey(place)} ${before} ${after}`) }
}
