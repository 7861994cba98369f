/** Finds what a user means by the name of an object or a reconcile; where nothing fits, it knows what is there. */
import { answeredObjects, nameOfObject } from './trace-names.ts'
import type { TraceAnalysis } from './trace-reader.ts'

export interface SubjectSearch extends TraceAnalysis {
  /** Takes a name that is known to be in the trace. */
  consider(name: string): void
  /** Names that fit, the exact one alone where it is there. */
  found(): readonly string[]
  /** Some of the names that are there. */
  others(): readonly string[]
}

const OTHERS = 200

/** `Kind namespace/name`, `kind/namespace/name`, or without kind or namespace where that is clear. */
export function createObjectSearch(wanted: string): SubjectSearch {
  return search(wanted, objectMatch(wanted), (event, see) => {
    if (event.type === 'delivery') see(event.object)
    if (event.type !== 'call') return
    for (const { object } of event.committed ?? []) see(object)
    for (const object of answeredObjects(event)) see(nameOfObject(object, event.object))
  })
}

/** An id, or its end: `#3`, `default/a #3`. */
export function createReconcileSearch(wanted: string): SubjectSearch {
  const end = /^\d+$/.test(wanted) ? `#${wanted}` : wanted
  const fits = (id: string) => id === wanted || id.endsWith(` ${end}`)
  return search(wanted, fits, (event, see) => {
    if (event.type === 'reconcile-begin') see(event.reconcile)
  })
}

function search(
  wanted: string,
  fits: (name: string) => boolean,
  names: (event: Parameters<TraceAnalysis['take']>[0], see: (name: string) => void) => void,
): SubjectSearch {
  const found = new Set<string>()
  const others = new Set<string>()
  const consider = (name: string): void => {
    if (found.has(name) || others.has(name)) return
    if (fits(name)) found.add(name)
    else if (others.size < OTHERS) others.add(name)
  }
  return {
    consider,
    take: (event) => names(event, consider),
    found: () => (found.has(wanted) ? [wanted] : [...found]),
    others: () => [...others],
  }
}

function objectMatch(wanted: string): (name: string) => boolean {
  const parts = wanted
    .trim()
    .split(/[ /]+/)
    .map((part) => part.toLowerCase())
  return (object) => {
    const own = object.toLowerCase().split(/[ /]/)
    if (own.at(-1) !== parts.at(-1) || parts.length > own.length) return false
    return parts.every((part, index) => part === own[index]) || parts.every((part) => own.includes(part))
  }
}
