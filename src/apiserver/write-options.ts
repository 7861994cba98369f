/**
 * Faults of the options of a create, update or patch.
 * Source: apimachinery/pkg/apis/meta/v1/validation/validation.go.
 */
import {
  type FieldError,
  fieldForbidden,
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
  fieldTooLong,
} from '#api/field-errors.ts'
import type { Status } from '#api/status.ts'
import { invalid } from '#api/status-errors.ts'
import type { ApiRequest, Verb } from './request.ts'

const OPTIONS_KINDS: Readonly<Record<string, string>> = {
  create: 'CreateOptions',
  update: 'UpdateOptions',
  patch: 'PatchOptions',
  delete: 'DeleteOptions',
  deletecollection: 'DeleteOptions',
}
const FIELD_VALIDATIONS: readonly string[] = ['Ignore', 'Strict', 'Warn']
const FIELD_MANAGER_LENGTH_MAX = 128

/** The 422 of a dry run of something else than all. */
export function dryRunFault(verb: Verb, dryRun: readonly string[]): Status {
  const kind = { group: 'meta.k8s.io', kind: OPTIONS_KINDS[verb] ?? 'ListOptions' }
  return invalid(kind, '', [fieldNotSupported('dryRun', dryRun, ['All'])])
}

/** Whether a write comes over HTTP, where each asks for field validation; those of a simulation's controllers do not. */
export function isOfOutside({ options }: ApiRequest): boolean {
  return options?.fieldValidation !== undefined
}

/** Why the options of a create, update or patch are refused; undefined when they are fine, and for other verbs. */
export function writeOptionsFault({ verb, patchType, options }: ApiRequest): Status | undefined {
  const kind = OPTIONS_KINDS[verb]
  if (kind === undefined || verb === 'delete' || verb === 'deletecollection') return undefined
  if (options === undefined && patchType !== 'apply') return undefined
  const { fieldManager = '', fieldValidation, force } = options ?? {}
  const errors: FieldError[] = []
  if (patchType === 'apply' && fieldManager === '')
    errors.push(fieldRequired('fieldManager', 'is required for apply patch'))
  if (verb === 'patch' && patchType !== 'apply' && force !== undefined)
    errors.push(fieldForbidden('force', 'may not be specified for non-apply patch'))
  if (fieldManager.length > FIELD_MANAGER_LENGTH_MAX)
    errors.push(fieldTooLong('fieldManager', FIELD_MANAGER_LENGTH_MAX))
  if (/[\p{C}\p{Zl}\p{Zp}]/u.test(fieldManager))
    errors.push(fieldInvalid('fieldManager', fieldManager, 'invalid character'))
  if (fieldValidation !== undefined && !FIELD_VALIDATIONS.includes(fieldValidation))
    errors.push(fieldNotSupported('fieldValidation', fieldValidation, ['', ...FIELD_VALIDATIONS]))
  return errors.length === 0 ? undefined : invalid({ group: 'meta.k8s.io', kind }, '', errors)
}
