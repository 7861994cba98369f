/**
 * Decisions in their usual shapes: a refusal, an answer without a change, and one committed change.
 */
import { copyFields } from '#api/clone.ts'
import { formatResourceVersion } from '#api/identity.ts'
import type { KubernetesObject } from '#api/object.ts'
import { apiVersionOf, type ResourceInfo } from '#api/resource.ts'
import type { Status } from '#api/status.ts'
import type { ApiResponse, Change, Decision, StoredObject } from './request.ts'

const NO_CHANGES: readonly Change[] = Object.freeze([])

/** A failure; nothing changes. */
export function refuse(status: Status): Decision {
  return { response: { code: status.code, body: status }, changes: NO_CHANGES }
}

/** An answer that commits nothing. */
export function answer(code: number, body: ApiResponse['body']): Decision {
  return { response: { code, body }, changes: NO_CHANGES }
}

/** An answer with the changes that it commits. */
export function commit(code: number, body: ApiResponse['body'], changes: readonly Change[]): Decision {
  return { response: { code, body }, changes }
}

/** The same decision with these warnings before its own. */
export function withWarnings(decision: Decision, warnings: readonly string[]): Decision {
  if (warnings.length === 0) return decision
  const { response, changes } = decision
  return { response: { ...response, warnings: [...warnings, ...(response.warnings ?? [])] }, changes }
}

/** The object as it leaves the server: a frozen shallow copy with `metadata.resourceVersion`. */
export function withResourceVersion(stored: StoredObject): KubernetesObject {
  return withRevision(stored.body, stored.revision)
}

export function withRevision(body: KubernetesObject, revision: number): KubernetesObject {
  const metadata = copyFields(body.metadata)
  metadata['resourceVersion'] = formatResourceVersion(revision)
  const object = copyFields(body)
  object['metadata'] = Object.freeze(metadata)
  return Object.freeze(object) as KubernetesObject
}

/**
 * A stored object as the version that `resource` serves shows it (conversion strategy None: only `apiVersion`
 * differs): with defaults that its schema has now, and without what the version does not know.
 */
export function inVersion(resource: ResourceInfo, object: KubernetesObject): KubernetesObject {
  const { schema, storageSchema, storageVersion } = resource
  if (storageVersion === undefined || storageVersion === resource.version)
    return schema === undefined ? object : schema.normalise(object)
  const stored = storageSchema === undefined ? object : storageSchema.normalise(object)
  const shown = schema === undefined ? stored : schema.prune(stored)
  return Object.freeze({ ...shown, apiVersion: apiVersionOf(resource) })
}

/** The body to store of an object in the version of `resource`: without what the stored version does not know. */
export function toStorage(resource: ResourceInfo, body: KubernetesObject): KubernetesObject {
  return resource.storageSchema === undefined ? body : resource.storageSchema.prune(body)
}

/** `apiVersion` of stored bodies. */
export function storageApiVersion(resource: ResourceInfo): string {
  return apiVersionOf({ group: resource.group, version: resource.storageVersion ?? resource.version })
}

/** What a client sees of a stored object. */
export function present(resource: ResourceInfo, stored: StoredObject): KubernetesObject {
  return inVersion(resource, withResourceVersion(stored))
}
