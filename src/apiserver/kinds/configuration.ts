/**
 * ConfigMaps and Secrets.
 * Source: kubernetes/pkg/registry/core/{configmap,secret}, pkg/apis/core/validation.
 */

import { equalJson } from '#api/equal.ts'
import { type FieldError, fieldForbidden, fieldInvalid, fieldRequired, fieldTooLong } from '#api/field-errors.ts'
import type { KubernetesObject } from '#api/object.ts'
import { encodeText } from '../base64.ts'
import { type Fields, fieldsOf, type KindBehaviour, NO_ERRORS, withField } from './behaviour.ts'

const BYTES_MAX = 1024 * 1024

export const configMaps: KindBehaviour = {
  withDefaults: (fields) => withoutEmpty(withoutEmpty(fields, 'data'), 'binaryData'),
  typeFault: (fields) =>
    textMapFault(fields, 'data') ?? textMapFault(fields, 'binaryData') ?? base64Fault(fields, 'binaryData'),
  validate: (fields) => {
    const data = fieldsOf(fields['data'])
    const binary = fieldsOf(fields['binaryData'])
    const errors = [...keyErrors(data, 'data'), ...keyErrors(binary, 'binaryData')]
    for (const key of Object.keys(data)) {
      if (Object.hasOwn(binary, key))
        errors.push(fieldInvalid(`data[${key}]`, key, 'duplicate of key present in binaryData'))
    }
    if (bytesOf(data) + bytesOf(binary) > BYTES_MAX) errors.push(fieldTooLong('', BYTES_MAX))
    return errors
  },
  validateUpdate: (fields, old) => immutableErrors(fields, old, ['data', 'binaryData']),
}

export const secrets: KindBehaviour = {
  withDefaults: (fields) => {
    const typed = fields['type'] === undefined || fields['type'] === '' ? withField(fields, 'type', 'Opaque') : fields
    return withoutEmpty(withEncodedText(typed), 'data')
  },
  prepareForUpdate: (fields, old) =>
    fields['type'] === 'Opaque' && old['type'] !== 'Opaque' ? withField(fields, 'type', old['type']) : fields,
  typeFault: (fields) =>
    textMapFault(fields, 'data') ?? textMapFault(fields, 'stringData') ?? base64Fault(fields, 'data'),
  validate: (fields) => {
    const data = fieldsOf(fields['data'])
    const errors = [...keyErrors(data, 'data')]
    if (bytesOf(data) > BYTES_MAX) errors.push(fieldTooLong('data', BYTES_MAX))
    const required = REQUIRED_KEYS[fields['type'] as string] ?? []
    for (const key of required) {
      if (!Object.hasOwn(data, key)) errors.push(fieldRequired(`data[${key}]`))
      else if (key.startsWith('.docker') && !isJsonInBase64(String(data[key])))
        errors.push(fieldInvalid(`data[${key}]`, '<secret contents redacted>', 'invalid JSON'))
    }
    const annotations = fieldsOf(fieldsOf(fields['metadata'])['annotations'])
    if (fields['type'] === 'kubernetes.io/service-account-token' && !annotations['kubernetes.io/service-account.name'])
      errors.push(fieldRequired('metadata.annotations[kubernetes.io/service-account.name]'))
    if (fields['type'] === 'kubernetes.io/basic-auth' && !BASIC_KEYS.some((key) => Object.hasOwn(data, key)))
      errors.push(...BASIC_KEYS.map((key) => fieldRequired(`data[${key}]`)))
    return errors
  },
  validateUpdate: (fields, old) => {
    const errors = immutableErrors(fields, old, ['data'])
    return fields['type'] === old['type']
      ? errors
      : [fieldInvalid('type', fields['type'], 'field is immutable'), ...errors]
  },
}

const BASIC_KEYS = ['username', 'password']

function isJsonInBase64(text: string): boolean {
  try {
    JSON.parse(atob(text))
    return true
  } catch {
    return false
  }
}

const REQUIRED_KEYS: Readonly<Record<string, readonly string[]>> = {
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
  'kubernetes.io/dockercfg': ['.dockercfg'],
  'kubernetes.io/ssh-auth': ['ssh-privatekey'],
}

function withoutEmpty(fields: Fields, name: string): Fields {
  const value = fields[name]
  const isEmpty = value !== undefined && value !== null && typeof value === 'object' && Object.keys(value).length === 0
  return isEmpty ? withField(fields, name, undefined) : fields
}

/** `stringData` is write-only: it becomes `data`, in base64. */
function withEncodedText(fields: Fields): Fields {
  if (fields['stringData'] === undefined) return fields
  const data: Record<string, unknown> = { ...fieldsOf(fields['data']) }
  for (const [key, text] of Object.entries(fieldsOf(fields['stringData']))) data[key] = encodeText(String(text))
  return withField(withField(fields, 'stringData', undefined), 'data', Object.freeze(data))
}

function textMapFault(fields: Fields, name: string): string | undefined {
  const value = fields[name]
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'object' || Array.isArray(value)) return `${name}: expect { or n, but found something else`
  for (const key of Object.keys(value))
    if (typeof (value as Fields)[key] !== 'string') return `${name}[${key}]: a string is expected`
  return undefined
}

function base64Fault(fields: Fields, name: string): string | undefined {
  for (const [key, value] of Object.entries(fieldsOf(fields[name]))) {
    if (
      !/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test((value as string).replace(/[\r\n]/g, ''))
    ) {
      return `${name}[${key}]: decode base64: illegal base64 data`
    }
  }
  return undefined
}

function keyErrors(data: Fields, at: string): FieldError[] {
  const errors: FieldError[] = []
  for (const key of Object.keys(data)) {
    const fault = keyFault(key)
    if (fault !== undefined) errors.push(fieldInvalid(`${at}[${key}]`, key, fault))
  }
  return errors
}

function keyFault(key: string): string | undefined {
  if (key.length > 253) return 'must be no more than 253 bytes'
  if (!/^[-._a-zA-Z0-9]+$/.test(key)) {
    return "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"
  }
  if (key === '.') return "must not be '.'"
  return key.startsWith('..') ? "must not start with '..'" : undefined
}

function bytesOf(data: Fields): number {
  let bytes = 0
  for (const key of Object.keys(data)) bytes += String(data[key]).length
  return bytes
}

function immutableErrors(fields: Fields, old: KubernetesObject, names: readonly string[]): readonly FieldError[] {
  if (old['immutable'] !== true) return NO_ERRORS
  const detail = 'field is immutable when `immutable` is set'
  const errors: FieldError[] = []
  if (fields['immutable'] !== true) errors.push(fieldForbidden('immutable', detail))
  for (const name of names) if (!equalJson(fields[name], old[name])) errors.push(fieldForbidden(name, detail))
  return errors
}
