/**
 * What decoding does to an object by the types of its kind or the schema of its CRD, and validation by that schema.
 * Source: apiextensions-apiserver/pkg/apiserver/customresource_handler.go, pkg/registry/customresource.
 */
import { type FieldError, fieldInvalid } from '#api/field-errors.ts'
import { type DecodedBuiltIn, decodeBuiltIn } from '#api/merge/decode-built-in.ts'
import { builtInType } from '#api/merge/merge-types.ts'
import type { KubernetesObject } from '#api/object.ts'
import type { ResourceInfo } from '#api/resource.ts'
import type { Status } from '#api/status.ts'
import { badRequest } from '#api/status-errors.ts'
import { unknownMetadata } from '#api/structural-schema/unknown-fields.ts'
import { metadataTypeFault } from './metadata.ts'
import type { ApiRequest } from './request.ts'
import { decodingFailure } from './unpatchable.ts'

export type Decoded =
  | { readonly object: KubernetesObject; readonly warnings: readonly string[] }
  | { readonly failure: Status }

const NO_WARNINGS: readonly string[] = Object.freeze([])
const NO_ERRORS: readonly FieldError[] = Object.freeze([])

/** The object pruned and defaulted by its schema; what was unknown is refused, told or passed over, as asked for. */
export function decodeObject(request: ApiRequest, given: KubernetesObject): Decoded {
  const { resource, options } = request
  const { schema } = resource
  const builtIn = schema === undefined ? decodeDeclared(resource, given) : undefined
  const fault = schema === undefined ? builtIn?.fault : schema.typeFault(given, metadataTypeFault)
  if (fault !== undefined) return { failure: decodingFailure(request, given, fault) }
  const object = schema === undefined ? ((builtIn?.value ?? given) as KubernetesObject) : schema.normalise(given)
  const fieldValidation = options?.fieldValidation
  if (fieldValidation === undefined || fieldValidation === 'Ignore') return { object, warnings: NO_WARNINGS }
  const unknown =
    schema === undefined ? (builtIn?.unknown ?? unknownMetadata({ ...given.metadata })) : schema.unknownFields(given)
  if (unknown.length === 0 && request.duplicateFields === undefined) return { object, warnings: NO_WARNINGS }
  const warnings = [
    ...(request.duplicateFields ?? []).map((path) => `duplicate field ${JSON.stringify(path)}`),
    ...unknown.map((path) => `unknown field ${JSON.stringify(path)}`),
  ]
  if (fieldValidation === 'Warn') return { object, warnings }
  return { failure: strictFailure(request, given, warnings.join(', ')) }
}

/** By the types of a built-in kind; undefined for a kind whose fields nobody declared. */
export function decodeDeclared(resource: ResourceInfo, given: KubernetesObject): DecodedBuiltIn | undefined {
  const type = resource.custom ? undefined : builtInType(`${resource.group}/${resource.version}/${resource.kind}`)
  return type === undefined ? undefined : decodeBuiltIn(type, given)
}

function strictFailure(request: ApiRequest, given: KubernetesObject, faults: string): Status {
  const { resource, verb, patchType } = request
  const message = `strict decoding error: ${faults}`
  if (verb === 'patch' && patchType !== 'apply') return decodingFailure(request, given, message)
  return badRequest(
    `${resource.kind} in version "${resource.version}" cannot be handled as a ${resource.kind}: ${message}`,
  )
}

/** A stored body as the schema of the stored version has it now: a schema may have changed since it was written. */
export function storedForm(resource: ResourceInfo, body: KubernetesObject): KubernetesObject {
  const schema = resource.storageSchema ?? resource.schema
  return schema === undefined ? body : schema.normalise(body)
}

/** Faults by the schema of a new object, or of a new version of `old` at the main endpoint or at `/status`. */
export function schemaFaultsOf(
  resource: ResourceInfo,
  body: KubernetesObject,
  old: KubernetesObject | undefined,
  subresource?: string,
): readonly FieldError[] {
  const { schema } = resource
  const isStatus = subresource === 'status' && old !== undefined
  const faults =
    schema === undefined ? NO_ERRORS : isStatus ? schema.validateStatus(body, old) : schema.validate(body, old)
  if (resource.scale === undefined || !resource.custom || body === old) return faults
  const scaleFaults = [
    ...(isStatus ? [] : replicasFaults(body, resource.scale.specReplicas)),
    ...replicasFaults(body, resource.scale.statusReplicas),
  ]
  return scaleFaults.length === 0 ? faults : [...faults, ...scaleFaults]
}

const REPLICAS_MAX = 2 ** 31 - 1

function replicasFaults(body: KubernetesObject, path: string): readonly FieldError[] {
  let value: unknown = body
  for (const part of path.split('.')) {
    if (value === null || typeof value !== 'object') return NO_ERRORS
    value = (value as Readonly<Record<string, unknown>>)[part]
  }
  if (value === undefined) return NO_ERRORS
  if (typeof value !== 'number' || !Number.isInteger(value))
    return [fieldInvalid(`.${path}`, 0, `.${path} accessor error: ${JSON.stringify(value)} is not of the type int64`)]
  if (value < 0) return [fieldInvalid(`.${path}`, value, 'should be a non-negative integer')]
  if (value > REPLICAS_MAX) return [fieldInvalid(`.${path}`, value, `should be less than or equal to ${REPLICAS_MAX}`)]
  return NO_ERRORS
}
