/**
 * `metadata.managedFields` of what is written. They are kept where a create names its manager (every request over
 * HTTP does, by its User-Agent) and from the first apply on; an object that neither happened to has none, so that the
 * states of a search stay small.
 * Source: apimachinery/pkg/util/managedfields/internal/{fieldmanager,managedfieldsupdater}.go.
 */
import { copyFields } from '#api/clone.ts'
import { equalJson, shareEqual } from '#api/equal.ts'
import {
  decodeManagedFields,
  encodeManagedFields,
  type FieldManager,
  isReset,
  type ManagedEntry,
  managedAfterUpdate,
} from '#api/merge/managed-fields.ts'
import { mergeTypeOf } from '#api/merge/merge-types.ts'
import type { KubernetesObject } from '#api/object.ts'
import { apiVersionOf } from '#api/resource.ts'
import { behaviourOf } from './kinds.ts'
import type { ApiRequest } from './request.ts'

/** The manager of clients that give no name. */
const UNKNOWN_MANAGER = 'unknown'

/** Who makes a request, as its managedFields entry says. */
export function fieldManagerOf({ resource, subresource: own, cameBy, patchType, options }: ApiRequest): FieldManager {
  const subresource = cameBy ?? own
  return {
    name: options?.fieldManager ?? UNKNOWN_MANAGER,
    operation: patchType === 'apply' ? 'Apply' : 'Update',
    apiVersion: apiVersionOf(resource),
    ...(subresource === undefined || subresource === '' ? {} : { subresource }),
  }
}

/** Places that the endpoint of a request does not write. */
export function ignoredPlaces({ resource, subresource }: ApiRequest): readonly (readonly string[])[] {
  if (!resource.statusSubresource) return []
  if (subresource !== 'status') return [['f:status']]
  const kept = behaviourOf(resource.key).statusKeeps ?? []
  return [['f:spec'], ...kept.map((field) => ['f:metadata', `f:${field}`])]
}

/** The new object with the entry of who creates it, when that is known. */
export function trackCreate(
  request: ApiRequest,
  given: KubernetesObject,
  body: KubernetesObject,
  time: string,
): KubernetesObject {
  if (request.patchType === 'apply') return withManagedFields(body, given.metadata?.managedFields)
  if (request.options?.fieldManager === undefined) return body
  const managed = managedAfterUpdate({
    type: mergeTypeOf(request.resource),
    old: {},
    next: body,
    managed: decodeManagedFields(given.metadata?.managedFields),
    manager: fieldManagerOf(request),
    time,
    ignored: ignoredPlaces(request),
  })
  return withManagedFields(body, encodeManagedFields(managed))
}

interface Version {
  readonly old: KubernetesObject
  readonly given: KubernetesObject
  readonly body: KubernetesObject
  readonly time: string
}

/** The new version with its managedFields; the old one itself when only times in them would change. */
export function trackUpdate(request: ApiRequest, { old, given, body, time }: Version): KubernetesObject {
  const former = old.metadata.managedFields
  const sent = given.metadata?.managedFields
  if (request.patchType === 'apply') return withNewManagedFields(old, body, sent)
  if (former === undefined || (body === old && sent === undefined)) return body
  const isMain = request.subresource === undefined || request.subresource === ''
  if (isMain && isReset(sent)) return withManagedFields(body, undefined)
  const asked = isMain ? decodeManagedFields(sent) : []
  const managed = managedAfterUpdate({
    type: mergeTypeOf(request.resource),
    old,
    next: body,
    managed: asked.length > 0 ? asked : decodeManagedFields(former),
    manager: fieldManagerOf(request),
    time,
    ignored: ignoredPlaces(request),
  })
  return withNewManagedFields(old, body, encodeManagedFields(managed))
}

function withNewManagedFields(
  old: KubernetesObject,
  body: KubernetesObject,
  managedFields: readonly unknown[] | undefined,
): KubernetesObject {
  const former = old.metadata.managedFields
  if (body === old && equalJson(withoutTimes(managedFields), withoutTimes(former))) return old
  return withManagedFields(body, shareEqual(former, managedFields))
}

function withoutTimes(entries: readonly unknown[] | undefined): readonly ManagedEntryText[] {
  return (entries ?? []).map((entry) => {
    const { time: _time, ...rest } = entry as ManagedEntryText
    return rest
  })
}

type ManagedEntryText = Readonly<Record<string, unknown>>

export function withManagedFields(
  body: KubernetesObject,
  managedFields: readonly unknown[] | undefined,
): KubernetesObject {
  if (body.metadata.managedFields === managedFields) return body
  const metadata = copyFields(body.metadata)
  if (managedFields === undefined) delete metadata['managedFields']
  else metadata['managedFields'] = managedFields
  const next = copyFields(body)
  next['metadata'] = Object.freeze(metadata)
  return Object.freeze(next) as KubernetesObject
}

/** What the entries of an object say; those of an object without any are empty. */
export function managedEntriesOf(object: KubernetesObject): readonly ManagedEntry[] {
  return decodeManagedFields(object.metadata.managedFields)
}
