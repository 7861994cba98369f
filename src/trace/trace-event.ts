/**
 * The events of a trace, one a line of JSON, in the order in which they happened; `docs/trace-format.md` explains
 * them. Times are not in it: order is by resourceVersion and by cause.
 */
import type { Json, KubernetesObject, TypeReference } from '#api/object.ts'
import type { Status } from '#api/status.ts'
import type { Cause, FaultRecord, ObjectName, PathStep } from './path.ts'

export const TRACE_FORMAT_VERSION = 1

/** The first line. */
export interface TraceHeader {
  readonly type: 'trace'
  readonly formatVersion: typeof TRACE_FORMAT_VERSION
  readonly source: 'simulator'
  readonly scenario: string
  readonly profile: string
  readonly granularity: string
  readonly strategy: string
  readonly seed: number
}

/** What all later lines have. `step` is the number of the step of the run, from 0. */
interface At {
  readonly step: number
}

/** Which reconcile: unique in its trace. */
export type ReconcileId = string

export type TraceEvent = At &
  (
    | ReconcileBegin
    | ReconcileEnd
    | ApiCall
    | OtherCall
    | Delivery
    | { readonly type: 'watch-lag'; readonly process: string; readonly fault: FaultRecord }
    /** `abandoned`: reconciles of the process that were in flight; they have no end. */
    | { readonly type: 'crash'; readonly process: string; readonly abandoned: readonly ReconcileId[] }
    | { readonly type: 'process-start'; readonly process: string; readonly enqueued: readonly string[] }
    | { readonly type: 'timer'; readonly controller: string; readonly request: Request }
    /** A step for which there is no event of its own. */
    | { readonly type: 'step'; readonly title: string; readonly faults: readonly FaultRecord[] }
    /** The last line. */
    | { readonly type: 'end'; readonly steps: number }
  )

interface Request {
  readonly namespace?: string
  readonly name: string
}

interface ReconcileBegin {
  readonly type: 'reconcile-begin'
  readonly reconcile: ReconcileId
  readonly process: string
  readonly controller: string
  readonly request: Request
  /** All of them; `step` of a cause is that of the write. */
  readonly causes: readonly Cause[]
}

interface ReconcileEnd {
  readonly type: 'reconcile-end'
  readonly reconcile: ReconcileId
  readonly result: NonNullable<PathStep['result']>
}

/** A call of the API: by a reconcile, or by the user. */
interface ApiCall {
  readonly type: 'call'
  readonly by: ReconcileId | 'user'
  readonly verb: 'get' | 'list' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection'
  readonly object: TypeReference
  readonly namespace?: string
  readonly name?: string
  readonly subresource?: string
  /** Answered from the process's cache. Writes never are. */
  readonly cached: boolean
  readonly request: {
    readonly labelSelector?: string
    readonly fieldSelector?: string
    readonly patchType?: string
    readonly body?: Json
    readonly options?: Json
  }
  readonly response:
    | { readonly object: KubernetesObject | null }
    | { readonly items: readonly KubernetesObject[] }
    | { readonly status: Status }
  /** What a write committed, in order. None: it failed or changed nothing. */
  readonly committed?: readonly {
    readonly object: ObjectName
    readonly resourceVersion: string
    readonly removed: boolean
  }[]
}

/** The clock, chance, or an external system. */
interface OtherCall {
  readonly type: 'other-call'
  readonly by: ReconcileId
  readonly what: string
  readonly answer: Json
}

/** A watch event reached a process. `late`: not with the commit. */
interface Delivery {
  readonly type: 'delivery'
  readonly process: string
  readonly event: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly object: ObjectName
  readonly resourceVersion: string
  readonly late: boolean
}
