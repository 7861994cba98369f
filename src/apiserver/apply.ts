/**
 * Server-side apply: a configuration is merged into the object, or becomes one.
 * Source: apiserver/pkg/endpoints/handlers/patch.go (applyPatcher), apimachinery/pkg/util/managedfields.
 */
import { formatTimestamp } from '#api/identity.ts'
import {
  applyConfiguration,
  BEFORE_FIRST_APPLY,
  type Conflict,
  conflictMessage,
  describeFieldManager,
  encodeManagedFields,
  type ManagedEntry,
  managedAfterUpdate,
} from '#api/merge/managed-fields.ts'
import { mergeTypeOf } from '#api/merge/merge-types.ts'
import { applyFault } from '#api/merge/typed-value.ts'
import type { KubernetesObject } from '#api/object.ts'
import { apiVersionOf, type ResourceInfo, type ResourceTable } from '#api/resource.ts'
import type { Status } from '#api/status.ts'
import { badRequest, conflict, failure, notFound } from '#api/status-errors.ts'
import { present, refuse, withWarnings } from './answer.ts'
import { identityFault, typeMetaFault } from './body.ts'
import { createObject } from './create.ts'
import { decodeObject } from './custom-resources.ts'
import { fieldManagerOf, ignoredPlaces, managedEntriesOf, withManagedFields } from './managed-fields.ts'
import { metadataTypeFault } from './metadata.ts'
import type { ApiRequest, Decision, StorageReader, StoredObject } from './request.ts'
import { replace } from './update.ts'

export function apply(table: ResourceTable, reader: StorageReader, request: ApiRequest): Decision {
  const { resource } = request
  const name = request.name ?? ''
  const namespace = resource.namespaced ? (request.namespace ?? '') : ''
  const applied = request.body as KubernetesObject
  const stored = reader.get(resource, namespace, name)
  if (stored === undefined && request.subresource !== undefined) return refuse(notFound(resource, name))
  const fault = configurationFault(resource, applied) ?? identityFault(resource, applied, name, namespace)
  if (fault !== undefined) return refuse(fault)
  const uid = applied.metadata.uid
  if (stored === undefined && uid) {
    const why = `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`
    return refuse(conflict(resource, name, why))
  }
  const typeFault = applyFault(mergeTypeOf(resource), applied)
  if (typeFault !== undefined) {
    const subject = `${namespace}/${name}; ${apiVersionOf(resource)}, Kind=${resource.kind}`
    return refuse(badRequest(`failed to create typed patch object (${subject}): ${typeFault}`))
  }
  const merged = mergeInto(reader, request, stored)
  if ('failure' in merged) return refuse(merged.failure)
  const decoded = decodeObject(request, merged.object)
  if ('failure' in decoded) return refuse(decoded.failure)
  const decision =
    stored === undefined
      ? createObject(table, reader, request, decoded.object)
      : replace(reader, request, stored, decoded.object)
  return withWarnings(decision, decoded.warnings)
}

/** Why a body cannot be an applied configuration. */
export function configurationFault(resource: ResourceInfo, body: unknown): Status | undefined {
  if (body === null || typeof body !== 'object' || Array.isArray(body))
    return badRequest('error decoding YAML: the configuration must be an object')
  const typeFault = typeMetaFault(resource, body)
  if (typeFault !== undefined) return typeFault
  const { apiVersion, kind, metadata } = body as Partial<KubernetesObject>
  if (!apiVersion || !kind) return badRequest(`invalid object type: the configuration must have apiVersion and kind`)
  if (apiVersion !== apiVersionOf(resource)) {
    const why = `Specified patch version: ${apiVersion}, expected: ${apiVersionOf(resource)}`
    return badRequest(`Incorrect version specified in apply patch. ${why}`)
  }
  if (kind !== resource.kind)
    return badRequest(`the kind in the configuration (${kind}) does not match the expected kind (${resource.kind})`)
  const fault = metadataTypeFault(metadata)
  if (fault !== undefined) return badRequest(fault)
  return metadata?.managedFields == null ? undefined : badRequest('metadata.managedFields must be nil')
}

type Merged = { readonly object: KubernetesObject } | { readonly failure: Status }

function mergeInto(reader: StorageReader, request: ApiRequest, stored: StoredObject | undefined): Merged {
  const { resource, options } = request
  const time = formatTimestamp(reader.nowMs)
  const type = mergeTypeOf(resource)
  const ignored = ignoredPlaces(request)
  const shown = stored === undefined ? undefined : present(resource, stored)
  const live = shown === undefined ? {} : withManagedFields(shown, undefined)
  const managed = shown === undefined ? [] : managedBefore(request, shown, live, time)
  const result = applyConfiguration({
    type,
    live,
    applied: request.body,
    managed,
    manager: fieldManagerOf(request),
    force: options?.force === true,
    time,
    ignored,
  })
  if ('conflicts' in result) return { failure: applyConflict(result.conflicts) }
  const object = result.value as KubernetesObject
  return { object: withManagedFields(object, encodeManagedFields(result.managed)) }
}

/** Everything in an object without managedFields belongs to a manager of that name. */
export function managedBefore(
  request: ApiRequest,
  shown: KubernetesObject,
  live: object,
  time: string,
): readonly ManagedEntry[] {
  const managed = managedEntriesOf(shown)
  if (managed.length > 0) return managed
  return managedAfterUpdate({
    type: mergeTypeOf(request.resource),
    old: {},
    next: live,
    managed,
    manager: { name: BEFORE_FIRST_APPLY, operation: 'Update', apiVersion: apiVersionOf(request.resource) },
    time,
    ignored: [],
  })
}

/** The 409 of an apply that meets other managers' fields. */
export function applyConflict(conflicts: readonly Conflict[]): Status {
  const causes = conflicts.map(({ manager, path }) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with ${describeFieldManager(manager)}`,
    field: path,
  }))
  return failure(409, 'Conflict', conflictMessage(conflicts), { causes })
}
