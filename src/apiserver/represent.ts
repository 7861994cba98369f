/**
 * Puts the answer of a request into the form that the client asked for. Failures stay a Status.
 * Source: apiserver/pkg/endpoints/handlers/response.go.
 */
import type { KubernetesObject } from '#api/object.ts'
import type { ResourceInfo } from '#api/resource.ts'
import { partialMetadata } from './partial-metadata.ts'
import type { Representation } from './representation.ts'
import type { ApiResponse, ObjectList } from './request.ts'
import { type IncludedObject, tableOf } from './table.ts'

export interface RepresentOptions {
  readonly resource: ResourceInfo
  readonly representation: Representation
  /** What each row of a Table carries of its object. Default Metadata. */
  readonly includeObject?: IncludedObject
  /** For ages, in milliseconds since 1970. */
  readonly nowMs: number
}

/** The same response, its body in another form. */
export function represent(response: ApiResponse, options: RepresentOptions): ApiResponse {
  const { representation } = options
  if (representation === 'object' || response.code >= 300) return response
  const { body } = response
  const list = 'items' in body && Array.isArray(body.items) ? (body as ObjectList) : undefined
  if (list === undefined && (body as KubernetesObject).kind !== options.resource.kind) return response
  if (representation === 'Table') {
    const objects = list?.items ?? [body as KubernetesObject]
    const { resourceVersion } = (body as ObjectList | KubernetesObject).metadata as { resourceVersion?: string }
    const metadata = list === undefined ? { resourceVersion: resourceVersion ?? '' } : list.metadata
    return { ...response, body: tableOf(objects, metadata, options) }
  }
  if (list === undefined) return { ...response, body: partialMetadata(body as KubernetesObject) }
  const items = list.items.map(partialMetadata)
  const kind = 'PartialObjectMetadataList'
  return { ...response, body: { apiVersion: 'meta.k8s.io/v1', kind, metadata: list.metadata, items } }
}
