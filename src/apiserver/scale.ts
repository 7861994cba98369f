/**
 * The scale subresource: an object's replica counts as an autoscaling/v1 Scale.
 * Source: kubernetes/pkg/registry/apps (ScaleREST of each kind), apiextensions-apiserver/pkg/registry/customresource.
 */
import { setField } from '#api/clone.ts'
import { fieldInvalid } from '#api/field-errors.ts'
import type { KubernetesObject } from '#api/object.ts'
import type { ResourceInfo, ScaleSubresource } from '#api/resource.ts'
import { formatLabelSelector, type LabelSelector } from '#api/selectors.ts'
import type { Status } from '#api/status.ts'
import { badRequest, internalError, invalid, methodNotAllowed, notFound } from '#api/status-errors.ts'
import { answer, commit, present, refuse } from './answer.ts'
import { identityFault } from './body.ts'
import { applyPatch, patchTypeFault } from './patch.ts'
import type { ApiRequest, Decision, StorageReader } from './request.ts'
import { replace } from './update.ts'

export function decideScale(reader: StorageReader, request: ApiRequest, paths: ScaleSubresource): Decision {
  const { resource, verb } = request
  if (verb !== 'get' && verb !== 'update' && verb !== 'patch') return refuse(methodNotAllowed())
  const unsupported = verb === 'patch' ? patchTypeFault(request) : undefined
  if (unsupported !== undefined) return refuse(unsupported)
  const name = request.name ?? ''
  const namespace = resource.namespaced ? (request.namespace ?? '') : ''
  const stored = reader.get(resource, namespace, name)
  if (stored === undefined) return refuse(notFound(resource, name))
  const object = present(resource, stored)
  const scale = scaleOf(resource, object, paths)
  if ('failure' in scale) return refuse(scale.failure)
  if (verb === 'get') return answer(200, scale.value)

  const given = verb === 'patch' ? applyPatch(request, scale.value) : { value: request.body }
  if ('failure' in given) return refuse(given.failure)
  const body = given.value as KubernetesObject
  if (body === null || typeof body !== 'object' || Array.isArray(body))
    return refuse(badRequest('the object provided is unrecognized (must be of type Scale)'))
  const mismatch = identityFault(resource, body, name, namespace)
  if (mismatch !== undefined) return refuse(mismatch)
  const replicas: unknown = body['spec']?.replicas ?? 0
  if (typeof replicas !== 'number' || !Number.isInteger(replicas))
    return refuse(badRequest('Scale in version "v1" cannot be handled as a Scale: spec.replicas must be an integer'))
  if (replicas < 0) {
    const error = fieldInvalid('spec.replicas', replicas, 'must be greater than or equal to 0')
    return refuse(invalid({ group: 'autoscaling', kind: 'Scale' }, name, [error]))
  }
  return writeReplicas(reader, request, { object, body, replicas, paths })
}

interface ScaleWrite {
  readonly object: KubernetesObject
  readonly body: KubernetesObject
  readonly replicas: number
  readonly paths: ScaleSubresource
}

/** A scale write is an update of the whole object, with the Scale's resourceVersion if it has one. */
function writeReplicas(
  reader: StorageReader,
  request: ApiRequest,
  { object, body, replicas, paths }: ScaleWrite,
): Decision {
  const { resource } = request
  const scaled = withPath(object, paths.specReplicas.split('.'), replicas)
  const resourceVersion = body.metadata.resourceVersion || object.metadata.resourceVersion
  const given = { ...scaled, metadata: { ...object.metadata, resourceVersion } } as KubernetesObject
  const { subresource: _scale, ...main } = request
  const stored = reader.get(resource, object.metadata.namespace ?? '', object.metadata.name ?? '') as NonNullable<
    ReturnType<StorageReader['get']>
  >
  const decision = replace(reader, main, stored, given)
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
