/**
 * The first look at the body of a write: is it an object of the kind, name and namespace that the request is about.
 * Source: apiserver/pkg/endpoints/handlers/{create,update}.go, apiextensions-apiserver's decoder.
 */
import { copyFields, setField } from '#api/clone.ts'
import { fieldInvalid } from '#api/field-errors.ts'
import type { KubernetesObject } from '#api/object.ts'
import { apiVersionOf, type ResourceInfo } from '#api/resource.ts'
import type { Status } from '#api/status.ts'
import { badRequest, invalid } from '#api/status-errors.ts'
import { metadataTypeFault } from './metadata.ts'

/** Why a body cannot be taken as an object of `resource`; undefined when it can. */
export function bodyFault(resource: ResourceInfo, body: unknown): Status | undefined {
  if (body === undefined || body === null || typeof body !== 'object' || Array.isArray(body)) {
    return badRequest(
      `the object provided is unrecognized (must be of type ${resource.kind}): couldn't get version/kind; json parse error`,
    )
  }
  const typeFault = typeMetaFault(resource, body)
  if (typeFault !== undefined) return typeFault
  const { apiVersion, kind, metadata } = body as Partial<KubernetesObject>
  if (resource.custom && !kind) {
    return badRequest(
      `the object provided is unrecognized (must be of type ${resource.kind}): Object 'Kind' is missing in the body`,
    )
  }
  if (resource.custom && !apiVersion) {
    return badRequest(
      `the object provided is unrecognized (must be of type ${resource.kind}): Object 'apiVersion' is missing in the body`,
    )
  }
  const expected = apiVersionOf(resource)
  if (apiVersion && apiVersion !== expected) {
    return badRequest(
      `the API version in the data (${apiVersion}) does not match the expected API version (${expected})`,
    )
  }
  if (kind && kind !== resource.kind && !resource.custom) {
    return badRequest(
      `${kind} in version "${resource.version}" cannot be handled as a ${resource.kind}: converting (${resource.version}.${kind}) to (${resource.kind}): unknown conversion`,
    )
  }
  const fault = metadataTypeFault(metadata)
  return fault === undefined ? undefined : undecodable(resource, fault)
}

/** The 400 of an apiVersion or kind that is no string. */
export function typeMetaFault(resource: ResourceInfo, body: object): Status | undefined {
  for (const field of ['apiVersion', 'kind'] as const) {
    const value = (body as Record<string, unknown>)[field]
    if (value === undefined || value === null || typeof value === 'string') continue
    const found = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value
    return badRequest(
      `the object provided is unrecognized (must be of type ${resource.kind}): couldn't get version/kind; json parse error: json: cannot unmarshal ${found} into Go struct field .${field} of type string`,
    )
  }
  return undefined
}

/** The 400 of a value that the kind's type cannot hold. */
export function undecodable(resource: ResourceInfo, fault: string): Status {
  return badRequest(
    `${resource.kind} in version "${resource.version}" cannot be handled as a ${resource.kind}: ${fault}`,
  )
}

/** A custom resource of the wrong kind is an invalid one. */
export function kindFault(resource: ResourceInfo, body: KubernetesObject): Status | undefined {
  if (!resource.custom || body.kind === resource.kind) return undefined
  return invalid(resource, body.metadata?.name ?? '', [fieldInvalid('kind', body.kind, `must be ${resource.kind}`)])
}

export const NAMESPACE_MISMATCH =
  'the namespace of the provided object does not match the namespace sent on the request'

/** Why the body's name or namespace does not fit the URL of an update. */
export function identityFault(
  resource: ResourceInfo,
  body: KubernetesObject,
  name: string,
  namespace: string,
): Status | undefined {
  const metadata = body.metadata ?? {}
  if (resource.namespaced && metadata.namespace && metadata.namespace !== namespace)
    return badRequest(NAMESPACE_MISMATCH)
  if (!metadata.name)
    return badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`)
  if (metadata.name !== name)
    return badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${name})`)
  return undefined
}

/** Frozen values that are known to hold no null: the same parts are sent again and again. */
const nullFree = new WeakSet<object>()

/** Fields that hold any JSON (runtime.RawExtension): what is in them is kept as it was sent, nulls too. */
const RAW_FIELDS: ReadonlyMap<string, string> = new Map([['ControllerRevision', 'data']])

/** A body as its kind's Go type holds it: those of built-in kinds know no null, where null means absent. */
export function heldBody<T extends object>({ custom, kind }: Pick<ResourceInfo, 'custom' | 'kind'>, body: T): T {
  if (custom === true) return body
  const held = withoutNulls(body)
  const raw = RAW_FIELDS.get(kind)
  const value = raw === undefined ? undefined : (body as Record<string, unknown>)[raw]
  return raw === undefined || value === undefined || value === null ? held : Object.freeze({ ...held, [raw]: value })
}

/** The value without null fields. Shares what has none. */
function withoutNulls<T>(value: T): T {
  if (value === null || typeof value !== 'object' || nullFree.has(value)) return value
  const kept = (Array.isArray(value) ? itemsWithoutNulls(value) : fieldsWithoutNulls(value)) as T & object
  if (Object.isFrozen(kept)) nullFree.add(kept)
  return kept
}

function itemsWithoutNulls(list: readonly unknown[]): readonly unknown[] {
  let copy: unknown[] | undefined
  for (let index = 0; index < list.length; index++) {
    const item = list[index]
    if (item === null || typeof item !== 'object') continue
    const kept = withoutNulls(item)
    if (kept !== item) (copy ??= list.slice())[index] = kept
  }
  return copy === undefined ? list : Object.freeze(copy)
}

function fieldsWithoutNulls(fields: object): object {
  let copy: Record<string, unknown> | undefined
  for (const key of Object.keys(fields)) {
    const field = (fields as Record<string, unknown>)[key]
    if (field === null || field === undefined) {
      copy ??= copyFields(fields)
      delete copy[key]
    } else if (typeof field === 'object') {
      const kept = withoutNulls(field)
      if (kept !== field) setField((copy ??= copyFields(fields)), key, kept)
    }
  }
  return copy === undefined ? fields : Object.freeze(copy)
}
