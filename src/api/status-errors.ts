/**
 * The API server's failures as Status values, in the words of upstream.
 * Source: apimachinery/pkg/api/errors/errors.go.
 */
import { deepFreeze } from './clone.ts'
import type { FieldError } from './field-errors.ts'
import { qualifiedResource } from './resource.ts'
import type { Status, StatusCause, StatusReason } from './status.ts'

interface GroupResource {
  readonly group: string
  readonly resource: string
}
interface GroupKind {
  readonly group: string
  readonly kind: string
}
type Details = NonNullable<Status['details']>

const NO_METADATA = Object.freeze({})

/** A failure; `reason` and `details` are left out when undefined, as upstream does. */
export function failure(code: number, reason: StatusReason | undefined, message: string, details?: Details): Status {
  return Object.freeze({
    kind: 'Status' as const,
    apiVersion: 'v1' as const,
    metadata: NO_METADATA,
    status: 'Failure' as const,
    message,
    ...(reason === undefined ? {} : { reason }),
    ...(details === undefined ? {} : { details: deepFreeze(details) }),
    code,
  })
}

/** `details` of an object; '' counts as absent. */
function detailsOf(name: string, group: string, kind: string, causes?: readonly StatusCause[]): Details {
  return {
    ...(name === '' ? {} : { name }),
    ...(group === '' ? {} : { group }),
    ...(kind === '' ? {} : { kind }),
    ...(causes === undefined ? {} : { causes }),
  }
}

export function notFound(resource: GroupResource, name: string): Status {
  return failure(
    404,
    'NotFound',
    `${qualifiedResource(resource)} "${name}" not found`,
    detailsOf(name, resource.group, resource.resource),
  )
}

/** What a path that nothing is served at gets. */
export function pathNotFound(): Status {
  return failure(404, 'NotFound', 'the server could not find the requested resource', {})
}

export function alreadyExists(resource: GroupResource, name: string): Status {
  return failure(
    409,
    'AlreadyExists',
    `${qualifiedResource(resource)} "${name}" already exists`,
    detailsOf(name, resource.group, resource.resource),
  )
}

/** The message of a stale resourceVersion. */
export const OBJECT_MODIFIED =
  'the object has been modified; please apply your changes to the latest version and try again'

export function conflict(resource: GroupResource, name: string, why: string): Status {
  return failure(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${qualifiedResource(resource)} "${name}": ${why}`,
    detailsOf(name, resource.group, resource.resource),
  )
}

export function forbidden(resource: GroupResource, name: string, why: string, causes?: readonly StatusCause[]): Status {
  const subject =
    name === ''
      ? `${qualifiedResource(resource)} is forbidden`
      : `${qualifiedResource(resource)} "${name}" is forbidden`
  return failure(403, 'Forbidden', `${subject}: ${why}`, detailsOf(name, resource.group, resource.resource, causes))
}

export function namespaceTerminating(resource: GroupResource, name: string, namespace: string): Status {
  return forbidden(
    resource,
    name,
    `unable to create new content in namespace ${namespace} because it is being terminated`,
    [
      {
        reason: 'NamespaceTerminating',
        message: `namespace ${namespace} is being terminated`,
        field: 'metadata.namespace',
      },
    ],
  )
}

/** 422 with a cause for each field. Equal faults of one field are named once in the message. */
export function invalid(kind: GroupKind, name: string, errors: readonly FieldError[]): Status {
  const subject = kind.group === '' ? kind.kind : `${kind.kind}.${kind.group}`
  const texts = [...new Set(errors.map((error) => `${error.field}: ${error.message}`))]
  const list = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`
  return failure(
    422,
    'Invalid',
    `${subject} "${name}" is invalid: ${list}`,
    detailsOf(name, kind.group, kind.kind, errors),
  )
}

export function badRequest(message: string): Status {
  return failure(400, 'BadRequest', message)
}

export function methodNotAllowed(): Status {
  return failure(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {})
}

export function unsupportedMediaType(message: string): Status {
  return failure(415, 'UnsupportedMediaType', message)
}

/** The media types of patches in upstream's order. */
export function unsupportedPatchType(accepted: readonly string[]): Status {
  return unsupportedMediaType(
    `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`,
  )
}

export function internalError(why: string): Status {
  return failure(500, 'InternalError', `Internal error occurred: ${why}`, { causes: [{ message: why }] })
}

/** A client must wait (PodDisruptionBudgets refuse evictions so). */
export function tooManyRequests(message: string, retryAfterSeconds: number): Status {
  return failure(429, 'TooManyRequests', message, retryAfterSeconds > 0 ? { retryAfterSeconds } : {})
}
