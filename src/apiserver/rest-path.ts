/**
 * Kubernetes' REST conventions: method, path, query and body text of an HTTP request become an ApiRequest.
 * Pure, so that any transport (a socket, an in-memory pair, a transcript) can use it.
 * Source: apiserver/pkg/endpoints/{installer,request/requestinfo}.go.
 */
import { deepFreeze } from '#api/clone.ts'
import type { ResourceInfo, ResourceTable } from '#api/resource.ts'
import type { Status } from '#api/status.ts'
import { badRequest, methodNotAllowed, pathNotFound, unsupportedMediaType } from '#api/status-errors.ts'
import { duplicateFields } from './json-text.ts'
import { ANSWER_TYPES, isJsonType, isYamlType, notAcceptable, representationOf } from './representation.ts'
import type { ApiRequest, PatchType, RequestOptions, Verb } from './request.ts'
import { isJsonTooDeep, isYamlTooDeep } from './text-depth.ts'
import { dryRunFault } from './write-options.ts'
import { parseYaml } from './yaml-text.ts'

/** An HTTP request, still as text. Header values are '' when absent. */
export interface RestRequest {
  readonly method: string
  /** Without the query. */
  readonly path: string
  readonly query: URLSearchParams
  readonly contentType: string
  readonly accept: string
  /** '' for none. */
  readonly body: string
  /** Names the field manager of a write that names none. */
  readonly userAgent?: string
}

export type ParsedRequest =
  /** To be decided; the answer is one body. */
  | { readonly type: 'request'; readonly request: ApiRequest }
  /** A list request whose answer is a stream of events. */
  | { readonly type: 'watch'; readonly request: ApiRequest }
  | { readonly type: 'failure'; readonly status: Status }
  /** A path outside the resources (discovery, version, health): somebody else's. */
  | { readonly type: 'other' }

/** Reads a request. Faults of path, method, media type and body text are failures. */
export function parseRestRequest(table: ResourceTable, rest: RestRequest): ParsedRequest {
  const place = findPlace(table, rest.path)
  if (place === undefined) return { type: 'other' }
  if ('status' in place) return { type: 'failure', status: place.status }
  const verb = verbOf(rest.method, place)
  if (typeof verb !== 'string') return { type: 'failure', status: verb }
  const isWatch = verb === 'list' && /^(true|1)$/.test(rest.query.get('watch') ?? '')
  const media = mediaFault(rest, verb)
  if (media !== undefined) return { type: 'failure', status: media }
  const options = optionsOf(rest, verb)
  if ('status' in options) return { type: 'failure', status: options.status }
  const body = bodyOf(rest, verb, place.resource)
  if ('status' in body) return { type: 'failure', status: body.status }
  const isJson = body.value !== undefined && patchTypeOf(rest.contentType) !== 'apply' && !isYamlType(rest.contentType)
  const duplicates = isJson && isChecked(verb, options.value) ? duplicateFields(rest.body) : []
  const patchType = verb === 'patch' ? patchTypeOf(rest.contentType) : undefined
  const { resource, namespace, name, subresource } = place
  const request: ApiRequest = {
    verb,
    resource,
    options: options.value,
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
    ...(subresource === undefined ? {} : { subresource }),
    ...(patchType === undefined ? {} : { patchType }),
    ...(body.value === undefined ? {} : { body: body.value }),
    ...(duplicates.length === 0 ? {} : { duplicateFields: duplicates }),
  }
  return isWatch ? { type: 'watch', request } : { type: 'request', request }
}

function isChecked(verb: Verb, { fieldValidation }: RequestOptions): boolean {
  return fieldValidation !== 'Ignore' && WRITES.has(verb)
}

interface Place {
  readonly resource: ResourceInfo
  readonly namespace?: string
  readonly name?: string
  readonly subresource?: string
}

/** What a path names: undefined outside `/api/VERSION/…` and `/apis/GROUP/VERSION/…`. */
function findPlace(table: ResourceTable, path: string): Place | { readonly status: Status } | undefined {
  const parts = path
    .split('/')
    .filter((part) => part !== '')
    .map(decodePart)
  let group = ''
  let rest: readonly string[]
  if (parts[0] === 'api' && parts.length > 2) rest = parts.slice(1)
  else if (parts[0] === 'apis' && parts.length > 3) {
    group = parts[1] as string
    rest = parts.slice(2)
  } else return undefined
  const [version, ...names] = rest as [string, ...string[]]
  const place = placeOf(table, { group, version }, names)
  return place ?? { status: pathNotFound() }
}

function decodePart(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

function placeOf(
  table: ResourceTable,
  { group, version }: { readonly group: string; readonly version: string },
  names: readonly string[],
): Place | undefined {
  const [first, second, third, fourth, fifth] = names
  if (first === 'namespaces' && third !== undefined && !isNamespaceSubresource(group, names)) {
    const resource = table.byResource(group, version, third)
    if (resource === undefined || !resource.namespaced || names.length > 5) return undefined
    return {
      resource,
      namespace: second as string,
      ...(fourth === undefined ? {} : { name: fourth }),
      ...(fifth === undefined ? {} : { subresource: fifth }),
    }
  }
  const resource = table.byResource(group, version, first as string)
  if (resource === undefined || names.length > 3) return undefined
  if (second === undefined) return { resource }
  if (resource.namespaced) return undefined
  return { resource, name: second, ...(third === undefined ? {} : { subresource: third }) }
}

/** `/api/v1/namespaces/x/status` is about the namespace itself. */
function isNamespaceSubresource(group: string, names: readonly string[]): boolean {
  return group === '' && names.length === 3 && (names[2] === 'status' || names[2] === 'finalize')
}

const COLLECTION_VERBS: Readonly<Record<string, Verb>> = { GET: 'list', POST: 'create', DELETE: 'deletecollection' }
const OBJECT_VERBS: Readonly<Record<string, Verb>> = { GET: 'get', PUT: 'update', PATCH: 'patch', DELETE: 'delete' }

/** The verb of a method, or why there is none. All-namespaces collections can only be listed. */
function verbOf(method: string, place: Place): Verb | Status {
  const { resource, name, namespace, subresource } = place
  if (subresource !== undefined && method === 'POST') return 'create'
  const verb = (name === undefined ? COLLECTION_VERBS : OBJECT_VERBS)[method === 'HEAD' ? 'GET' : method]
  if (verb === undefined) return methodNotAllowed()
  if (name === undefined && resource.namespaced && namespace === undefined && verb !== 'list') {
    return resource.custom ? pathNotFound() : methodNotAllowed()
  }
  return verb
}

function mediaFault({ accept, contentType }: RestRequest, verb: Verb): Status | undefined {
  if (representationOf(accept) === undefined) return notAcceptable()
  if (
    (verb !== 'create' && verb !== 'update') ||
    contentType === '' ||
    isJsonType(contentType) ||
    isYamlType(contentType)
  )
    return undefined
  return unsupportedMediaType(
    `the body of the request was in an unknown format - accepted media types include: ${ANSWER_TYPES}`,
  )
}

const PATCH_TYPES: Readonly<Record<string, PatchType>> = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
  'application/apply-patch+yaml': 'apply',
}

/** Undefined for a Content-Type that is no patch. */
function patchTypeOf(contentType: string): PatchType | undefined {
  return PATCH_TYPES[(contentType.split(';')[0] as string).trim().toLowerCase()]
}

/** What stands before the first slash, as far as it can be printed. */
function managerOfUserAgent(userAgent: string): string {
  return (userAgent.split('/')[0] as string).replace(/[^\x20-\x7e]/g, '').slice(0, 128)
}

const WRITES: ReadonlySet<Verb> = new Set<Verb>(['create', 'update', 'patch'])

/** Options of the query string. Unknown parameters do not matter. */
function optionsOf(
  { query, userAgent, contentType }: RestRequest,
  verb: Verb,
): { readonly value: RequestOptions } | { readonly status: Status } {
  const dryRun = query.getAll('dryRun').filter((value) => value !== '')
  if (dryRun.some((value) => value !== 'All')) return { status: dryRunFault(verb, dryRun) }
  const grace = query.get('gracePeriodSeconds')
  if (grace !== null && !/^-?[0-9]+$/.test(grace)) return { status: badRequest(`invalid gracePeriodSeconds: ${grace}`) }
  const limit = query.get('limit')
  if (limit !== null && limit !== '' && !/^-?[0-9]{1,18}$/.test(limit))
    return { status: badRequest(`invalid limit: ${limit}`) }
  const value: Record<string, unknown> = {}
  if (limit) value['limit'] = Math.max(0, Number(limit))
  for (const name of [
    'labelSelector',
    'fieldSelector',
    'fieldManager',
    'fieldValidation',
    'propagationPolicy',
    'resourceVersion',
    'resourceVersionMatch',
    'continue',
  ]) {
    const text = query.get(name)
    if (text !== null && text !== '') value[name] = text
  }
  for (const name of ['force', 'orphanDependents', 'sendInitialEvents']) {
    const text = query.get(name)
    if (text !== null && text !== '') value[name] = text === 'true' || text === '1'
  }
  if (WRITES.has(verb)) {
    value['fieldValidation'] ??= 'Warn'
    const manager = managerOfUserAgent(userAgent ?? '')
    if (manager !== '' && (verb !== 'patch' || patchTypeOf(contentType) !== 'apply')) value['fieldManager'] ??= manager
  }
  if (dryRun.length > 0) value['dryRun'] = true
  if (grace !== null) value['gracePeriodSeconds'] = Number(grace)
  return { value: value as RequestOptions }
}

function bodyOf(
  { body, contentType }: RestRequest,
  verb: Verb,
  resource: ResourceInfo,
): { readonly value: unknown } | { readonly status: Status } {
  if (verb === 'get' || verb === 'list') return { value: undefined }
  if (body === '' && (verb === 'delete' || verb === 'deletecollection')) return { value: undefined }
  const isYaml = verb === 'patch' ? patchTypeOf(contentType) === 'apply' : isYamlType(contentType)
  const isJson = !isYaml || /^\s*\{/.test(body)
  if (isJson ? isJsonTooDeep(body) : isYamlTooDeep(body)) return { status: badRequest('the body is nested too deeply') }
  try {
    return { value: deepFreeze(isYaml ? parseYaml(body, { repeatedKeys: true }) : (JSON.parse(body) as unknown)) }
  } catch (error) {
    const detail = error instanceof Error ? error.message : ''
    if (verb === 'patch') return { status: badRequest(`error decoding patch: ${detail}`) }
    return {
      status: badRequest(
        `the object provided is unrecognized (must be of type ${resource.kind}): couldn't get version/kind; json parse error: ${detail}`,
      ),
    }
  }
}
