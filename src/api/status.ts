/**
 * The API's outcome value and the error that carries it to a caller.
 * Source: apimachinery/pkg/apis/meta/v1 (StatusReason).
 */

export type StatusReason =
  | 'BadRequest'
  | 'Unauthorized'
  | 'Forbidden'
  | 'NotFound'
  | 'AlreadyExists'
  | 'Conflict'
  | 'Gone'
  | 'Expired'
  | 'Invalid'
  | 'MethodNotAllowed'
  | 'NotAcceptable'
  | 'UnsupportedMediaType'
  | 'RequestEntityTooLarge'
  | 'Timeout'
  | 'ServerTimeout'
  | 'TooManyRequests'
  | 'InternalError'
  | 'ServiceUnavailable'

export interface StatusCause {
  readonly reason?: string
  readonly message?: string
  readonly field?: string
}

export interface Status {
  readonly apiVersion: 'v1'
  readonly kind: 'Status'
  /** `continue`: how to go on with a list whose snapshot is forgotten. */
  readonly metadata: { readonly continue?: string }
  readonly status: 'Success' | 'Failure'
  readonly message?: string
  readonly reason?: StatusReason
  readonly details?: {
    readonly name?: string
    readonly group?: string
    readonly kind?: string
    readonly uid?: string
    readonly causes?: readonly StatusCause[]
    readonly retryAfterSeconds?: number
  }
  readonly code: number
}

/** The answer to a DELETE that removed an object. `details.kind` is the plural, as upstream says itself. */
export interface SuccessStatus {
  readonly apiVersion: 'v1'
  readonly kind: 'Status'
  readonly metadata: Readonly<Record<string, never>>
  readonly status: 'Success'
  readonly details?: { readonly name?: string; readonly group?: string; readonly kind?: string; readonly uid?: string }
}

/** Thrown by clients when the API server answers with a failure. `code` is the HTTP status. */
export class ApiError extends Error {
  readonly status: Status
  readonly code: number

  constructor(status: Status) {
    super(status.message ?? status.reason ?? `HTTP ${status.code}`)
    this.name = 'ApiError'
    this.status = status
    this.code = status.code
  }

  get reason(): StatusReason | undefined {
    return this.status.reason
  }
  get isNotFound(): boolean {
    return this.status.reason === 'NotFound'
  }
  get isConflict(): boolean {
    return this.status.reason === 'Conflict'
  }
  get isAlreadyExists(): boolean {
    return this.status.reason === 'AlreadyExists'
  }
}
