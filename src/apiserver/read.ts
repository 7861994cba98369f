/**
 * The verbs get and list.
 */

import { type FieldRequirement, matchesFields, parseFieldSelector } from '#api/field-selectors.ts'
import { formatResourceVersion } from '#api/identity.ts'
import { keyOfObject } from '#api/key.ts'
import type { KubernetesObject } from '#api/object.ts'
import { apiVersionOf, type ResourceInfo } from '#api/resource.ts'
import { type LabelRequirements, matchesLabels, parseLabelSelector, SelectorSyntaxError } from '#api/selectors.ts'
import type { Status } from '#api/status.ts'
import { badRequest, notFound } from '#api/status-errors.ts'
import { answer, present, refuse } from './answer.ts'
import { encodeContinue, type ListPlace, listPlace, versionFault } from './list-pages.ts'
import type { ApiRequest, Decision, ObjectList, RequestOptions, StorageReader, StoredObject } from './request.ts'

export function get(reader: StorageReader, request: ApiRequest): Decision {
  const { resource, options } = request
  const name = request.name ?? ''
  const fault = options?.resourceVersion ? versionFault(reader, options.resourceVersion) : undefined
  if (fault !== undefined) return refuse(fault)
  const stored = reader.get(resource, resource.namespaced ? (request.namespace ?? '') : '', name)
  return stored === undefined ? refuse(notFound(resource, name)) : answer(200, present(resource, stored))
}

export function list(reader: StorageReader, request: ApiRequest): Decision {
  const { resource, options } = request
  const place = listPlace(reader, options)
  if ('failure' in place) return refuse(place.failure)
  const selection = parseSelection(resource, options)
  if ('failure' in selection) return refuse(selection.failure)
  const all = select(place.reader, request, selection)
  const { after, limit } = place
  const rest = after === undefined ? all : all.filter((stored) => keyOfObject(stored.body) > after)
  const page = limit > 0 && rest.length > limit ? rest.slice(0, limit) : rest
  const items: KubernetesObject[] = []
  for (const stored of page) items.push(present(resource, stored))
  return answer(
    200,
    Object.freeze({
      apiVersion: apiVersionOf(resource),
      kind: resource.listKind ?? `${resource.kind}List`,
      metadata: Object.freeze({
        resourceVersion: formatResourceVersion(place.reader.revision),
        ...(page.length < rest.length ? nextPage(place, page, rest.length, selection) : {}),
      }),
      items: Object.freeze(items),
    }),
  )
}

/** How to go on; how many objects are left is only said when nothing was selected. */
function nextPage(
  { reader, limit }: ListPlace,
  page: readonly StoredObject[],
  count: number,
  selection: Selection,
): ObjectList['metadata'] {
  const last = page[page.length - 1] as StoredObject
  return {
    resourceVersion: formatResourceVersion(reader.revision),
    continue: encodeContinue(reader.revision, keyOfObject(last.body)),
    ...(selection === EVERYTHING ? { remainingItemCount: count - limit } : {}),
  }
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
