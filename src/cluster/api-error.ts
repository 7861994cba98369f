/**
 * The fault `apiError`: which calls of a reconcile may fail, in which ways, and what the caller is told.
 *
 * A failing call is answered by a Status as a real client would see it, and the code goes on: it may catch, retry or
 * give up. A timeout that was applied has committed its write; its events are delivered as always.
 *
 * Which variants there are, so that none is there twice: a conflict only where the call carries a resourceVersion or a
 * uid; an applied timeout only where the write changes something, for else it is the timeout that was not applied
 * (same store, same answer, same code from there on). Reads that go to the API server time out, fail and are throttled
 * too; cached reads cannot fail, but under `linearizable` no read is cached. A call of an external system times out,
 * applied (if it would change something) or not.
 */

import type { Json } from '#api/object.ts'
import { qualifiedResource } from '#api/resource.ts'
import type { Status } from '#api/status.ts'
import { conflict, failure, internalError, OBJECT_MODIFIED } from '#api/status-errors.ts'
import { hashString, lanesKey } from './structural-hash.ts'
import type { Reply } from './tables.ts'
import type { Operation, WriteOperation } from './trie.ts'
import type { World } from './world.ts'

/** How a call may fail. */
export type ApiErrorType = 'conflict' | 'timeout-applied' | 'timeout' | 'internal-error' | 'too-many-requests'

/** One injected error: call number `call` of a reconcile, from 0, fails. */
export interface ApiErrorChoice {
  readonly call: number
  readonly type: ApiErrorType
}

export const NO_ERRORS: readonly ApiErrorChoice[] = []

const READ_ERRORS: readonly ApiErrorType[] = ['timeout', 'internal-error', 'too-many-requests']
/** Of an external system nobody knows more than that it may not answer in time. */
const EXTERNAL_ERRORS: readonly ApiErrorType[] = ['timeout-applied', 'timeout']
const EXTERNAL_ERRORS_UNCHANGED: readonly ApiErrorType[] = ['timeout']
const NEVER: readonly ApiErrorType[] = []

/** Whether a call goes to the API server or to an external system, so that it can fail. */
export function canFail(world: World, operation: Operation): boolean {
  if (operation.op === 'write' || operation.op === 'external') return true
  if (operation.op !== 'get' && operation.op !== 'list') return false
  return !operation.cached || world.rules.profile === 'linearizable'
}

/** The ways in which a call may fail, in the order in which variants are listed. `changes`: whether it would have changed something. */
export function errorTypesOf(world: World, operation: Operation, changes: boolean): readonly ApiErrorType[] {
  if (!canFail(world, operation)) return NEVER
  if (operation.op === 'external') return changes ? EXTERNAL_ERRORS : EXTERNAL_ERRORS_UNCHANGED
  if (operation.op !== 'write') return READ_ERRORS
  const types: ApiErrorType[] = carriesPrecondition(operation) ? ['conflict'] : []
  if (changes) types.push('timeout-applied')
  types.push(...READ_ERRORS)
  return types
}

/** Whether a write says which revision or incarnation of its object it is meant for. */
function carriesPrecondition({ call, revisionFrom }: WriteOperation): boolean {
  if (call.op === 'create') return false
  if (revisionFrom >= 0) return true
  if (call.op === 'delete' || call.op === 'deletecollection') {
    const { preconditions } = (call.options ?? {}) as { readonly preconditions?: object }
    return preconditions !== undefined && Object.keys(preconditions).length > 0
  }
  if (Array.isArray(call.body)) return call.body.some(setsPrecondition)
  const { metadata } = (call.body ?? {}) as { readonly metadata?: { resourceVersion?: unknown; uid?: unknown } }
  return metadata?.resourceVersion !== undefined || metadata?.uid !== undefined
}

/** An operation of a JSON patch that writes the revision or uid (a `test` of one fails as invalid, not as a conflict). */
function setsPrecondition(operation: Json): boolean {
  const { op, path } = operation as { readonly op?: unknown; readonly path?: unknown }
  return (op === 'add' || op === 'replace') && (path === '/metadata/resourceVersion' || path === '/metadata/uid')
}

/** An operation of the trie is failed again and again, and always in the same words. */
const replies = new WeakMap<Operation, Partial<Record<ApiErrorType, Reply>>>()

/** What the caller of a failing call is answered. */
export function errorReply(operation: Operation, type: ApiErrorType): Reply {
  let known = replies.get(operation)
  if (known === undefined) {
    known = {}
    replies.set(operation, known)
  }
  known[type] ??= replyOf(operation, type)
  return known[type]
}

function replyOf(operation: Operation, type: ApiErrorType): Reply {
  const status = statusOf(operation, type)
  hashString(JSON.stringify(status))
  return { key: -1 - lanesKey(), objects: [], form: 'status', value: status }
}

const HTTP_VERBS: Readonly<Record<string, string>> = {
  get: 'get',
  list: 'get',
  create: 'post',
  update: 'put',
  patch: 'patch',
  delete: 'delete',
  deletecollection: 'delete',
}

function statusOf(operation: Operation, type: ApiErrorType): Status {
  const { verb, resource, name } = targetOf(operation)
  switch (type) {
    case 'conflict':
      return conflict(resource, name, OBJECT_MODIFIED)
    case 'timeout':
    case 'timeout-applied':
      // apimachinery NewTimeoutError, as said by apiserver/pkg/endpoints/handlers/finisher when a request takes too long.
      return failure(
        504,
        'Timeout',
        'Timeout: request did not complete within requested timeout - context deadline exceeded',
        {},
      )
    case 'internal-error':
      return internalError('etcdserver: leader changed')
    case 'too-many-requests':
      return throttled(verb, resource, name)
  }
}

/** What client-go and others make of the bare text of apiserver's maxinflight filter: NewGenericServerResponse. */
function throttled(
  verb: string,
  resource: { readonly group: string; readonly resource: string },
  name: string,
): Status {
  const target = [verb, qualifiedResource(resource), name].filter((part) => part !== '').join(' ')
  return failure(
    429,
    'TooManyRequests',
    `the server has received too many requests and has asked us to try again later (${target})`,
    {
      ...(name === '' ? {} : { name }),
      ...(resource.group === '' ? {} : { group: resource.group }),
      kind: resource.resource,
      causes: [{ reason: 'UnexpectedServerResponse', message: 'Too many requests, please try again later.' }],
      retryAfterSeconds: 1,
    },
  )
}

interface Target {
  readonly verb: string
  readonly resource: { readonly group: string; readonly resource: string }
  readonly name: string
}

function targetOf(operation: Operation): Target {
  switch (operation.op) {
    case 'get': {
      const { resource } = operation.slot.kind
      return { verb: 'get', resource, name: operation.slot.name }
    }
    case 'list': {
      const resource = operation.kind === undefined ? { group: '', resource: '*' } : operation.kind.resource
      return { verb: 'get', resource, name: '' }
    }
    case 'write': {
      const { call, kind, slot } = operation
      return {
        verb: HTTP_VERBS[call.op] ?? call.op,
        resource: kind.resource,
        name: call.name ?? (call.op === 'create' ? '' : (slot?.name ?? '')),
      }
    }
    default:
      throw new Error(`a call of ${operation.op} does not reach the API server`)
  }
}
