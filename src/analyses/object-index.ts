/**
 * Which lines of a trace tell of which object, found in one pass: what `lifecycle` needs of a trace that is long. The
 * lines of an object are a chain from its last to its first, so that memory is that of the objects alone.
 *
 * Sound because it may hold too many lines and never too few: an object's line is left out only where its lifecycle
 * reads it without an effect, which is an answer or an event of the very version whose content its lines showed last.
 */
import type { ObjectName } from '#trace/path.ts'
import type { ApiCall, TraceEvent } from '#trace/trace-event.ts'
import { answeredObjects, kindOf, nameOfObject, objectName } from './trace-names.ts'
import type { LinePlace, TraceAnalysis } from './trace-reader.ts'

/** One line of one object. */
export interface IndexEntry {
  readonly place: LinePlace
  /** Where the reconcile began that the line is of, as long as that had not ended. */
  readonly begin?: LinePlace
  /** The entry of the same object before this one; -1: none. */
  readonly previous: number
}

/** The objects that the trace has seen: the number of the last entry of each (-1: none), and how many it has. */
export type IndexedObjects = readonly (readonly [object: ObjectName, last: number, entries: number])[]

export interface ObjectIndexAnalysis extends TraceAnalysis {
  result(): IndexedObjects
}

interface Chain {
  last: number
  entries: number
  /** The version whose content its lines have shown last. */
  shown: string
  /** Whether the trace has seen it; otherwise it was only asked for. */
  exists: boolean
}

/** `write` is given the entries in the order of their numbers, from 0. */
export function createObjectIndex(write: (entry: IndexEntry) => void): ObjectIndexAnalysis {
  const objects = new Map<ObjectName, Chain>()
  const begun = new Map<string, LinePlace>()
  let written = 0

  const chainOf = (object: ObjectName): Chain => {
    let chain = objects.get(object)
    if (chain === undefined) {
      chain = { last: -1, entries: 0, shown: '', exists: false }
      objects.set(object, chain)
    }
    return chain
  }
  const add = (chain: Chain, place: LinePlace, begin: LinePlace | undefined): void => {
    write({ place, previous: chain.last, ...(begin === undefined ? {} : { begin }) })
    chain.last = written
    chain.entries += 1
    written += 1
  }
  const takeCall = (call: ApiCall, place: LinePlace): void => {
    const concerned = new Set<ObjectName>()
    for (const { object } of call.committed ?? []) {
      chainOf(object).exists = true
      concerned.add(object)
    }
    const { name, namespace, object } = call
    if (name !== undefined && call.verb !== 'get') concerned.add(objectName(object.kind, namespace, name))
    const isList = 'items' in call.response
    for (const content of answeredObjects(call)) {
      const named = nameOfObject(content, object)
      const chain = chainOf(named)
      chain.exists = true
      // The kind of a list's items is that of the list, where it says anything of them.
      if (call.partial === true || (isList && kindOf(named) !== object.kind)) continue
      const version = content.metadata.resourceVersion ?? ''
      if (version === chain.shown) continue
      chain.shown = version
      concerned.add(named)
    }
    const begin = begun.get(call.by)
    for (const each of concerned) add(chainOf(each), place, begin)
  }
  return {
    take(event: TraceEvent, place) {
      switch (event.type) {
        case 'reconcile-begin':
          begun.set(event.reconcile, place)
          return
        case 'reconcile-end':
          begun.delete(event.reconcile)
          return
        case 'call':
          return takeCall(event, place)
        case 'delivery': {
          const chain = chainOf(event.object)
          chain.exists = true
          if (event.event === 'DELETED' || event.resourceVersion !== chain.shown) add(chain, place, undefined)
          return
        }
        default:
      }
    },
    result: () =>
      [...objects].flatMap(([object, { exists, last, entries }]) => (exists ? [[object, last, entries] as const] : [])),
  }
}
