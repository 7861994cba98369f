/**
 * Validation errors with a field path, in the words of upstream; `invalid` in `status-errors.ts` makes a Status of them.
 * Source: apimachinery/pkg/util/validation/field/errors.go.
 */
import type { StatusCause } from './status.ts'

/** One fault of one field; `message` is without the field. */
export interface FieldError extends StatusCause {
  readonly reason: string
  readonly message: string
  readonly field: string
}

export function fieldInvalid(field: string, value: unknown, detail: string): FieldError {
  return { reason: 'FieldValueInvalid', message: `Invalid value: ${showValue(value)}${suffix(detail)}`, field }
}

export function fieldTypeInvalid(field: string, value: unknown, detail: string): FieldError {
  return { reason: 'FieldValueTypeInvalid', message: `Invalid value: ${showValue(value)}${suffix(detail)}`, field }
}

export function fieldRequired(field: string, detail = ''): FieldError {
  return { reason: 'FieldValueRequired', message: `Required value${suffix(detail)}`, field }
}

export function fieldForbidden(field: string, detail: string): FieldError {
  return { reason: 'FieldValueForbidden', message: `Forbidden${suffix(detail)}`, field }
}

export function fieldDuplicate(field: string, value: unknown): FieldError {
  return { reason: 'FieldValueDuplicate', message: `Duplicate value: ${showValue(value)}`, field }
}

export function fieldNotSupported(field: string, value: unknown, supported: readonly string[]): FieldError {
  const list = supported.map((item) => JSON.stringify(item)).join(', ')
  return {
    reason: 'FieldValueNotSupported',
    message: `Unsupported value: ${showValue(value)}: supported values: ${list}`,
    field,
  }
}

export function fieldTooLong(field: string, bytesMax: number): FieldError {
  return { reason: 'FieldValueTooLong', message: `Too long: may not be more than ${bytesMax} bytes`, field }
}

export function fieldTooMany(field: string, actual: number, most: number): FieldError {
  return {
    reason: 'FieldValueTooMany',
    message: `Too many: ${actual}: must have at most ${most} ${most === 1 ? 'item' : 'items'}`,
    field,
  }
}

/** Strings in quotes, other values as JSON. */
function showValue(value: unknown): string {
  return value === undefined ? 'null' : JSON.stringify(value)
}

function suffix(detail: string): string {
  return detail === '' ? '' : `: ${detail}`
}
