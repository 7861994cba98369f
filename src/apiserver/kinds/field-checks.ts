/**
 * Checks of single fields that the validation of several built-in kinds is made of.
 * Source: kubernetes/pkg/apis/core/validation/validation.go, apimachinery/pkg/util/validation.
 */
import { type FieldError, fieldDuplicate, fieldInvalid, fieldNotSupported, fieldRequired } from '#api/field-errors.ts'
import { labelFault, labelValueFault, qualifiedNameFault } from '#api/name-formats.ts'
import { type Fields, fieldsOf, itemsOf } from './behaviour.ts'

/** A fault that only a complete object can be blamed for has `isMissing`, if its reason does not say so already. */
export interface SpecFault extends FieldError {
  readonly isMissing?: true
}

/** The faults of an object's `spec`: whatever is missing or contradicts itself. Pure. */
export type SpecValidation = (spec: Fields, at: string) => readonly SpecFault[]

/** Whole numbers from 0 on, where they are given. */
export function negativeFaults(fields: Fields, at: string, names: readonly string[]): FieldError[] {
  return names
    .filter((name) => typeof fields[name] === 'number' && fields[name] < 0)
    .map((name) => fieldInvalid(`${at}.${name}`, fields[name], 'must be greater than or equal to 0'))
}

/** A field with one of few texts; absent it has its default. */
export function choiceFaults(fields: Fields, at: string, name: string, choices: readonly string[]): FieldError[] {
  const value = fields[name]
  if (value === undefined || choices.includes(value as string)) return []
  return [fieldNotSupported(`${at}.${name}`, value, choices)]
}

/** A text that must be there. */
export function missingFaults(fields: Fields, at: string, names: readonly string[]): FieldError[] {
  return names
    .filter((name) => fields[name] === undefined || fields[name] === '')
    .map((name) => fieldRequired(at === '' ? name : `${at}.${name}`))
}

/** Names of the items of a list: there, DNS labels, and different ones. */
export function itemNameFaults(items: readonly unknown[], at: string, taken: Set<unknown> = new Set()): FieldError[] {
  return items.flatMap((item, index) => {
    const { name } = fieldsOf(item)
    const field = `${at}[${index}].name`
    if (name === undefined || name === '') return [fieldRequired(field)]
    const fault = labelFault(String(name))
    if (fault !== undefined) return [fieldInvalid(field, name, fault)]
    if (taken.has(name)) return [fieldDuplicate(field, name)]
    taken.add(name)
    return []
  })
}

export function portFaults(value: unknown, field: string): FieldError[] {
  return typeof value === 'number' && (value < 1 || value > 65535)
    ? [fieldInvalid(field, value, 'must be between 1 and 65535, inclusive')]
    : []
}

/** A port may be named by a short label with a letter in it. */
export function portNameFaults(value: unknown, field: string): FieldError[] {
  if (typeof value !== 'string' || value === '') return []
  if (value.length > 15) return [fieldInvalid(field, value, 'must be no more than 15 characters')]
  if (!/^[a-z0-9-]+$/.test(value))
    return [fieldInvalid(field, value, 'must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)')]
  if (!/[a-z]/.test(value)) return [fieldInvalid(field, value, 'must contain at least one letter (a-z)')]
  if (value.includes('--')) return [fieldInvalid(field, value, 'must not contain consecutive hyphens')]
  return /^-|-$/.test(value) ? [fieldInvalid(field, value, 'must not begin or end with a hyphen')] : []
}

/** Keys and values of labels. */
export function labelFaults(labels: unknown, field: string): FieldError[] {
  return Object.entries(fieldsOf(labels)).flatMap(([key, value]) => {
    const faults = [qualifiedNameFault(key), labelValueFault(String(value))]
    const shown = [key, value]
    return faults.flatMap((fault, index) => (fault === undefined ? [] : [fieldInvalid(field, shown[index], fault)]))
  })
}

const OPERATORS = ['In', 'NotIn', 'Exists', 'DoesNotExist']

/** A LabelSelector. */
export function selectorFaults(selector: Fields, at: string): FieldError[] {
  return [
    ...labelFaults(selector['matchLabels'], `${at}.matchLabels`),
    ...itemsOf(selector['matchExpressions']).flatMap((item, index) => {
      const { key, operator, values } = fieldsOf(item)
      const place = `${at}.matchExpressions[${index}]`
      const count = itemsOf(values).length
      const fault = qualifiedNameFault(String(key ?? ''))
      const named = fault === undefined ? [] : [fieldInvalid(`${place}.key`, key ?? '', fault)]
      if (!OPERATORS.includes(operator as string))
        return [fieldInvalid(`${place}.operator`, operator ?? '', 'not a valid selector operator'), ...named]
      if (operator === 'In' || operator === 'NotIn')
        return count > 0
          ? named
          : [fieldRequired(`${place}.values`, "must be specified when `operator` is 'In' or 'NotIn'"), ...named]
      return count === 0
        ? named
        : [
            {
              reason: 'FieldValueForbidden',
              message: "Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
              field: `${place}.values`,
            },
            ...named,
          ]
    }),
  ]
}
