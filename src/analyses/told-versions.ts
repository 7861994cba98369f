/**
 * Which versions the watches of a recording told of: events whose write the recorder did not know when they woke a
 * reconcile. Its answer had not come yet, or nobody who is recorded made it.
 */
import type { Cause, ObjectName } from '#trace/path.ts'
import type { TraceEvent } from '#trace/trace-event.ts'

export interface ToldVersion {
  readonly line: number
  readonly step: number
  readonly object: ObjectName
  readonly resourceVersion: string
  readonly removed: boolean
}

export interface ToldVersions {
  take(event: Extract<TraceEvent, { readonly type: 'delivery' }>, line: number): void
  /** What a cause of a reconcile that begins now tells of. */
  of(begin: Extract<TraceEvent, { readonly type: 'reconcile-begin' }>, cause: Cause): ToldVersion | undefined
}

/** Events of an object that are remembered, of each type: more than a reconcile has causes, mostly. */
const REMEMBERED = 8

export function createToldVersions(): ToldVersions {
  const told = new Map<string, ToldVersion[]>()
  const keyOf = (process: string, { object, event }: Pick<Cause, 'object' | 'event'>) => `${process} ${event} ${object}`
  return {
    take(delivery, line) {
      // Only recordings name the watch.
      if (delivery.watch === undefined) return
      const { step, object, resourceVersion, event } = delivery
      const key = keyOf(delivery.process, delivery)
      const list = told.get(key) ?? []
      told.set(key, list)
      list.push({ line, step, object, resourceVersion, removed: event === 'DELETED' })
      if (list.length > REMEMBERED) list.shift()
    },
    // The causes are the events since the last reconcile of the request: the last of them is what was told last.
    of({ process, causes }, cause) {
      const alike = causes.filter(
        ({ type, object, event }) => type === 'event' && object === cause.object && event === cause.event,
      )
      return told.get(keyOf(process, cause))?.at(alike.indexOf(cause) - alike.length)
    },
  }
}
