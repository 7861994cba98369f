/**
 * The verbs get and list.
 */

import { type FieldError, fieldForbidden, fieldNotSupported } from '#api/field-errors.ts'
import { type FieldRequirement, matchesFields, parseFieldSelector } from '#api/field-selectors.ts'
import { formatResourceVersion, parseResourceVersion } from '#api/identity.ts'
import type { KubernetesObject } from '#api/object.ts'
import { apiVersionOf, type ResourceInfo } from '#api/resource.ts'
import { type LabelRequirements, matchesLabels, parseLabelSelector, SelectorSyntaxError } from '#api/selectors.ts'
import type { Status } from '#api/status.ts'
import { badRequest, failure, invalid, notFound } from '#api/status-errors.ts'
import { answer, present, refuse } from './answer.ts'
import type { ApiRequest, Decision, RequestOptions, StorageReader, StoredObject } from './request.ts'

export function get(reader: StorageReader, request: ApiRequest): Decision {
  const { resource } = request
  const name = request.name ?? ''
  const stored = reader.get(resource, resource.namespaced ? (request.namespace ?? '') : '', name)
  return stored === undefined ? refuse(notFound(resource, name)) : answer(200, present(resource, stored))
}

export function list(reader: StorageReader, request: ApiRequest): Decision {
  const { resource } = request
  const versionFault = listVersionFault(reader, request.options)
  if (versionFault !== undefined) return refuse(versionFault)
  const selection = parseSelection(resource, request.options)
  if ('failure' in selection) return refuse(selection.failure)
  const items: KubernetesObject[] = []
  for (const stored of select(reader, request, selection)) items.push(present(resource, stored))
  return answer(
    200,
    Object.freeze({
      apiVersion: apiVersionOf(resource),
      kind: resource.listKind ?? `${resource.kind}List`,
      metadata: Object.freeze({ resourceVersion: formatResourceVersion(reader.revision) }),
      items: Object.freeze(items),
    }),
  )
}

/** The 422 of a list or watch whose options contradict each other. */
export function invalidListOptions(error: FieldError): Status {
  return invalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', [error])
}

/** Why a list cannot be had at the resourceVersion that is asked for. Older ones than the newest answer the newest. */
function listVersionFault(reader: StorageReader, options: RequestOptions | undefined): Status | undefined {
  const resourceVersion = options?.resourceVersion ?? ''
  const match = options?.resourceVersionMatch ?? ''
  if (resourceVersion === '' && match === '') return undefined
  const field = 'resourceVersionMatch'
  if (match !== '' && resourceVersion === '')
    return invalidListOptions(fieldForbidden(field, `${field} is forbidden unless resourceVersion is provided`))
  if (match !== '' && match !== 'Exact' && match !== 'NotOlderThan')
    return invalidListOptions(fieldNotSupported(field, match, ['Exact', 'NotOlderThan']))
  if (match === 'Exact' && resourceVersion === '0')
    return invalidListOptions(fieldForbidden(field, `${field} "exact" is forbidden for resourceVersion "0"`))
  const revision = parseResourceVersion(resourceVersion)
  if (revision === undefined) {
    const text = JSON.stringify(resourceVersion)
    return badRequest(
      `invalid resource version: resourceVersion: Invalid value: ${text}: strconv.ParseUint: parsing ${text}: invalid syntax`,
    )
  }
  if (revision <= reader.revision) return undefined
  const message = `Timeout: Too large resource version: ${revision}, current: ${reader.revision}`
  return failure(504, 'Timeout', message, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  })
}

/** Both selectors of a list, watch or deletecollection, ready to be asked. */
export interface Selection {
  readonly labels: LabelRequirements
  readonly fields: readonly FieldRequirement[]
}

const EVERYTHING: Selection = Object.freeze({ labels: Object.freeze([]), fields: Object.freeze([]) })

/** Reads the selectors of a request, or says with upstream's 400 why they cannot be read. */
export function parseSelection(
  resource: ResourceInfo,
  options: RequestOptions | undefined,
): Selection | { readonly failure: Status } {
  if (options === undefined || (!options.labelSelector && !options.fieldSelector)) return EVERYTHING
  let labels: LabelRequirements
  try {
    labels = parseLabelSelector(options.labelSelector ?? '')
  } catch (error) {
    if (error instanceof SelectorSyntaxError) return { failure: badRequest(error.message) }
    throw error
  }
  const fields = parseFieldSelector(options.fieldSelector ?? '')
  if (typeof fields === 'string') return { failure: badRequest(fields) }
  for (const { field } of fields) {
    if (field === 'metadata.name' || field === 'metadata.namespace' || resource.selectableFields?.includes(field))
      continue
    return { failure: badRequest(`field label not supported: ${field}`) }
  }
  return { labels, fields }
}

/** Whether a watch or list with this selection shows the object. */
export function selects(selection: Selection, object: KubernetesObject): boolean {
  return matchesLabels(selection.labels, object.metadata.labels) && matchesFields(selection.fields, object)
}

/** The stored objects in the scope of a request that its selection selects. */
export function select(reader: StorageReader, request: ApiRequest, selection: Selection): readonly StoredObject[] {
  const { resource } = request
  const namespace = resource.namespaced ? request.namespace || undefined : undefined
  const all = reader.list(resource, namespace)
  if (selection === EVERYTHING) return all
  return all.filter((stored) => selects(selection, stored.body))
}
