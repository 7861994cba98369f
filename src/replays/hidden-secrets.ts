/** The data of Secrets, which traces hide: `(redacted 1)` stands for a value, and only equal values have equal numbers. */
import type { Json, KubernetesObject } from '#api/object.ts'

const HIDDEN = /^\(redacted \d+\)$/

/** As an API server may answer it: `data` are base64, of what stands for the value. */
export function answerable(object: KubernetesObject): KubernetesObject {
  if (object.kind !== 'Secret' || object.apiVersion !== 'v1') return object
  const { data } = object as { readonly data?: unknown }
  if (typeof data === 'string') return { ...object, data: {} } as KubernetesObject
  if (!isFields(data as Json | undefined)) return object
  const named = Object.entries(data as Readonly<Record<string, unknown>>).map(([name, value]) => [
    name,
    typeof value === 'string' && HIDDEN.test(value) ? btoa(value) : value,
  ])
  return { ...object, data: Object.fromEntries(named) } as KubernetesObject
}

/** What is written now, with the values hidden that the trace hides of what was written then. */
export function hiddenAlike(then: Json | undefined, now: Json | undefined): Json | undefined {
  if (typeof then === 'string') return HIDDEN.test(then) && now !== undefined ? then : now
  if (!isFields(then) || !isFields(now)) return now
  return Object.fromEntries(Object.entries(now).map(([name, value]) => [name, hiddenAlike(then[name], value) as Json]))
}

function isFields(value: Json | undefined): value is { readonly [name: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
