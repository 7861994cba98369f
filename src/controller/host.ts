/**
 * How controller code is run: a host takes one reconcile from its start to its end and asks for the answer of
 * every call it makes. It knows nothing of the search; the explorer answers from the effect trie as far as that
 * goes, then from a cluster state.
 */
import type { Json, KubernetesObject, TypeReference } from '#api/object.ts'
import type { Status } from '#api/status.ts'
import type { ObjectEvent, ReconcileRequest, ReconcileResult } from '#controller/controller.ts'

/** Reads that answer from the process's view (`cached`) or from the API server. `kind: '*'` lists every kind. */
export interface ReadCall {
  readonly op: 'get' | 'list'
  readonly cached: boolean
  readonly type: TypeReference
  readonly namespace?: string
  /** For a get. */
  readonly name?: string
  /** For a list: selectors in string form, '' when absent. */
  readonly labelSelector?: string
  readonly fieldSelector?: string
  readonly subresource?: string
}

/** A write. `body` is the object or patch, frozen JSON. */
export interface WriteCall {
  readonly op: 'create' | 'update' | 'patch' | 'delete' | 'deletecollection'
  readonly type: TypeReference
  readonly namespace?: string
  readonly name?: string
  readonly subresource?: string
  readonly patchType?: 'json' | 'merge' | 'strategic' | 'apply'
  readonly body?: Json
  readonly options?: Json
}

/** Clock and chance. A `random` reply is a number in [0, 1) (Math.random), a uuid string, or bytes as hex.
 *  `site` is the call site in the user's code, for reports; it is no part of the call's identity. */
export interface ClockCall {
  readonly op: 'now'
  readonly site?: string
}
export interface RandomCall {
  readonly op: 'random'
  readonly what: 'number' | 'uuid' | 'bytes'
  readonly bytes?: number
  readonly site?: string
}

/** A call of an external system of the scenario. `args` are frozen JSON. */
export interface ExternalCall {
  readonly op: 'external'
  readonly system: string
  readonly method: string
  readonly args: readonly Json[]
}

/** What an external system threw. */
export interface ExternalFailure {
  readonly name: string
  readonly message: string
  readonly code?: string | number
}

/** Asks for the event that an event-handler controller is called with: its first call, and made once. */
export interface EventCall {
  readonly op: 'event'
}

export type HostCall = ReadCall | WriteCall | ClockCall | RandomCall | ExternalCall | EventCall

/** The answer: `object` for a get or write, `items` for a list, `status` for an API failure, `value` for clock
 *  (milliseconds) and chance, `result` or `failure` for an external system, `event` for a handler. Objects are frozen and carry their
 *  resourceVersion. */
export type HostReply =
  | { readonly object: KubernetesObject | undefined }
  | { readonly items: readonly KubernetesObject[] }
  | { readonly status: Status }
  | { readonly value: number | string }
  | { readonly result: Json | undefined }
  | { readonly failure: ExternalFailure }
  | { readonly event: ObjectEvent }

/** Returned instead of a reply: stop this reconcile here; it is abandoned, none of its code runs any more. */
export const STOP: unique symbol = Symbol('stop')

/** Answers a call at once. `batch` numbers calls issued together (`Promise.all`): calls made before the code
 *  could see the answer of an earlier one have the same number. Clock and chance are answered on the spot: they
 *  bear the number at hand and raise it for none. */
export type Respond = (call: HostCall, batch: number) => HostReply | typeof STOP

/** How a reconcile ended. */
export type RunOutcome =
  | { readonly type: 'done'; readonly result: ReconcileResult; readonly memory?: Json }
  /** The reconciler threw: an ApiError or Error is retried; `defect` marks a TypeError, ReferenceError, RangeError,
   *  an unhandled rejection or nonsense returned: a finding by itself. `site` is the user's line. */
  | {
      readonly type: 'error'
      readonly message: string
      readonly defect: boolean
      readonly apiStatus?: Status
      readonly site?: string
      readonly memory?: Json
    }
  | { readonly type: 'stopped' }
  /** The code cannot be explored as it is (awaits a socket, never resolves, loops for ever): a scenario error. */
  | { readonly type: 'unusable'; readonly message: string; readonly site?: string }

export interface RunRequest {
  readonly controller: string
  readonly request: ReconcileRequest
  /** Memory snapshot, for controllers that declare it; absent in a fresh process. */
  readonly memory?: Json
  readonly respond: Respond
  /** Takes what the code logs in this run, where anybody reads it. */
  readonly onLog?: (text: string) => void
  /** Reads that the run will probably make from here on, with their answers. A host may hand these out as long as the
   *  code makes exactly these calls in order; each that it makes is still to be put to `respond`. */
  readonly readsAhead?: () => readonly { readonly call: HostCall; readonly reply: HostReply }[]
  /** Events to controllers of the same process that will probably be asked about for what the run has written since
   *  this was called last. A host may find out their requests meanwhile. */
  readonly eventsAhead?: () => readonly EventAhead[]
}

/** An event that a controller will probably be asked about: then with this very object. */
export interface EventAhead {
  readonly controller: string
  readonly event: ObjectEvent
}

/**
 * What user code outside a reconcile gets where it asks for what only a reconcile has; `site` is the place in its code.
 * Either may throw, which refuses.
 */
export interface Outside {
  /** Milliseconds since 1970. */
  nowMs(site: string | undefined): number
  /** In [0, 1). */
  randomNumber(site: string | undefined): number
}

export type AnswerRead = (call: ReadCall) => HostReply

/** A webhook that a program serves. */
export interface ServedWebhook {
  readonly path: string
  /** What it does, as far as the program knows; `other`: it is asked where a configuration says so. */
  readonly role: 'mutating' | 'validating' | 'conversion' | 'other'
  /** The kind that it was built for. */
  readonly type?: TypeReference
}

/** The `response` of an AdmissionReview, or why there is none. */
export type ReviewOutcome = { readonly response: Json } | { readonly failed: string }

/** Webhooks that are code under exploration. They are asked at once; `answer` reads the storage. */
export interface HostWebhooks {
  readonly served: readonly ServedWebhook[]
  review(path: string, request: object, answer: AnswerRead): ReviewOutcome
}

/** Runs controller code. One per scenario and kind of code; closed when the exploration ends. */
export interface Host {
  run(request: RunRequest): Promise<RunOutcome>
  /**
   * Runs other user code (a mapping function, a property) at once; `what` names it, should it never come back. What it
   * takes from a clock or from chance is `outside`'s.
   */
  guard?<T>(what: string, run: () => T, outside: Outside): T
  /** Rejected when guarded code had to be terminated: the search that called it is gone as well. */
  readonly stuck?: Promise<never>
  /** Undefined: it serves none. */
  readonly webhooks?: HostWebhooks
  /** What users should know of code that is not simulated. */
  readonly notes?: readonly string[]
  close(): Promise<void>
}
