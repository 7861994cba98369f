/**
 * What happened on a path, as data: each step with its cause, what it read, what was true then, and what it wrote.
 * Reports, inspectors and counterexample files show this and nothing else; no engine is needed to read it.
 */
import type { KubernetesObject, TypeReference } from '#api/object.ts'
import type { Status } from '#api/status.ts'

/** `Kind namespace/name`, or `Kind name` for cluster-scoped objects. */
export type ObjectName = string

/** Why a request was in the queue, one entry a cause. */
export interface Cause {
  /** `start`: the list at a process start; `event`: a watch event; `retry`: an earlier error or requeue; `timer`: requeueAfter. */
  readonly type: 'start' | 'event' | 'retry' | 'timer'
  /** The object whose event or listing enqueued the request. */
  readonly object?: ObjectName
  readonly event?: 'ADDED' | 'MODIFIED' | 'DELETED'
  /** Index of the step whose write this was (-1: the initial state). */
  readonly step?: number
  /** In a recording: nobody who was recorded wrote it. */
  readonly byOthers?: true
}

/** An object as a read answered it. */
export interface HeldObject {
  readonly name: string
  readonly resourceVersion: string
  readonly uid?: string
}

/** A read of a reconcile. `behind` > 0 when the answer was not the truth at that moment. */
export interface ReadRecord {
  readonly type: TypeReference
  /** `call`: a query of an external system, written out in `target`. */
  readonly op: 'get' | 'list' | 'call'
  readonly cached: boolean
  /** `namespace/name`, or namespace and selectors of a list. */
  readonly target: string
  /** Names (with resourceVersion) of what was answered; empty for NotFound or an empty list. */
  readonly answered: readonly HeldObject[]
  /** How many events of these objects the view had not seen. 0: fresh. */
  readonly behind: number
  /** What a fresh read would have answered, when `behind` > 0. */
  readonly truth?: readonly HeldObject[]
  /** What the read failed with instead of being answered. */
  readonly status?: Status
}

/** A write and what became of it. `before`/`after` are whole objects (after absent when removed or failed). */
export interface WriteRecord {
  /** `call`: a method of an external system, which `object` names and `call` writes out. */
  readonly op: 'create' | 'update' | 'patch' | 'delete' | 'deletecollection' | 'call'
  readonly object: ObjectName
  readonly call?: string
  /** What a call answered: its result or the message of its error, as JSON. */
  readonly answer?: string
  readonly subresource?: string
  /** `committed`, `unchanged` (a no-op: no revision, no event), or the failure. */
  readonly outcome: 'committed' | 'unchanged' | 'failed'
  readonly status?: Status
  /** True when the answer was lost on the way (a fault): the reconciler saw `status`, the write stayed. */
  readonly answerLost?: boolean
  readonly before?: KubernetesObject
  readonly after?: KubernetesObject
}

/** A fault or free choice of the environment that this step contains. */
export interface FaultRecord {
  readonly fault: 'stale' | 'crash' | 'apiError' | 'relist' | 'handover' | 'slow'
  /** One sentence: `process "operator" stops receiving Pod events`. */
  readonly description: string
  /** It costs nothing: another fault of the path pays for it. */
  readonly free?: true
}

export type StepType =
  /** A whole reconcile (granularity `reconcile`). */
  | 'reconcile'
  /** A reconcile begins: its reads up to the first write. */
  | 'begin'
  /** One write of a reconcile in flight, and the reads after it. */
  | 'write'
  | 'user'
  | 'timer'
  /** One late event reaches a process. */
  | 'catch-up'
  /** A process stops and starts anew. */
  | 'restart'
  /** A second instance of a process takes over. */
  | 'handover'
  | 'environment'

export interface PathStep {
  readonly index: number
  readonly type: StepType
  /** One line: `zookeeper-operator reconciles default/zk`. */
  readonly title: string
  readonly process?: string
  readonly controller?: string
  readonly request?: { readonly namespace?: string; readonly name: string }
  readonly causes: readonly Cause[]
  readonly reads: readonly ReadRecord[]
  readonly writes: readonly WriteRecord[]
  readonly faults: readonly FaultRecord[]
  /** How the reconcile ended, when it ended in this step. */
  readonly result?: {
    readonly type: 'done' | 'requeue' | 'requeueAfter' | 'error' | 'crashed'
    readonly afterMs?: number
    readonly message?: string
  }
  /** What its code logged, when it ended in this step: lines. */
  readonly log?: string
  /** Requests enqueued by this step's writes or deliveries: `controller namespace/name`. */
  readonly enqueued: readonly string[]
  /** First step of the cycle of a lasso. */
  readonly cycleStart?: boolean
}

/** A path from the initial state. `actions` is what `replay` follows; `steps` is what people read. */
export interface PathRecord {
  readonly actions: readonly string[]
  readonly steps: readonly PathStep[]
  /** For a lasso: the index in `actions` where the cycle begins. */
  readonly cycleStart?: number
  /** Requests that are still to run where the path ends, and would change nothing: the cluster is as good as at rest. */
  readonly idle?: readonly string[]
  /** Of a recording: what programs read from their own caches is not in it. */
  readonly recorded?: true
}
