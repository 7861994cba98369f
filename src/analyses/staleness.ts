/**
 * How far behind a reconcile's view was: per kind the events that had not reached its process when it began, and which
 * of them it would have read otherwise. Memory grows with the number of writes of the trace.
 */
import { type Labels, matchesLabels, parseLabelSelector } from '#api/selectors.ts'
import type { ObjectName } from '#trace/path.ts'
import type { ApiCall, TraceEvent } from '#trace/trace-event.ts'
import { committedContent, compareVersions, kindOf } from './trace-names.ts'
import type { TraceAnalysis } from './trace-reader.ts'

export interface MissedEvent {
  readonly line: number
  readonly step: number
  readonly object: ObjectName
  readonly resourceVersion: string
  readonly removed: boolean
  readonly by: string
  /** Lines of the reconcile's reads that a view with this event would have answered otherwise. None: it did not matter. */
  readonly reads: readonly number[]
  /** True where a selector decides and the labels are not in the trace: then `reads` may name too many. */
  readonly uncertain: boolean
}

export interface KindStaleness {
  readonly kind: string
  /** The version of the last event of this kind that had reached the process; absent: none since it started. */
  readonly seen?: string
  readonly missed: readonly MissedEvent[]
}

export interface Staleness {
  readonly reconcile: string
  readonly line: number
  readonly process: string
  /** Kinds that it read from its cache, and those whose events reach its process. */
  readonly kinds: readonly KindStaleness[]
}

export interface StalenessAnalysis extends TraceAnalysis {
  /** Undefined where the trace does not tell how the reconcile began. */
  result(): Staleness | undefined
}

type CallEvent = Extract<TraceEvent, { readonly type: 'call' }>
type Begin = Extract<TraceEvent, { readonly type: 'reconcile-begin' }>
type Delivery = Extract<TraceEvent, { readonly type: 'delivery' }>

interface Commit {
  readonly line: number
  readonly step: number
  readonly object: ObjectName
  readonly resourceVersion: string
  readonly removed: boolean
  readonly by: string
  /** Absent: its content is not in the trace. */
  readonly labels?: Labels
}

interface CachedRead {
  readonly line: number
  readonly call: CallEvent
}

/** What a process had been told of a kind. */
interface Frontier {
  readonly seen?: string
  /** How many commits of the kind there were when the process started: its list had them. */
  readonly listed: number
}

export function createStaleness(id: string): StalenessAnalysis {
  const commits = new Map<string, Commit[]>()
  const frontiers = new Map<string, Map<string, Frontier>>()
  const starts = new Map<string, ReadonlyMap<string, number>>()
  const reads: CachedRead[] = []
  let begun: { readonly event: Begin; readonly line: number } | undefined
  let frozen: ReadonlyMap<string, Frontier> = new Map()
  let listed: ReadonlyMap<string, number> = new Map()
  let over = false

  const commit = (call: CallEvent, line: number): void => {
    for (const { object, resourceVersion, removed } of call.committed ?? []) {
      const labels = committedContent(call, object, resourceVersion)?.metadata
      const { step, by } = call
      const told = labels === undefined ? {} : { labels: labels.labels ?? {} }
      const kind = kindOf(object)
      const made = { line, step, object, resourceVersion, removed, by, ...told }
      const others = commits.get(kind)
      if (others === undefined) commits.set(kind, [made])
      else others.push(made)
    }
  }
  const deliver = ({ process, object, resourceVersion }: Delivery): void => {
    const kinds = frontiers.get(process) ?? new Map<string, Frontier>()
    frontiers.set(process, kinds)
    const kind = kindOf(object)
    const known = kinds.get(kind)
    if (known?.seen !== undefined && compareVersions(resourceVersion, known.seen) <= 0) return
    kinds.set(kind, { seen: resourceVersion, listed: known?.listed ?? starts.get(process)?.get(kind) ?? 0 })
  }
  const start = (process: string): void => {
    starts.set(process, new Map([...commits].map(([kind, made]) => [kind, made.length])))
    frontiers.delete(process)
  }

  return {
    take(event, { line }) {
      if (over) return
      switch (event.type) {
        case 'reconcile-begin':
          if (event.reconcile !== id) return
          begun = { event, line }
          frozen = new Map(frontiers.get(event.process) ?? [])
          listed = starts.get(event.process) ?? new Map()
          return
        case 'call':
          if (event.by === id && event.cached) reads.push({ line, call: event })
          return commit(event, line)
        case 'delivery':
          return deliver(event)
        case 'process-start':
          return start(event.process)
        case 'reconcile-end':
          over = event.reconcile === id
          return
        case 'crash':
          over = event.abandoned.includes(id)
          return
        default:
      }
    },
    result() {
      if (begun === undefined) return undefined
      const { event, line } = begun
      const kinds = [...new Set([...reads.map(({ call }) => call.object.kind), ...frozen.keys()])]
      return {
        reconcile: id,
        line,
        process: event.process,
        kinds: kinds.map((kind) => {
          const frontier = frozen.get(kind) ?? { listed: listed.get(kind) ?? 0 }
          const of = reads.filter(({ call }) => call.object.kind === kind)
          const until = Math.max(line, ...of.map((read) => read.line))
          const missed = (commits.get(kind) ?? []).filter(
            (made, index) => made.line < until && index >= frontier.listed && !hasSeen(frontier, made),
          )
          const { seen } = frontier
          return { kind, ...(seen === undefined ? {} : { seen }), missed: missed.map((made) => missedEvent(made, of)) }
        }),
      }
    },
  }
}

function hasSeen({ seen }: Frontier, { resourceVersion }: Commit): boolean {
  return seen !== undefined && resourceVersion !== '' && compareVersions(resourceVersion, seen) <= 0
}

function missedEvent(made: Commit, reads: readonly CachedRead[]): MissedEvent {
  const { labels: _, ...event } = made
  const scopes = reads
    .filter(({ line }) => line > made.line)
    .map(({ line, call }) => ({ line, scope: scopeOf(call, made) }))
  const touched = scopes.filter(({ scope }) => scope !== 'outside')
  const uncertain = touched.some(({ scope }) => scope === 'unknown')
  return { ...event, reads: touched.map(({ line }) => line), uncertain }
}

/** Whether the read asks for the object: by name, or in a list that had it or would have it now. */
function scopeOf(call: ApiCall, { object, labels }: Commit): 'inside' | 'outside' | 'unknown' {
  const key = object.slice(object.indexOf(' ') + 1)
  const nameOf = (namespace: string | undefined, name: string | undefined) =>
    namespace ? `${namespace}/${name}` : name
  if (call.verb === 'get') return nameOf(call.namespace, call.name) === key ? 'inside' : 'outside'
  if (call.namespace && !key.startsWith(`${call.namespace}/`)) return 'outside'
  const items = 'items' in call.response ? call.response.items : []
  if (items.some(({ metadata }) => nameOf(metadata.namespace, metadata.name) === key)) return 'inside'
  const selector = call.request?.labelSelector
  if (selector === undefined || selector === '') return 'inside'
  return labels === undefined ? 'unknown' : isSelected(selector, labels)
}

function isSelected(selector: string, labels: Labels): 'inside' | 'outside' | 'unknown' {
  try {
    return matchesLabels(parseLabelSelector(selector), labels) ? 'inside' : 'outside'
  } catch {
    // A selector that the API server refused.
    return 'unknown'
  }
}
