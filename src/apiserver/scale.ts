/**
 * The scale subresource: an object's replica counts as an autoscaling/v1 Scale.
 * Source: kubernetes/pkg/registry/apps (ScaleREST of each kind), apiextensions-apiserver/pkg/registry/customresource.
 */
import { setField } from '#api/clone.ts'
import { fieldInvalid } from '#api/field-errors.ts'
import { formatTimestamp } from '#api/identity.ts'
import { applyConfiguration, encodeManagedFields } from '#api/merge/managed-fields.ts'
import { UNTYPED } from '#api/merge/merge-types.ts'
import type { KubernetesObject } from '#api/object.ts'
import { apiVersionOf, type ResourceInfo, type ScaleSubresource } from '#api/resource.ts'
import { formatLabelSelector, type LabelSelector } from '#api/selectors.ts'
import type { Status } from '#api/status.ts'
import { badRequest, internalError, invalid, methodNotAllowed, notFound } from '#api/status-errors.ts'
import { admitMutating, admitValidating } from './admission/admission.ts'
import { answer, commit, present, refuse, withWarnings } from './answer.ts'
import { applyConflict, configurationFault, managedBefore } from './apply.ts'
import { identityFault } from './body.ts'
import { withoutAdmission } from './delete.ts'
import { fieldManagerOf, withManagedFields } from './managed-fields.ts'
import { applyPatch, patchTypeFault } from './patch.ts'
import type { ApiRequest, Decision, StorageReader } from './request.ts'
import { entriesOfObject, entriesOfScale } from './scale-managed-fields.ts'
import { replace } from './update.ts'

export function decideScale(reader: StorageReader, request: ApiRequest, paths: ScaleSubresource): Decision {
  const { resource, verb } = request
  if (verb !== 'get' && verb !== 'update' && verb !== 'patch') return refuse(methodNotAllowed())
  const isApply = verb === 'patch' && request.patchType === 'apply'
  const unsupported = verb === 'patch' && !isApply ? patchTypeFault(request) : undefined
  if (unsupported !== undefined) return refuse(unsupported)
  const name = request.name ?? ''
  const namespace = resource.namespaced ? (request.namespace ?? '') : ''
  const stored = reader.get(resource, namespace, name)
  if (stored === undefined) return refuse(notFound(resource, name))
  const object = present(resource, stored)
  const scale = scaleOf(resource, object, paths)
  if ('failure' in scale) return refuse(scale.failure)
  if (verb === 'get') return answer(200, scale.value)

  const given = isApply
    ? applyToScale(request, { object, scale: scale.value, paths, nowMs: reader.nowMs })
    : verb === 'patch'
      ? applyPatch(request, scale.value)
      : { value: request.body }
  if ('failure' in given) return refuse(given.failure)
  const { managedFields } = given as Partial<AppliedScale>
  return writeScale(reader, request, { object, old: scale.value, paths, managedFields }, given.value)
}

const SCALE = { group: 'autoscaling', version: 'v1', kind: 'Scale' } as const

interface AppliedScale {
  readonly value: unknown
  /** Of the object. */
  readonly managedFields: readonly unknown[] | undefined
}

/** The Scale after an apply to it, and who manages the object then. */
function applyToScale(
  request: ApiRequest,
  {
    object,
    scale,
    paths,
    nowMs,
  }: {
    readonly object: KubernetesObject
    readonly scale: KubernetesObject
    readonly paths: ScaleSubresource
    readonly nowMs: number
  },
): AppliedScale | { readonly failure: Status } {
  const { resource, options } = request
  const fault = configurationFault({ ...resource, ...SCALE }, request.body)
  if (fault !== undefined) return { failure: fault }
  const time = formatTimestamp(nowMs)
  const path = paths.specReplicas
  const entries = managedBefore(request, object, withManagedFields(object, undefined), time)
  const result = applyConfiguration({
    type: UNTYPED,
    live: scale,
    applied: request.body,
    managed: entriesOfScale(entries, path),
    manager: { ...fieldManagerOf(request), apiVersion: apiVersionOf(SCALE) },
    force: options?.force === true,
    time,
    ignored: [['f:status']],
  })
  if ('conflicts' in result) return { failure: applyConflict(result.conflicts) }
  const managed = entriesOfObject(entries, result.managed, { path, apiVersion: apiVersionOf(resource) })
  return { value: result.value, managedFields: encodeManagedFields(managed) }
}

interface ScaledObject {
  readonly object: KubernetesObject
  /** Its Scale before. */
  readonly old: KubernetesObject
  readonly paths: ScaleSubresource
  /** After an apply. */
  readonly managedFields: readonly unknown[] | undefined
}

/** Webhooks see the Scale, and none sees the object. */
function writeScale(reader: StorageReader, request: ApiRequest, scaled: ScaledObject, sent: unknown): Decision {
  const { resource, subresource, name = '' } = request
  const namespace = resource.namespaced ? (request.namespace ?? '') : ''
  if (sent === null || typeof sent !== 'object' || Array.isArray(sent))
    return refuse(badRequest('the object provided is unrecognized (must be of type Scale)'))
  const mismatch = identityFault(resource, sent as KubernetesObject, name, namespace)
  if (mismatch !== undefined) return refuse(mismatch)
  const dryRun = request.options?.dryRun === true
  const attributes = { operation: 'UPDATE', resource, subresource, kind: SCALE, namespace, name, dryRun } as const
  const { old } = scaled
  const mutated = admitMutating(reader, { ...attributes, old, object: sent as KubernetesObject })
  if ('failure' in mutated) return refuse(mutated.failure)
  const decision = writeReplicas(reader, request, scaled, mutated.object as KubernetesObject)
  if (decision.response.code !== 200) return decision
  const object = decision.response.body as KubernetesObject
  const validated = admitValidating(reader, { ...attributes, old, object })
  if ('failure' in validated) return refuse(validated.failure)
  return withWarnings(decision, [...mutated.warnings, ...validated.warnings])
}

/** A scale write is an update of the whole object, with the Scale's resourceVersion if it has one. */
function writeReplicas(
  reader: StorageReader,
  request: ApiRequest,
  { object, paths, managedFields }: ScaledObject,
  body: KubernetesObject,
): Decision {
  const { resource } = request
  const { name = '' } = object.metadata
  const replicas: unknown = body['spec']?.replicas ?? 0
  if (typeof replicas !== 'number' || !Number.isInteger(replicas))
    return refuse(badRequest('Scale in version "v1" cannot be handled as a Scale: spec.replicas must be an integer'))
  if (replicas < 0) {
    const error = fieldInvalid('spec.replicas', replicas, 'must be greater than or equal to 0')
    return refuse(invalid(SCALE, name, [error]))
  }
  const scaled = withPath(object, paths.specReplicas.split('.'), replicas)
  const resourceVersion = body.metadata.resourceVersion || object.metadata.resourceVersion
  const metadata = { ...object.metadata, resourceVersion, ...(managedFields === undefined ? {} : { managedFields }) }
  const given = { ...scaled, metadata } as KubernetesObject
  const { subresource: _scale, ...rest } = request
  const stored = reader.get(resource, object.metadata.namespace ?? '', name) as NonNullable<
    ReturnType<StorageReader['get']>
  >
  const withoutWebhooks = withoutAdmission(reader)
  const decision = replace(withoutWebhooks, { ...rest, cameBy: 'scale' }, stored, given)
  if (decision.response.code !== 200) return decision
  const scale = scaleOf(resource, decision.response.body as KubernetesObject, paths)
  return 'failure' in scale ? refuse(scale.failure) : commit(200, scale.value, decision.changes)
}

/** An object's Scale, or why it has none. */
export function scaleOf(
  resource: ResourceInfo,
  object: KubernetesObject,
  paths: ScaleSubresource,
): { readonly value: KubernetesObject } | { readonly failure: Status } {
  const replicas = atPath(object, paths.specReplicas)
  if (typeof replicas !== 'number') {
    if (resource.custom)
      return { failure: internalError(`the spec replicas field ".${paths.specReplicas}" does not exist`) }
  }
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata
  const statusReplicas = atPath(object, paths.statusReplicas)
  const selector = selectorText(resource, object, paths)
  const metadata = { name, ...(namespace === undefined ? {} : { namespace }), uid, resourceVersion, creationTimestamp }
  const value = {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: Object.freeze(metadata),
    spec: Object.freeze(replicas === 0 ? {} : { replicas: replicas ?? 1 }),
    status: Object.freeze({
      replicas: typeof statusReplicas === 'number' ? statusReplicas : 0,
      ...(selector === '' ? {} : { selector }),
    }),
  }
  return { value: Object.freeze(value) as KubernetesObject }
}

/** Custom resources keep the selector as text; built-in kinds have it in their spec. */
function selectorText(resource: ResourceInfo, object: KubernetesObject, paths: ScaleSubresource): string {
  if (resource.custom) {
    const text = paths.selector === undefined ? undefined : atPath(object, paths.selector)
    return typeof text === 'string' ? text : ''
  }
  const selector = (object['spec']?.selector ?? {}) as LabelSelector & Readonly<Record<string, string>>
  const isMap = selector.matchLabels === undefined && selector.matchExpressions === undefined
  return formatLabelSelector(isMap ? { matchLabels: selector } : selector)
}

function atPath(object: unknown, path: string): unknown {
  let value = object
  for (const part of path.split('.')) {
    if (value === null || typeof value !== 'object') return undefined
    value = (value as Record<string, unknown>)[part]
  }
  return value
}

function withPath(value: unknown, path: readonly string[], leaf: unknown): object {
  const [first, ...rest] = path as [string, ...string[]]
  const copy: Record<string, unknown> = value !== null && typeof value === 'object' ? { ...value } : {}
  setField(copy, first, rest.length === 0 ? leaf : withPath(copy[first], rest, leaf))
  return Object.freeze(copy)
}
