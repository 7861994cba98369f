/**
 * The events of a trace, one a line of JSON, in the order in which they happened; `docs/trace-format.md` explains
 * them. Order is by resourceVersion and by cause: the times that recorders of live clusters add order nothing.
 */
import type { Json, KubernetesObject, TypeReference } from '#api/object.ts'
import type { Status } from '#api/status.ts'
import type { Cause, FaultRecord, ObjectName, PathStep } from './path.ts'

export const TRACE_FORMAT_VERSION = 1

/** The first line. */
export type TraceHeader = SimulatedTraceHeader | RecordedTraceHeader

/** Of a run of the simulator. */
export interface SimulatedTraceHeader {
  readonly type: 'trace'
  readonly formatVersion: typeof TRACE_FORMAT_VERSION
  readonly source: 'simulator'
  readonly scenario: string
  readonly profile: string
  readonly granularity: string
  readonly strategy: string
  readonly seed: number
  /** What it was simulated with, as `explore` calls it. */
  readonly options?: Readonly<Record<string, unknown>>
  /** The names of its actions, one a step: `replay` takes them again. */
  readonly actions?: readonly string[]
  /** The scenario's file as it was given, and its parameters. */
  readonly file?: string
  readonly set?: Readonly<Record<string, unknown>>
}

/** Of a recording of a live cluster. */
export interface RecordedTraceHeader {
  readonly type: 'trace'
  readonly formatVersion: typeof TRACE_FORMAT_VERSION
  readonly source: 'live'
  /** `import`: the log of another tool, read by `kamera import`. */
  readonly recorder: 'proxy' | 'client-node' | 'go' | 'import'
  /** Files of one recording are numbered from 1. */
  readonly part: number
  /** The same in all files of one recording. */
  readonly recording: string
}

/**
 * What all later lines have. `step` is the number of the step of the run, from 0; in a recording every event is a step.
 * `timeMs`: in recordings, milliseconds since 1970 by the recorder's clock; it orders nothing.
 */
interface At {
  readonly step: number
  readonly timeMs?: number
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
    | WatchBegin
    | { readonly type: 'watch-end'; readonly process: string; readonly watch: string; readonly status?: Status }
    /** Events that the recorder had no room for: the sink was slower than the cluster. `step`: the first of them. */
    | { readonly type: 'dropped'; readonly events: number; readonly reason: string }
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
  /** The declared memory with which it began. */
  readonly memory?: Json
  /** No wrapper marked it: the recorder took these calls for one reconcile. */
  readonly inferred?: true
}

/** A recording: a watch was opened, or the list before it was read. Its events are deliveries. */
interface WatchBegin {
  readonly type: 'watch-begin'
  readonly process: string
  readonly watch: string
  readonly object: TypeReference
  readonly namespace?: string
  readonly labelSelector?: string
  readonly fieldSelector?: string
  /** From which version on. Absent: from now, or with the objects that are there. */
  readonly resourceVersion?: string
}

interface ReconcileEnd {
  readonly type: 'reconcile-end'
  readonly reconcile: ReconcileId
  readonly result: NonNullable<PathStep['result']>
  readonly inferred?: true
}

/** A call of the API: by a reconcile, by the user, or in a recording by a process outside its reconciles. */
export interface ApiCall {
  readonly type: 'call'
  readonly by: ReconcileId | 'user'
  /** In a recording: whose call it is. */
  readonly process?: string
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
  /** The client asked for metadata or a table alone. */
  readonly partial?: true
  /** In a recording: the step that came next when the request was sent. */
  readonly sent?: number
  /** The version of a recorded list. */
  readonly resourceVersion?: string
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
  /** In a recording: the stream that it came by. */
  readonly watch?: string
  /** In a recording: the object as it was sent. */
  readonly value?: KubernetesObject
  /** The watch was of metadata alone. */
  readonly partial?: true
}
