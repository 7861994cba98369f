/**
 * The verbs delete and deletecollection.
 * Source: apiserver/pkg/registry/generic/registry/store.go (Delete), registry/rest/delete.go,
 * and the strategies of Pods (grace) and Namespaces (finalizers in spec).
 */
import { copyFields } from '#api/clone.ts'
import { resourcesOfCustomResourceDefinition } from '#api/crd.ts'
import { formatTimestamp } from '#api/identity.ts'
import type { KubernetesObject, ObjectMeta } from '#api/object.ts'
import type { ResourceInfo } from '#api/resource.ts'
import type { Status, SuccessStatus } from '#api/status.ts'
import { conflict, forbidden, methodNotAllowed, notFound } from '#api/status-errors.ts'
import { type Attributes, admitMutating, admitValidating } from './admission/admission.ts'
import { answer, commit, inVersion, present, refuse, withRevision } from './answer.ts'
import { CLEANUP_FINALIZER, DEFINITIONS } from './definition-cleanup.ts'
import { terminating } from './definition-names.ts'
import { type DeleteOptions, deleteOptionsOf } from './delete-options.ts'
import { deletionFinalizers } from './deletion-finalizers.ts'
import { list, parseSelection, select } from './read.ts'
import type { ApiRequest, Change, Decision, StorageReader, StoredObject } from './request.ts'
import { hasSpecFinalizers } from './update.ts'

export function remove(reader: StorageReader, request: ApiRequest): Decision {
  const { resource } = request
  const name = request.name ?? ''
  const namespace = resource.namespaced ? (request.namespace ?? '') : ''
  const options = deleteOptionsOf(request)
  if ('failure' in options) return refuse(options.failure)
  if (resource.key === '/namespaces' && IMMORTAL_NAMESPACES.includes(name)) {
    return refuse(forbidden(resource, name, 'this namespace may not be deleted'))
  }
  const stored = reader.get(resource, namespace, name)
  if (stored === undefined) return refuse(notFound(resource, name))
  const target = { resource, namespace, name, stored }
  const refused = admissionFault(reader, target, options)
  if (refused !== undefined) return refuse(refused)
  return resource.key === DEFINITIONS
    ? removeDefinition(reader, target, options)
    : removeStored(reader, target, options)
}

/**
 * A CustomResourceDefinition: its objects are deleted with it; while some of them wait for finalizers it stays, with
 * the finalizer that upstream's cleanup controller holds. `handle` lets it go after the last of them.
 */
function removeDefinition(reader: StorageReader, target: Target, options: DeleteOptions): Decision {
  const { stored } = target
  const defined = resourcesOfCustomResourceDefinition(stored.body)
  const resource = 'resources' in defined ? defined.resources[0] : undefined
  const objects = resource === undefined ? [] : reader.list(resource, undefined)
  if (resource === undefined || objects.length === 0 || options.dryRun === true)
    return removeStored(reader, target, options)
  const { metadata } = stored.body
  const finalizers = metadata.finalizers?.includes(CLEANUP_FINALIZER)
    ? metadata.finalizers
    : Object.freeze([...(metadata.finalizers ?? []), CLEANUP_FINALIZER])
  const body = terminating(withMetadata(stored.body, { ...metadata, finalizers }), formatTimestamp(reader.nowMs))
  const held = { ...target, stored: { ...stored, body } }
  const marked = removeStored(reader, held, options)
  if (marked.changes.length !== 1) return marked
  const change = { ...(marked.changes[0] as Change), before: stored }
  const instances = removeCollection(atRevision(reader, change.revision), { verb: 'deletecollection', resource })
  const changes = [change, ...instances.changes]
  if (instances.changes.filter(({ after }) => after === undefined).length < objects.length)
    return { response: marked.response, changes }
  const last = change.after as StoredObject
  return removeNow(reader, { ...target, stored: last }, options, changes)
}

const IMMORTAL_NAMESPACES = ['default', 'kube-system', 'kube-public']

interface Target {
  readonly resource: ResourceInfo
  readonly namespace: string
  readonly name: string
  readonly stored: StoredObject
}

/** What webhooks say against a deletion. */
function admissionFault(
  reader: StorageReader,
  { resource, namespace, name, stored }: Target,
  options: DeleteOptions,
): Status | undefined {
  if (reader.admission === undefined) return undefined
  if (preconditionFault(resource, name, stored, options.preconditions) !== undefined) return undefined
  const attributes: Attributes = {
    operation: 'DELETE',
    resource,
    subresource: undefined,
    namespace,
    name,
    object: undefined,
    old: present(resource, stored),
    dryRun: options.dryRun === true,
  }
  for (const admit of [admitMutating, admitValidating]) {
    const admitted = admit(reader, attributes)
    if ('failure' in admitted) return admitted.failure
  }
  return undefined
}

function removeStored(reader: StorageReader, target: Target, options: DeleteOptions): Decision {
  const { resource, name, stored } = target
  const unmet = preconditionFault(resource, name, stored, options.preconditions)
  if (unmet !== undefined) return refuse(unmet)
  const now = formatTimestamp(reader.nowMs)
  if (resource.key === '/namespaces') return removeNamespace(reader, target, options, now)
  if (resource.gracefulDeletion) return removeGracefully(reader, target, options)

  const finalizers = deletionFinalizers(resource, stored.body.metadata, options)
  if (finalizers.length === 0) return removeNow(reader, target, options)
  const marked = markAsDeleting(stored.body, finalizers, now)
  return write(reader, target, options, marked)
}

/** Preconditions are checked first; upstream names the kind, not the plural, in this conflict. */
function preconditionFault(
  resource: ResourceInfo,
  name: string,
  stored: StoredObject,
  preconditions: DeleteOptions['preconditions'],
): Status | undefined {
  if (preconditions === undefined) return undefined
  const subject = { group: resource.group, resource: resource.kind }
  const uid = stored.body.metadata.uid
  if (preconditions.uid !== undefined && preconditions.uid !== uid) {
    const why = `the UID in the precondition (${preconditions.uid}) does not match the UID in record (${uid}). The object might have been deleted and then recreated`
    return conflict(subject, name, why)
  }
  const wanted = preconditions.resourceVersion
  if (wanted !== undefined && wanted !== String(stored.revision)) {
    const why = `the ResourceVersion in the precondition (${wanted}) does not match the ResourceVersion in record (${stored.revision}). The object might have been modified`
    return conflict(subject, name, why)
  }
  return undefined
}

/** The object with deletionTimestamp, grace 0 and these finalizers; the same body when it had all that already. */
function markAsDeleting(body: KubernetesObject, finalizers: readonly string[], now: string): KubernetesObject {
  const { metadata } = body
  const marked = metadata.deletionTimestamp !== undefined
  if (marked && metadata.deletionGracePeriodSeconds === 0 && finalizers === metadata.finalizers) return body
  const next: MutableMeta = copyFields(metadata)
  if (!marked && metadata.generation !== undefined) next.generation = metadata.generation + 1
  next.deletionTimestamp = metadata.deletionTimestamp ?? now
  next.deletionGracePeriodSeconds = 0
  next.finalizers = finalizers
  return withMetadata(body, next)
}

type MutableMeta = { -readonly [Field in keyof ObjectMeta]: ObjectMeta[Field] }

function withMetadata(body: KubernetesObject, metadata: ObjectMeta): KubernetesObject {
  const next = copyFields(body)
  next['metadata'] = Object.freeze(metadata)
  return Object.freeze(next) as KubernetesObject
}

/** Stores a body that stays; a body that is the stored one changes nothing. */
function write(reader: StorageReader, target: Target, options: DeleteOptions, body: KubernetesObject): Decision {
  const { resource, namespace, name, stored } = target
  const code = acceptedCode(options)
  if (body === stored.body) return answer(code, present(resource, stored))
  if (options.dryRun === true) return answer(code, inVersion(resource, withRevision(body, stored.revision)))
  const revision = reader.revision + 1
  const change = { resource, namespace, name, before: stored, after: { body, revision }, revision }
  return commit(code, inVersion(resource, withRevision(body, revision)), [change])
}

/** 202 only for the old way to ask for cascading deletion. */
function acceptedCode(options: DeleteOptions): number {
  return options.orphanDependents === false ? 202 : 200
}

/** Takes the target away as it is stored after the `earlier` changes of the same request. */
function removeNow(
  reader: StorageReader,
  target: Target,
  options: DeleteOptions,
  earlier: readonly Change[] = [],
): Decision {
  const { resource, namespace, name, stored } = target
  const body = resource.returnsDeletedObject === true ? present(resource, stored) : deletedStatus(resource, stored.body)
  if (options.dryRun === true) return answer(200, body)
  const revision = reader.revision + earlier.length + 1
  return commit(200, body, [...earlier, { resource, namespace, name, before: stored, after: undefined, revision }])
}

const NO_METADATA = Object.freeze({})

function deletedStatus(resource: ResourceInfo, body: KubernetesObject): SuccessStatus {
  const { name = '', uid = '' } = body.metadata
  const details = Object.freeze({
    name,
    ...(resource.group === '' ? {} : { group: resource.group }),
    kind: resource.resource,
    uid,
  })
  return Object.freeze({
    kind: 'Status' as const,
    apiVersion: 'v1' as const,
    metadata: NO_METADATA,
    status: 'Success' as const,
    details,
  })
}

/**
 * Pods: a bound, unfinished pod stays with a deletionTimestamp in the future until it is deleted with grace 0; any
 * other is marked and removed in one request, which watchers see as MODIFIED and DELETED.
 */
function removeGracefully(reader: StorageReader, target: Target, options: DeleteOptions): Decision {
  const { resource, namespace, name, stored } = target
  const { metadata } = stored.body
  const grace = gracePeriodOf(stored.body, options)
  const pending = metadata.deletionTimestamp !== undefined
  const pendingGrace = metadata.deletionGracePeriodSeconds ?? 0
  if (
    pending &&
    (options.gracePeriodSeconds === undefined || Math.max(options.gracePeriodSeconds, 0) >= pendingGrace)
  ) {
    return answer(acceptedCode(options), present(resource, stored))
  }
  const seconds = pending ? Math.max(options.gracePeriodSeconds as number, 0) : grace
  const deletedAtMs = pending ? Date.parse(metadata.deletionTimestamp as string) - pendingGrace * 1000 : reader.nowMs
  const finalizers = deletionFinalizers(resource, metadata, options)
  const next: MutableMeta = copyFields(metadata)
  if (metadata.generation !== undefined && !pending) next.generation = metadata.generation + 1
  next.deletionTimestamp = formatTimestamp(deletedAtMs + seconds * 1000)
  next.deletionGracePeriodSeconds = seconds
  if (finalizers.length === 0) delete next.finalizers
  else next.finalizers = finalizers
  const body = withMetadata(stored.body, next)
  if (finalizers.length > 0 || seconds > 0) return write(reader, target, options, body)
  const revision = reader.revision + 1
  const last = { body, revision }
  const marked: Change = { resource, namespace, name, before: stored, after: last, revision }
  return removeNow(reader, { ...target, stored: last }, options, [marked])
}

/** Unbound and finished pods get none; a negative one is one second. */
function gracePeriodOf(pod: KubernetesObject, options: DeleteOptions): number {
  const phase: unknown = pod['status']?.phase
  if (!pod['spec']?.nodeName || phase === 'Succeeded' || phase === 'Failed') return 0
  const seconds: number =
    options.gracePeriodSeconds ?? pod['spec'].terminationGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS
  return seconds < 0 ? 1 : seconds
}

const DEFAULT_GRACE_SECONDS = 30

/** A namespace is only marked; it goes when `/finalize` (or the last metadata finalizer) empties it. */
function removeNamespace(reader: StorageReader, target: Target, options: DeleteOptions, now: string): Decision {
  const { resource, stored } = target
  const { body } = stored
  const finalizers = deletionFinalizers(resource, body.metadata, options)
  if (body.metadata.deletionTimestamp === undefined) {
    const { finalizers: _old, ...rest } = body.metadata
    const metadata = { ...rest, deletionTimestamp: now, ...(finalizers.length === 0 ? {} : { finalizers }) }
    const status = Object.freeze({ ...body['status'], phase: 'Terminating' })
    return write(reader, target, options, Object.freeze({ ...withMetadata(body, metadata), status }))
  }
  if (hasSpecFinalizers(body) || finalizers.length > 0) return answer(acceptedCode(options), present(resource, stored))
  return removeNow(reader, target, options)
}

/** Deletes what the selection selects, one object after the other, and answers the list of it as it was. */
export function removeCollection(reader: StorageReader, request: ApiRequest): Decision {
  const { resource } = request
  if (resource.deletesCollections === false) return refuse(methodNotAllowed())
  const options = deleteOptionsOf(request)
  if ('failure' in options) return refuse(options.failure)
  const selection = parseSelection(resource, request.options)
  if ('failure' in selection) return refuse(selection.failure)
  const changes: Change[] = []
  let refused: Status | undefined
  for (const stored of select(reader, request, selection)) {
    const { name = '', namespace = '' } = stored.body.metadata
    const later: StorageReader = changes.length === 0 ? reader : atRevision(reader, reader.revision + changes.length)
    const target = { resource, namespace, name, stored }
    const fault = admissionFault(later, target, options)
    const removed = fault === undefined ? removeStored(later, target, options) : refuse(fault)
    if (removed.response.code >= 300) refused ??= removed.response.body as Status
    changes.push(...removed.changes)
  }
  // What may go is gone, whatever became of the others.
  if (refused !== undefined) return { ...refuse(refused), changes }
  return { response: list(reader, request).response, changes }
}

/** The same storage at a later revision: the objects of a collection are different ones, so nothing else differs. */
export function atRevision(reader: StorageReader, revision: number): StorageReader {
  return { ...withoutAdmission(reader), revision, admission: reader.admission }
}

/** The same storage with nothing that changes or refuses writes. */
export function withoutAdmission(reader: StorageReader): StorageReader {
  return {
    get: (resource, namespace, name) => reader.get(resource, namespace, name),
    list: (resource, namespace) => reader.list(resource, namespace),
    incarnations: (resource, namespace, name) => reader.incarnations(resource, namespace, name),
    namesGenerated: (resource, namespace, prefix) => reader.namesGenerated(resource, namespace, prefix),
    revision: reader.revision,
    nowMs: reader.nowMs,
  }
}
