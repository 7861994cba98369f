/**
 * DeleteOptions, which come in the query, in the body, or in both.
 * Source: apimachinery/pkg/apis/meta/v1/validation (ValidateDeleteOptions).
 */
import { fieldInvalid, fieldNotSupported } from '#api/field-errors.ts'
import type { Status } from '#api/status.ts'
import { badRequest, invalid } from '#api/status-errors.ts'
import type { ApiRequest, PropagationPolicy, RequestOptions } from './request.ts'
import { dryRunFault } from './write-options.ts'

/** DeleteOptions of the body over those of the query. */
export type DeleteOptions = Pick<
  RequestOptions,
  'preconditions' | 'propagationPolicy' | 'gracePeriodSeconds' | 'orphanDependents' | 'dryRun'
>

/** The options of a delete, from body and query, or the 422 that refuses them. */
export function deleteOptionsOf(request: ApiRequest): DeleteOptions | { readonly failure: Status } {
  const fault = bodyKindFault(request.body)
  if (fault !== undefined) return { failure: fault }
  const body =
    request.body !== null && typeof request.body === 'object' ? (request.body as Record<string, unknown>) : undefined
  const options: DeleteOptions =
    body === undefined ? (request.options ?? {}) : { ...request.options, ...optionsOfBody(body) }
  const dryRun: unknown = body?.['dryRun']
  if (Array.isArray(dryRun) && dryRun.some((value) => value !== 'All'))
    return { failure: dryRunFault(request.verb, dryRun as readonly string[]) }
  const { propagationPolicy, orphanDependents } = options
  if (propagationPolicy === undefined) return options
  const kind = { group: 'meta.k8s.io', kind: 'DeleteOptions' }
  if (orphanDependents !== undefined) {
    const error = fieldInvalid(
      'propagationPolicy',
      propagationPolicy,
      'orphanDependents and deletionPropagation cannot be both set',
    )
    return { failure: invalid(kind, '', [error]) }
  }
  if (!POLICIES.includes(propagationPolicy)) {
    return {
      failure: invalid(kind, '', [fieldNotSupported('propagationPolicy', propagationPolicy, [...POLICIES, 'nil'])]),
    }
  }
  return options
}

/** A body that says it is something else than DeleteOptions. */
function bodyKindFault(body: unknown): Status | undefined {
  if (body === null || typeof body !== 'object') return undefined
  const { kind, apiVersion } = body as Readonly<Record<string, unknown>>
  if (!kind || kind === 'DeleteOptions') return undefined
  return badRequest(`no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion ?? '')}`)
}

const POLICIES: readonly PropagationPolicy[] = ['Foreground', 'Background', 'Orphan']

function optionsOfBody(body: Record<string, unknown>): DeleteOptions {
  const { preconditions, propagationPolicy, gracePeriodSeconds, orphanDependents, dryRun } = body
  return {
    ...(preconditions === undefined || preconditions === null
      ? {}
      : { preconditions: preconditions as NonNullable<DeleteOptions['preconditions']> }),
    ...(typeof propagationPolicy === 'string' ? { propagationPolicy: propagationPolicy as PropagationPolicy } : {}),
    ...(typeof gracePeriodSeconds === 'number' ? { gracePeriodSeconds } : {}),
    ...(typeof orphanDependents === 'boolean' ? { orphanDependents } : {}),
    ...(Array.isArray(dryRun) && dryRun.length > 0 ? { dryRun: true } : {}),
  }
}
