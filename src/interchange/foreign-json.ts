/** JSON of strangers: whatever it holds is data, of which each field is looked at before it is used. */
import type { KubernetesObject, TypeReference } from '#api/object.ts'

export type Fields = Readonly<Record<string, unknown>>

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Undefined where the text is no JSON object. */
export function fieldsOf(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isFields(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** An own field that is a text and not empty. */
export function textOf(fields: Fields, name: string): string | undefined {
  const value = Object.hasOwn(fields, name) ? fields[name] : undefined
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** An object of the API, with the type that it is known to have. Undefined where it has no usable metadata. */
export function objectOf(value: unknown, type: TypeReference): KubernetesObject | undefined {
  if (!isFields(value) || !isFields(value.metadata)) return undefined
  const { metadata } = value
  for (const field of ['name', 'namespace', 'resourceVersion', 'uid'])
    if (Object.hasOwn(metadata, field) && typeof metadata[field] !== 'string') return undefined
  const apiVersion = textOf(value, 'apiVersion') ?? type.apiVersion
  return { ...value, apiVersion, kind: textOf(value, 'kind') ?? type.kind, metadata } as KubernetesObject
}

/** A resourceVersion that can be compared, or undefined. */
export function comparableVersion(version: string | undefined): string | undefined {
  return version !== undefined && /^[0-9]{1,40}$/.test(version) ? version.replace(/^0+(?=.)/, '') : undefined
}
