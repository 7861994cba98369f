/**
 * The verb patch: the patch is applied to the stored object, the result is written as an update would be.
 * Source: apiserver/pkg/endpoints/handlers/patch.go.
 */
import { applyJsonPatch } from '#api/json-patch.ts'
import { mergeTypeOf, UNTYPED } from '#api/merge/merge-types.ts'
import { applyStrategicMergePatch } from '#api/merge/strategic-merge-patch.ts'
import { applyMergePatch } from '#api/merge-patch.ts'
import type { KubernetesObject } from '#api/object.ts'
import type { ResourceTable } from '#api/resource.ts'
import type { Status } from '#api/status.ts'
import { badRequest, failure, notFound, unsupportedPatchType } from '#api/status-errors.ts'
import { present, refuse, withWarnings } from './answer.ts'
import { apply } from './apply.ts'
import { bodyFault, identityFault } from './body.ts'
import { decodeObject } from './custom-resources.ts'
import type { ApiRequest, Decision, StorageReader } from './request.ts'
import { decodingFailure } from './unpatchable.ts'
import { replace } from './update.ts'

export function patch(table: ResourceTable, reader: StorageReader, request: ApiRequest): Decision {
  if (request.patchType === 'apply') return apply(table, reader, request)
  const { resource } = request
  const name = request.name ?? ''
  const namespace = resource.namespaced ? (request.namespace ?? '') : ''
  const unsupported = patchTypeFault(request)
  if (unsupported !== undefined) return refuse(unsupported)
  const stored = reader.get(resource, namespace, name)
  if (stored === undefined) return refuse(notFound(resource, name))
  const patched = applyPatch(request, present(resource, stored))
  if ('failure' in patched) return refuse(patched.failure)
  const fault = bodyFault(resource, patched.value)
  if (fault !== undefined)
    return refuse(resource.custom ? fault : decodingFailure(request, patched.value, fault.message ?? ''))
  const decoded = decodeObject(request, patched.value as KubernetesObject)
  if ('failure' in decoded) return refuse(decoded.failure)
  const given = decoded.object
  const mismatch = identityFault(resource, given, name, namespace)
  if (mismatch !== undefined) return refuse(mismatch)
  return withWarnings(replace(reader, request, stored, given), decoded.warnings)
}

type Patched = { readonly value: unknown } | { readonly failure: Status }

/** `document` after the patch of the request; also used for the Scale of an object. */
export function applyPatch(request: ApiRequest, document: unknown): Patched {
  if (request.patchType === 'json') {
    const result = applyJsonPatch(document, request.body)
    if (result.type === 'ok') return { value: result.value }
    if (result.type === 'large') {
      const message = `Request entity too large: ${result.message}`
      return { failure: failure(413, 'RequestEntityTooLarge', message, {}) }
    }
    return {
      failure:
        result.type === 'malformed'
          ? badRequest(`error decoding patch: ${result.message}`)
          : failure(422, 'Invalid', PATCH_FAILED, {}),
    }
  }
  if (request.body === null || typeof request.body !== 'object' || Array.isArray(request.body)) {
    return { failure: badRequest('json: cannot unmarshal into Go value of type map[string]interface {}') }
  }
  if (request.patchType !== 'strategic') return { value: applyMergePatch(document, request.body) }
  const type = request.subresource === 'scale' ? UNTYPED : mergeTypeOf(request.resource)
  const result = applyStrategicMergePatch(document, request.body, type)
  return result.type === 'ok' ? { value: result.value } : { failure: badRequest(result.message) }
}

/** A patch that does not fit the object; upstream keeps to itself which operation it was. */
const PATCH_FAILED = 'the server rejected our request due to an error in our request'

const MEDIA_TYPES = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  apply: 'application/apply-patch+yaml',
  strategic: 'application/strategic-merge-patch+json',
} as const

/** Strategic merge is for built-in kinds only. */
export function patchTypeFault(request: ApiRequest): Status | undefined {
  const { patchType } = request
  if (patchType === 'json' || patchType === 'merge' || (patchType === 'strategic' && !request.resource.custom))
    return undefined
  const accepted = [
    MEDIA_TYPES.json,
    MEDIA_TYPES.merge,
    ...(request.resource.custom ? [] : [MEDIA_TYPES.strategic]),
    MEDIA_TYPES.apply,
  ]
  return unsupportedPatchType(accepted)
}
