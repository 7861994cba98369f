/**
 * In which form a client wants its answer: the object, its metadata alone, or rows of a table.
 * Source: apiserver/pkg/endpoints/handlers/negotiation.
 */
import type { Status } from '#api/status.ts'
import { failure } from '#api/status-errors.ts'

export const ANSWER_TYPES = 'application/json, application/yaml, application/vnd.kubernetes.protobuf'

/** What `as=` of an Accept header asks for. */
export type Representation = 'object' | 'PartialObjectMetadata' | 'Table'

/** Whether a media range of an Accept or Content-Type header takes JSON. */
export function isJsonType(mediaRange: string): boolean {
  const type = (mediaRange.split(';')[0] as string).trim().toLowerCase()
  return type === 'application/json' || type === 'application/*' || type === '*/*'
}

/** Whether a Content-Type or a range of an Accept header means YAML. */
export function isYamlType(mediaRange: string): boolean {
  const type = (mediaRange.split(';')[0] as string).trim().toLowerCase()
  return type === 'application/yaml' || type === 'application/x-yaml'
}

/** Whether an answer is wanted as YAML: before any range that takes JSON. */
export function wantsYaml(accept: string): boolean {
  const first = accept.split(',').find((range) => isJsonType(range) || isYamlType(range))
  return first !== undefined && isYamlType(first)
}

/** The first form of an Accept header that can be had; undefined when there is none. */
export function representationOf(accept: string): Representation | undefined {
  if (accept === '' || accept === 'application/json') return 'object'
  for (const range of accept.split(',')) {
    if (!isJsonType(range) && !isYamlType(range)) continue
    const parameters = parametersOf(range)
    const as = parameters.get('as')
    if (as === undefined) return 'object'
    if (parameters.get('g') !== 'meta.k8s.io' || parameters.get('v') !== 'v1') continue
    if (as === 'Table') return 'Table'
    if (as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList') return 'PartialObjectMetadata'
  }
  return undefined
}

/** Parameters behind the type of a media range, names in lower case. */
export function parametersOf(mediaRange: string): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>()
  for (const part of mediaRange.split(';').slice(1)) {
    const [name = '', value = ''] = part.split('=')
    parameters.set(name.trim().toLowerCase(), value.trim())
  }
  return parameters
}

export function notAcceptable(): Status {
  return failure(406, 'NotAcceptable', `only the following media types are accepted: ${ANSWER_TYPES}`)
}
