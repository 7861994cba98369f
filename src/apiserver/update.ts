/**
 * The verb update, and the second half of patch: a new version of an object takes the place of the stored one.
 * Source: apiserver/pkg/registry/generic/registry/store.go (Update), registry/rest/update.go.
 */
import { copyFields } from '#api/clone.ts'
import { equalJson, shareEqual } from '#api/equal.ts'
import { type FieldError, fieldInvalid } from '#api/field-errors.ts'
import { formatTimestamp, parseResourceVersion } from '#api/identity.ts'
import type { KubernetesObject, ObjectMeta } from '#api/object.ts'
import type { ResourceInfo } from '#api/resource.ts'
import type { Status } from '#api/status.ts'
import { badRequest, conflict, invalid, notFound, OBJECT_MODIFIED } from '#api/status-errors.ts'
import { admitMutating, admitValidating } from './admission/admission.ts'
import {
  answer,
  commit,
  inVersion,
  present,
  refuse,
  storageApiVersion,
  toStorage,
  withRevision,
  withWarnings,
} from './answer.ts'
import { bodyFault, heldBody, identityFault, kindFault } from './body.ts'
import { decodeObject, schemaFaultsOf, storedForm } from './custom-resources.ts'
import { finalizerWarnings } from './finalizer-warnings.ts'
import { fullValidation, withoutRepeated } from './kinds/full-validation.ts'
import { behaviourOf, type Fields } from './kinds.ts'
import { trackUpdate } from './managed-fields.ts'
import { metadataForUpdate, validateMetadataUpdate } from './metadata.ts'
import type { ApiRequest, Decision, StorageReader, StoredObject } from './request.ts'
import { decodingFailure } from './unpatchable.ts'
import { isOfOutside } from './write-options.ts'

export function update(reader: StorageReader, request: ApiRequest): Decision {
  const fault = bodyFault(request.resource, request.body)
  if (fault !== undefined) return refuse(fault)
  const decoded = decodeObject(request, request.body as KubernetesObject)
  if ('failure' in decoded) return refuse(decoded.failure)
  return withWarnings(updateObject(reader, request, decoded.object), decoded.warnings)
}

function updateObject(reader: StorageReader, request: ApiRequest, given: KubernetesObject): Decision {
  const { resource } = request
  const name = request.name ?? ''
  const namespace = resource.namespaced ? (request.namespace ?? '') : ''
  const mismatch = identityFault(resource, given, name, namespace)
  if (mismatch !== undefined) return refuse(mismatch)

  const stored = reader.get(resource, namespace, name)
  const uid = given.metadata.uid
  if (stored === undefined) return refuse(uid ? uidConflict(request, uid, '') : notFound(resource, name))
  if (uid && uid !== stored.body.metadata.uid) {
    return refuse(uidConflict(request, uid, stored.body.metadata.uid ?? ''))
  }
  return replace(reader, request, stored, given)
}

/** The uid in a PUT is a precondition of storage; its message is the storage layer's. */
function uidConflict({ resource, namespace = '', name = '' }: ApiRequest, wanted: string, actual: string): Status {
  const folder = resource.custom
    ? `apiextensions.kubernetes.io/${resource.group}/${resource.resource}`
    : resource.resource
  const key = `/registry/${folder}/${namespace === '' ? name : `${namespace}/${name}`}`
  return conflict(
    resource,
    name,
    `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${wanted}, UID in object meta: ${actual}`,
  )
}

/** Puts `given` over `stored`, at the main endpoint or a subresource. */
export function replace(
  reader: StorageReader,
  request: ApiRequest,
  stored: StoredObject,
  sent: KubernetesObject,
): Decision {
  const { resource } = request
  const name = request.name ?? ''
  const namespace = resource.namespaced ? (request.namespace ?? '') : ''
  const stale = versionFault(resource, name, sent.metadata.resourceVersion, stored)
  if (stale !== undefined) return refuse(stale)
  const wrongKind = kindFault(resource, sent)
  if (wrongKind !== undefined) return refuse(wrongKind)
  const dryRun = request.options?.dryRun === true
  const { subresource } = request
  const attributes = { operation: 'UPDATE', resource, subresource, namespace, name, old: stored.body, dryRun } as const
  const mutated = admitMutating(reader, { ...attributes, object: sent })
  if ('failure' in mutated) return refuse(mutated.failure)
  const given = mutated.object as KubernetesObject

  const typeFault = behaviourOf(resource.key).typeFault?.(given)
  if (typeFault !== undefined) return refuse(decodingFailure(request, given, typeFault))
  const time = formatTimestamp(reader.nowMs)
  const old = storedForm(resource, stored.body)
  const { body: version, errors } = newVersion(request, old, given)
  if (errors.length > 0) return refuse(invalid(resource, name, errors))
  const made = trackUpdate(request, { old, given, body: version, time })
  const body = resource.storageSchema === undefined ? made : shareEqual(stored.body, toStorage(resource, made))
  const validated = admitValidating(reader, { ...attributes, object: body })
  if ('failure' in validated) return refuse(validated.failure)
  const warnings = [
    ...mutated.warnings,
    ...validated.warnings,
    ...finalizerWarnings(request, body.metadata, old.metadata),
  ]
  return withWarnings(store(reader, { request, namespace, name, dryRun }, stored, body), warnings)
}

/** Commits the new body of an object. */
function store(
  reader: StorageReader,
  {
    request,
    namespace,
    name,
    dryRun,
  }: { readonly request: ApiRequest; readonly namespace: string; readonly name: string; readonly dryRun: boolean },
  stored: StoredObject,
  body: KubernetesObject,
): Decision {
  const { resource } = request
  if (isFinished(stored.body, body)) {
    const answered = inVersion(resource, withRevision(body, stored.revision))
    if (dryRun) return answer(200, answered)
    const revision = reader.revision + 1
    return commit(200, answered, [{ resource, namespace, name, before: stored, after: undefined, revision }])
  }
  if (body === stored.body) return answer(200, present(resource, stored))
  if (dryRun) return answer(200, inVersion(resource, withRevision(body, stored.revision)))
  const revision = reader.revision + 1
  const change = { resource, namespace, name, before: stored, after: { body, revision }, revision }
  return commit(200, inVersion(resource, withRevision(body, revision)), [change])
}

/** Optimistic concurrency. Absent, '' and '0' mean: whatever is stored, where the kind allows that. */
function versionFault(
  resource: ResourceInfo,
  name: string,
  resourceVersion: unknown,
  stored: StoredObject,
): Status | undefined {
  const revision = parseResourceVersion(resourceVersion)
  if (revision === stored.revision) return undefined
  if (revision === undefined)
    return badRequest(
      `Invalid value: ${JSON.stringify(resourceVersion)}: strconv.ParseUint: parsing ${JSON.stringify(resourceVersion)}: invalid syntax`,
    )
  if (revision !== 0) return conflict(resource, name, OBJECT_MODIFIED)
  if (resource.unconditionalUpdate) return undefined
  const error = fieldInvalid('metadata.resourceVersion', 0, 'must be specified for an update')
  return invalid({ group: resource.group, kind: resource.resource }, name, [error])
}

interface NewVersion {
  /** The stored body itself when nothing changes. */
  readonly body: KubernetesObject
  readonly errors: readonly FieldError[]
}

const NO_ERRORS: readonly FieldError[] = Object.freeze([])

/** What an endpoint makes of the client's object: which fields it takes, which it keeps. */
function newVersion(request: ApiRequest, old: KubernetesObject, given: KubernetesObject): NewVersion {
  const { resource, subresource } = request
  const behaviour = behaviourOf(resource.key)
  if (subresource === 'status' && resource.custom) {
    const body = withFields(resource, old, statusOf(old, given), old.metadata)
    return { body, errors: schemaFaultsOf(resource, body, old, subresource) }
  }

  const sent: Fields = heldBody(resource, given)
  let givenMetadata = sent['metadata'] as ObjectMeta
  let fields: Fields
  if (subresource === 'status') {
    fields = statusOf(old, sent)
    for (const keep of behaviour.statusKeeps ?? []) givenMetadata = keepField(givenMetadata, old.metadata, keep)
  } else if (subresource === 'finalize') {
    fields = { ...old, spec: sent['spec'] ?? {} }
  } else {
    fields = resource.statusSubresource ? withOldStatus(sent, old) : sent
    if (behaviour.withDefaults !== undefined) fields = behaviour.withDefaults(fields)
    if (behaviour.prepareForUpdate !== undefined) fields = behaviour.prepareForUpdate(fields, old)
  }
  const required = behaviour.requiredLabels?.(old.metadata.name ?? '')
  if (required !== undefined)
    givenMetadata = { ...givenMetadata, labels: Object.freeze({ ...givenMetadata.labels, ...required }) }
  const metadata = shareMetadata(old.metadata, metadataForUpdate(givenMetadata, old.metadata))
  let errors = validateMetadataUpdate(givenMetadata, metadata, old.metadata)
  const body = withFields(resource, old, fields, metadata)
  if (subresource === undefined && resource.custom) {
    const faults = schemaFaultsOf(resource, body, old)
    if (faults.length > 0) errors = [...errors, ...faults]
  } else if (subresource === undefined && body !== old) {
    const name = old.metadata.name ?? ''
    const more = withoutRepeated(
      [
        ...(behaviour.validate?.(body, name, old.metadata.namespace ?? '') ?? NO_ERRORS),
        ...(behaviour.validateUpdate?.(body, old) ?? NO_ERRORS),
      ],
      body['spec'] === old['spec'] && old['spec'] !== undefined
        ? NO_ERRORS
        : fullValidation(resource.key, body, { old, isComplete: isOfOutside(request) }),
    )
    if (more.length > 0) errors = [...errors, ...more]
  }
  return { body, errors }
}

function statusOf(old: KubernetesObject, given: Fields): Fields {
  const fields = copyFields(old)
  if (given['status'] === undefined) delete fields['status']
  else fields['status'] = given['status']
  return fields
}

function withOldStatus(fields: Fields, old: KubernetesObject): Fields {
  if (fields['status'] === old['status']) return fields
  const kept = copyFields(fields)
  if (old['status'] === undefined) delete kept['status']
  else kept['status'] = old['status']
  return kept
}

function keepField(given: ObjectMeta, old: ObjectMeta, field: 'labels' | 'ownerReferences'): ObjectMeta {
  const { [field]: _dropped, ...rest } = given
  const kept = old[field]
  return kept === undefined ? rest : { ...rest, [field]: kept }
}

function shareMetadata(old: ObjectMeta, metadata: ObjectMeta): ObjectMeta {
  const shared = shareEqual(old, metadata)
  return shared === old ? old : Object.freeze(shared)
}

/** The new body with parts that are equal shared, and the generation raised where the kind says so. */
function withFields(
  resource: ResourceInfo,
  old: KubernetesObject,
  fields: Fields,
  metadata: ObjectMeta,
): KubernetesObject {
  const body: Record<string, unknown> = { apiVersion: storageApiVersion(resource), kind: resource.kind, metadata }
  let changed = metadata !== old.metadata
  let contentChanged = false
  let count = 3
  for (const key of Object.keys(fields)) {
    if (key === 'apiVersion' || key === 'kind' || key === 'metadata' || key === '__proto__') continue
    const before = old[key] as unknown
    const field = shareEqual(before, fields[key])
    if (field === undefined) continue
    count++
    body[key] = field
    if (field === before) continue
    changed = true
    if (raisesGeneration(resource, key)) contentChanged = true
  }
  if (count !== Object.keys(old).length) {
    changed = true
    for (const key of Object.keys(old)) if (!(key in body) && raisesGeneration(resource, key)) contentChanged = true
  }
  if (!changed) return old
  if (resource.annotationsRaiseGeneration === true && !equalJson(metadata.annotations, old.metadata.annotations))
    contentChanged = true
  if (contentChanged) body['metadata'] = withGeneration(metadata, (old.metadata.generation ?? 0) + 1)
  return Object.freeze(body) as KubernetesObject
}

function withGeneration(metadata: ObjectMeta, generation: number): ObjectMeta {
  const raised = copyFields(metadata)
  raised['generation'] = generation
  return Object.freeze(raised)
}

function raisesGeneration(resource: ResourceInfo, field: string): boolean {
  if (resource.generation === 'spec') return field === 'spec'
  if (resource.generation === 'none') return false
  return field !== 'status' || !resource.statusSubresource
}

/** Whether a new version of an object that is being deleted lets it go: no finalizer left, no grace period running. */
function isFinished(old: KubernetesObject, next: KubernetesObject): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds } = old.metadata
  if (deletionTimestamp === undefined) return false
  if (next.metadata.finalizers !== undefined && next.metadata.finalizers.length > 0) return false
  if (deletionGracePeriodSeconds !== undefined && deletionGracePeriodSeconds !== 0) return false
  return !hasSpecFinalizers(next)
}

/** Namespaces have a second list of finalizers, in spec. */
export function hasSpecFinalizers(object: KubernetesObject): boolean {
  if (object.kind !== 'Namespace' || object.apiVersion !== 'v1') return false
  const finalizers: unknown = object['spec']?.finalizers
  return Array.isArray(finalizers) && finalizers.length > 0
}
