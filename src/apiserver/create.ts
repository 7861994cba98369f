/**
 * The verb create.
 * Source: apiserver/pkg/endpoints/handlers/create.go, registry/rest/create.go, admission plugin NamespaceLifecycle.
 */
import { formatTimestamp, generatedName, uidOf } from '#api/identity.ts'
import type { KubernetesObject, ObjectMeta } from '#api/object.ts'
import type { ResourceInfo, ResourceTable } from '#api/resource.ts'
import type { Status } from '#api/status.ts'
import { alreadyExists, badRequest, failure, invalid, namespaceTerminating, notFound } from '#api/status-errors.ts'
import { admitMutating, admitValidating } from './admission/admission.ts'
import {
  answer,
  commit,
  inVersion,
  refuse,
  storageApiVersion,
  toStorage,
  withRevision,
  withWarnings,
} from './answer.ts'
import { bodyFault, heldBody, kindFault, NAMESPACE_MISMATCH, undecodable } from './body.ts'
import { decodeObject, schemaFaultsOf } from './custom-resources.ts'
import { finalizerWarnings } from './finalizer-warnings.ts'
import { fullValidation, withoutRepeated } from './kinds/full-validation.ts'
import { behaviourOf, type Fields } from './kinds.ts'
import { trackCreate } from './managed-fields.ts'
import { metadataForCreate, validateMetadata } from './metadata.ts'
import type { ApiRequest, Decision, StorageReader } from './request.ts'
import { isOfOutside } from './write-options.ts'

export function create(table: ResourceTable, reader: StorageReader, request: ApiRequest): Decision {
  const { resource } = request
  if (resource.terminating === true)
    return refuse(
      failure(405, 'MethodNotAllowed', 'create not allowed while custom resource definition is terminating', {
        group: resource.group,
        kind: resource.resource,
      }),
    )
  const fault = bodyFault(resource, request.body)
  if (fault !== undefined) return refuse(fault)
  const decoded = decodeObject(request, request.body as KubernetesObject)
  if ('failure' in decoded) return refuse(decoded.failure)
  return withWarnings(createObject(table, reader, request, decoded.object), decoded.warnings)
}

/** Creates an object that is decoded: pruned and defaulted. */
export function createObject(
  table: ResourceTable,
  reader: StorageReader,
  request: ApiRequest,
  given: KubernetesObject,
): Decision {
  const { resource } = request
  const givenMetadata: ObjectMeta = given.metadata ?? {}
  const namespace = resource.namespaced ? (request.namespace ?? givenMetadata.namespace ?? '') : ''
  if (resource.namespaced) {
    if (givenMetadata.namespace && givenMetadata.namespace !== namespace) return refuse(badRequest(NAMESPACE_MISMATCH))
    if (namespace === '') return refuse(badRequest('an empty namespace may not be set during creation'))
  }
  const name = givenMetadata.name || nameFor(reader, resource, namespace, givenMetadata.generateName)
  const refusal = admit(table, reader, { resource, namespace, name }) ?? kindFault(resource, given)
  if (refusal !== undefined) return refuse(refusal)
  if (givenMetadata.resourceVersion)
    return refuse(badRequest('resourceVersion should not be set on objects to be created'))

  const behaviour = behaviourOf(resource.key)
  const typeFault = behaviour.typeFault?.(given)
  if (typeFault !== undefined) return refuse(undecodable(resource, typeFault))
  const first = newObject(reader, resource, given, { name, namespace })
  const dryRun = request.options?.dryRun === true
  const attributes = {
    operation: 'CREATE',
    resource,
    subresource: undefined,
    namespace,
    name,
    old: undefined,
    dryRun,
  } as const
  const mutated = admitMutating(reader, { ...attributes, object: first })
  if ('failure' in mutated) return refuse(mutated.failure)
  const created =
    mutated.object === first
      ? first
      : newObject(reader, resource, mutated.object as KubernetesObject, { name, namespace })
  const made = trackCreate(request, given, created, formatTimestamp(reader.nowMs))
  const errors = validateMetadata(resource, made.metadata)
  const more = resource.custom
    ? schemaFaultsOf(resource, made, undefined)
    : withoutRepeated(
        behaviour.validate?.(made, name, namespace) ?? [],
        fullValidation(resource.key, made, { old: undefined, isComplete: isOfOutside(request) }),
      )
  if (errors.length > 0 || more.length > 0) return refuse(invalid(resource, name, [...errors, ...more]))
  const validated = admitValidating(reader, { ...attributes, object: made })
  if ('failure' in validated) return refuse(validated.failure)
  if (reader.get(resource, namespace, name) !== undefined) return refuse(alreadyExists(resource, name))
  const body = toStorage(resource, made)
  const warnings = [...mutated.warnings, ...validated.warnings, ...finalizerWarnings(request, made.metadata, undefined)]
  if (dryRun) return withWarnings(answer(201, inVersion(resource, body)), warnings)

  const revision = reader.revision + 1
  const change = { resource, namespace, name, before: undefined, after: { body, revision }, revision }
  return withWarnings(commit(201, inVersion(resource, withRevision(body, revision)), [change]), warnings)
}

/** The first name of a `generateName` prefix that is free; '' without a prefix. */
function nameFor(reader: StorageReader, resource: ResourceInfo, namespace: string, prefix: string | undefined): string {
  if (!prefix) return ''
  for (let n = reader.namesGenerated(resource, namespace, prefix); ; n++) {
    const name = generatedName(prefix, n)
    if (reader.get(resource, namespace, name) === undefined) return name
  }
}

/** Namespaces must exist and not be terminating. A table without namespaces does not ask for them. */
function admit(
  table: ResourceTable,
  reader: StorageReader,
  { resource, namespace, name }: { readonly resource: ResourceInfo; readonly namespace: string; readonly name: string },
): Status | undefined {
  if (!resource.namespaced) return undefined
  const namespaces = table.byKind('v1', 'Namespace')
  if (namespaces === undefined) return undefined
  const stored = reader.get(namespaces, '', namespace)
  if (stored === undefined) return notFound(namespaces, namespace)
  const terminating =
    stored.body.metadata.deletionTimestamp !== undefined || stored.body['status']?.phase === 'Terminating'
  return terminating ? namespaceTerminating(resource, name, namespace) : undefined
}

/** The body to store: what the client may set, and what the server sets itself. */
export function newObject(
  reader: StorageReader,
  resource: ResourceInfo,
  given: KubernetesObject,
  key: { readonly name: string; readonly namespace: string },
): KubernetesObject {
  const behaviour = behaviourOf(resource.key)
  const creationTimestamp = formatTimestamp(reader.nowMs)
  const uid = uidOf(resource.key, key.namespace, key.name, reader.incarnations(resource, key.namespace, key.name))
  let fields: Fields = heldBody(resource, given)
  if (resource.statusSubresource) fields = withInitialStatus(fields, behaviour.initialStatus)
  if (behaviour.withDefaults !== undefined) fields = behaviour.withDefaults(fields)
  if (behaviour.prepareForCreate !== undefined) {
    fields = behaviour.prepareForCreate(fields, {
      name: key.name,
      namespace: key.namespace,
      uid,
    })
  }
  let givenMetadata: ObjectMeta = given.metadata ?? {}
  const required = behaviour.requiredLabels?.(key.name)
  if (required !== undefined)
    givenMetadata = { ...givenMetadata, labels: Object.freeze({ ...givenMetadata.labels, ...required }) }
  const identity = { name: key.name, namespace: key.namespace, uid, creationTimestamp }
  const metadata = Object.freeze(metadataForCreate(resource, givenMetadata, identity))
  return assembleObject(resource, fields, metadata)
}

/** Type, metadata and the other fields as one frozen object. (Three times as fast as spreading a frozen object.) */
function assembleObject(resource: ResourceInfo, fields: Fields, metadata: ObjectMeta): KubernetesObject {
  const body: Record<string, unknown> = { apiVersion: storageApiVersion(resource), kind: resource.kind, metadata }
  for (const key of Object.keys(fields)) {
    if (key !== 'apiVersion' && key !== 'kind' && key !== 'metadata' && key !== '__proto__') body[key] = fields[key]
  }
  return Object.freeze(body) as KubernetesObject
}

function withInitialStatus(fields: Fields, initialStatus: unknown): Fields {
  if (initialStatus !== undefined) return { ...fields, status: initialStatus }
  if (!('status' in fields)) return fields
  const { status: _dropped, ...rest } = fields
  return rest
}
