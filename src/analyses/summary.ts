/**
 * What each controller of a trace did: how often, to what effect, what woke it, and what looks wrong in it. Memory is
 * that of the requests and objects of the trace, whatever its length.
 */
import type { Cause, ObjectName } from '#trace/path.ts'
import type { ApiCall, TraceEvent } from '#trace/trace-event.ts'
import { createFightSearch, type FieldFight } from './field-fights.ts'
import { createLoopSearch, type HotLoop } from './hot-loops.ts'
import { isWrite, kindOf } from './trace-names.ts'
import type { TraceAnalysis } from './trace-reader.ts'

export interface ControllerSummary {
  readonly controller: string
  readonly process: string
  readonly reconciles: number
  /** Of these, how many a recorder took its calls for: nobody marked them. */
  readonly inferred: number
  /** Ended without an error and changed nothing in the cluster. */
  readonly noOps: number
  /** Ended with an error. */
  readonly errors: number
  /** Without an end: a crash, or the end of the trace. */
  readonly unfinished: number
  readonly reads: number
  readonly cachedReads: number
  readonly writes: number
  /** Writes that changed nothing: no version, no event. */
  readonly unchangedWrites: number
  /** Writes that were answered with a conflict. */
  readonly conflicts: number
  /** Writes that failed otherwise, by reason. */
  readonly failures: Readonly<Record<string, number>>
  /** Of the objects it created, how many it or another controller had removed before under the same name. */
  readonly recreations: number
  /** What woke it: `event Pod`, `retry`, `timer`, `start`. A reconcile may have several causes. */
  readonly causes: Readonly<Record<string, number>>
  /** Kinds whose events woke it and which it never read or wrote. None where reads of caches are not in the trace. */
  readonly unreadWatches: readonly string[]
}

export interface TraceSummary {
  readonly controllers: readonly ControllerSummary[]
  /** Writes by nobody's reconcile: of the user, or of processes outside their reconciles. */
  readonly otherWrites: Readonly<Record<string, number>>
  readonly crashes: number
  readonly hotLoops: readonly HotLoop[]
  readonly fights: readonly FieldFight[]
  /** The objects that were changed most often, at most 10. */
  readonly mostChanged: readonly { readonly object: ObjectName; readonly changes: number }[]
}

export interface SummaryAnalysis extends TraceAnalysis {
  result(): TraceSummary
}

type CallEvent = Extract<TraceEvent, { readonly type: 'call' }>

interface Counts {
  controller: string
  process: string
  reconciles: number
  inferred: number
  ended: number
  noOps: number
  errors: number
  reads: number
  cachedReads: number
  writes: number
  unchangedWrites: number
  conflicts: number
  failures: Record<string, number>
  recreations: number
  causes: Record<string, number>
  touched: Set<string>
}

interface OpenReconcile {
  readonly counts: Counts
  changes: number
  /** Set at its end; lines that come too late still count for some time. */
  result?: string
}

/** So many reconciles are open after their end, for lines that are out of order. */
const ENDED_KEPT = 256
const MOST_CHANGED = 10

/** @param hidesCaches what programs read from their own caches is not told: also true once a recorder's header is met */
export function createSummary(hidesCaches = false): SummaryAnalysis {
  const controllers = new Map<string, Counts>()
  const open = new Map<string, OpenReconcile>()
  const ended: string[] = []
  const otherWrites: Record<string, number> = {}
  const changes = new Map<ObjectName, number>()
  const removed = new Set<ObjectName>()
  const loops = createLoopSearch()
  const fights = createFightSearch()
  let crashes = 0
  let isBlind = hidesCaches

  const settle = (id: string): void => {
    const reconcile = open.get(id)
    open.delete(id)
    if (reconcile?.result === undefined) return
    reconcile.counts.ended += 1
    if (reconcile.result === 'error') reconcile.counts.errors += 1
    else if (reconcile.changes === 0) reconcile.counts.noOps += 1
  }
  const countsOf = (controller: string, process: string): Counts => {
    const key = `${process}\n${controller}`
    let counts = controllers.get(key)
    if (counts === undefined) {
      counts = emptyCounts(controller, process)
      controllers.set(key, counts)
    }
    return counts
  }
  const takeCall = (call: CallEvent, line: number): void => {
    const reconcile = open.get(call.by)
    const counts = reconcile?.counts
    const committed = call.committed?.length ?? 0
    counts?.touched.add(call.object.kind)
    if (!isWrite(call)) {
      if (counts === undefined) return
      counts.reads += 1
      if (call.cached) counts.cachedReads += 1
      return
    }
    if (counts === undefined) otherWrites[call.by] = (otherWrites[call.by] ?? 0) + 1
    else {
      countWrite(counts, call)
      if (reconcile !== undefined) reconcile.changes += committed
    }
    for (const change of call.committed ?? []) {
      changes.set(change.object, (changes.get(change.object) ?? 0) + 1)
      if (change.removed) removed.add(change.object)
      else if (call.verb === 'create' && removed.delete(change.object) && counts !== undefined) counts.recreations += 1
    }
    loops.write(call)
    fights.write(call, counts?.controller ?? call.by, line)
  }

  return {
    begin(header) {
      isBlind ||= header.source === 'live' && header.recorder !== 'import'
    },
    take(event: TraceEvent, { line }) {
      switch (event.type) {
        case 'reconcile-begin': {
          const counts = countsOf(event.controller, event.process ?? '')
          counts.reconciles += 1
          if (event.inferred === true) counts.inferred += 1
          open.set(event.reconcile, { counts, changes: 0 })
          for (const cause of event.causes) {
            const what = causeText(cause)
            counts.causes[what] = (counts.causes[what] ?? 0) + 1
          }
          loops.begin(event, line)
          return
        }
        case 'call':
          return takeCall(event, line)
        case 'other-call': {
          const reconcile = open.get(event.by)
          if (reconcile !== undefined && event.what.startsWith('external ')) reconcile.changes += 1
          return
        }
        case 'reconcile-end': {
          const reconcile = open.get(event.reconcile)
          if (reconcile === undefined) return
          reconcile.result = event.result.type
          loops.end(event.reconcile)
          ended.push(event.reconcile)
          if (ended.length > ENDED_KEPT) settle(ended.shift() ?? '')
          return
        }
        case 'crash':
          crashes += 1
          for (const id of event.abandoned) open.delete(id)
          return
        default:
      }
    },
    result() {
      for (const id of [...open.keys()]) settle(id)
      return {
        controllers: [...controllers.values()].map((counts) => summaryOf(counts, isBlind)),
        otherWrites,
        crashes,
        hotLoops: loops.result(),
        fights: fights.result(),
        mostChanged: mostChanged(changes),
      }
    },
  }
}

function countWrite(counts: Counts, { response, committed }: ApiCall): void {
  counts.writes += 1
  if ('status' in response) {
    const reason = response.status.reason ?? String(response.status.code)
    if (reason === 'Conflict') counts.conflicts += 1
    else counts.failures[reason] = (counts.failures[reason] ?? 0) + 1
  } else if (committed?.length === 0) counts.unchangedWrites += 1
}

function causeText({ type, object }: Cause): string {
  return type === 'event' && object !== undefined ? `event ${kindOf(object)}` : type
}

function summaryOf({ ended, touched, ...counts }: Counts, isBlind: boolean): ControllerSummary {
  const woken = Object.keys(counts.causes).flatMap((cause) => (cause.startsWith('event ') ? [cause.slice(6)] : []))
  return {
    ...counts,
    unfinished: counts.reconciles - ended,
    unreadWatches: isBlind ? [] : woken.filter((kind) => !touched.has(kind)),
  }
}

function mostChanged(changes: ReadonlyMap<ObjectName, number>): TraceSummary['mostChanged'] {
  return [...changes]
    .map(([object, times]) => ({ object, changes: times }))
    .sort((left, right) => right.changes - left.changes || (left.object < right.object ? -1 : 1))
    .slice(0, MOST_CHANGED)
}

function emptyCounts(controller: string, process: string): Counts {
  return {
    controller,
    process,
    reconciles: 0,
    inferred: 0,
    ended: 0,
    noOps: 0,
    errors: 0,
    reads: 0,
    cachedReads: 0,
    writes: 0,
    unchangedWrites: 0,
    conflicts: 0,
    failures: {},
    recreations: 0,
    causes: {},
    touched: new Set(),
  }
}
