/**
 * The messages of docs/host-protocol.md: one JSON object a line. The program speaks first; from then on each side sends
 * one message and waits for the other's, but for steps that wait in a program that lets them.
 */
import type { TypeReference } from '#api/object.ts'
import type { ObjectEvent, ReconcileRequest, ReconcileResult } from '#controller/controller.ts'
import type { HostCall, ServedWebhook } from '#controller/host.ts'
import type { ObjectNews, PackedReply } from './kept-objects.ts'

export const PROTOCOL_VERSION = 1

/** A kind that the simulated API server serves. */
export interface ServedResource {
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly resource: string
  readonly namespaced: boolean
}

/** A controller as the program tells of it. */
export interface ToldController {
  readonly name: string
  /** Its primary kind: the one whose name its requests are. */
  readonly for?: TypeReference
  readonly watches: readonly TypeReference[]
  readonly maxConcurrentReconciles?: number
  /** Its work queue; `fifo` unless it says so. */
  readonly queue?: 'fifo' | 'priority'
}

/** What a program sends. */
export type ProgramMessage =
  | {
      readonly type: 'hello'
      readonly protocol: number
      readonly language: string
      readonly pid?: number
      readonly clock?: 'virtual' | 'real'
      readonly versions?: Readonly<Record<string, string>>
      /** It keeps objects, so that they may be named by number. */
      readonly keepsObjects?: boolean
      /** A run may be stopped in a call. */
      readonly stops?: boolean
      /** Steps may be sent before the one under way has ended: they wait. */
      readonly queuesSteps?: boolean
    }
  | {
      readonly type: 'controllers'
      readonly controllers: readonly ToldController[]
      readonly webhooks?: readonly ServedWebhook[]
      /** What the user should know: parts of the program that are not simulated. */
      readonly notes?: readonly string[]
    }
  /** A call of the step that runs; answered by `reply`. */
  | ({ readonly type: 'call'; readonly call: HostCall } & Used)
  /** Ends `deliver`. */
  | { readonly type: 'requests'; readonly requests: readonly ReconcileRequest[]; readonly notes?: readonly string[] }
  /** Ends `review`: the AdmissionResponse, or why there is none. */
  | { readonly type: 'reviewed'; readonly response?: unknown; readonly failed?: string }
  /** Ends `run`. `late`: calls that were made after the reconcile had ended. */
  | ({
      readonly type: 'done'
      readonly result?: ReconcileResult
      readonly late?: readonly string[]
      readonly log?: string
      /** What of the step is not simulated. */
      readonly notes?: readonly string[]
    } & Used)
  | ({
      readonly type: 'failed'
      readonly message: string
      readonly defect?: boolean
      readonly site?: string
      readonly stack?: string
      readonly late?: readonly string[]
      readonly log?: string
      readonly notes?: readonly string[]
    } & Used)
  /** Answers `stop`. */
  | { readonly type: 'stopped' }
  /** The step was to begin at an instant that the program's clock is past; it stands at `nowMs`. */
  | { readonly type: 'past'; readonly nowMs: number }
  /** The order cannot be carried out; the program goes on. */
  | { readonly type: 'unable'; readonly message: string; readonly site?: string; readonly stack?: string }
  /** The step does not come to an end; the program ends itself. */
  | { readonly type: 'stuck'; readonly message: string; readonly site?: string; readonly stack?: string }

/** Of the calls that came with their answers in `run`: how many were made since the program's last message. */
export interface Used {
  readonly used?: number
}

/** What Kamera sends. */
export type KameraMessage =
  | {
      readonly type: 'start'
      readonly protocol: number
      readonly resources: readonly ServedResource[]
      readonly nowMs: number
      readonly instances: 'fresh' | 'kept'
      readonly stepLimitMs: number
    }
  | { readonly type: 'deliver'; readonly controller: string; readonly event: ObjectEvent; readonly nowMs: number }
  | ({
      readonly type: 'run'
      readonly controller: string
      readonly request: ReconcileRequest
      readonly nowMs: number
      /** Its end is to have what the code logged. */
      readonly log?: true
      /** Calls that the run will probably begin with, in order, and their answers. */
      readonly ahead?: readonly { readonly call: HostCall; readonly reply: PackedReply }[]
    } & ObjectNews)
  /** What does the webhook at this path say? `review` is the request of an AdmissionReview. */
  | { readonly type: 'review'; readonly path: string; readonly review: object; readonly nowMs: number }
  | ({ readonly type: 'reply' } & PackedReply & ObjectNews)
  /** Instead of a reply: the run goes no further. */
  | { readonly type: 'stop' }
