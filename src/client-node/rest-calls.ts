/**
 * Requests of a run's `kubeConfig` as calls of its host, and the replies as REST answers: code that speaks HTTP is in the
 * trie as code that uses `client` is. Its reads go to the API server, since client-node keeps no cache.
 */
import { namespacedNameKey } from '#api/key.ts'
import type { Json, KubernetesObject } from '#api/object.ts'
import { apiVersionOf, type ResourceInfo, type ResourceTable } from '#api/resource.ts'
import type { Status } from '#api/status.ts'
import { badRequest, methodNotAllowed, pathNotFound } from '#api/status-errors.ts'
import { discoveryDocument } from '#apiserver/discovery.ts'
import { encodeContinue } from '#apiserver/list-pages.ts'
import { parseSelection } from '#apiserver/read.ts'
import { represent } from '#apiserver/represent.ts'
import { representationOf } from '#apiserver/representation.ts'
import type { ApiRequest, RequestOptions } from '#apiserver/request.ts'
import { parseRestRequest, type RestRequest } from '#apiserver/rest-path.ts'
import { answerReview, isReviewPath } from '#apiserver/reviews.ts'
import type { HostCall, HostReply } from '#controller/host.ts'
import { jsonAnswer, type RestAnswer } from './rest-answer.ts'

/** Asks the run's host. What it returns for a run that is over never settles. */
export type Ask = (call: HostCall) => HostReply | Promise<never>

/** Answers one request, with at most one call. Reads are of the API server, or of the process's view if `cached`. */
export function answerByCalls(
  table: ResourceTable,
  rest: RestRequest,
  ask: Ask,
  cached = false,
): RestAnswer | Promise<never> {
  const document = rest.method === 'GET' ? discoveryDocument(table, rest.path.replace(/\/+$/, '')) : undefined
  if (document !== undefined) return jsonAnswer(200, document)
  if (isReviewPath(rest.path)) return review(rest)
  const parsed = parseRestRequest(table, rest)
  if (parsed.type === 'other') return failed(pathNotFound())
  if (parsed.type === 'failure') return failed(parsed.status)
  if (parsed.type === 'watch') return failed(badRequest(NO_WATCH))
  const { request } = parsed
  const selection = parseSelection(request.resource, request.options)
  if ('failure' in selection) return failed(selection.failure)
  const reply = ask(callOf(request, cached))
  if (reply instanceof Promise) return reply
  if ('status' in reply) return failed(reply.status)
  return answerOf(rest, request, reply)
}

const NO_WATCH =
  'a reconcile cannot watch: a watch would wait for the cluster, which does not change while a reconcile runs. Declare the kind with for, owns or watches, or list it'

function failed(status: Status): RestAnswer {
  return jsonAnswer(status.code, status)
}

function review({ method, path, body }: RestRequest): RestAnswer {
  if (method !== 'POST') return failed(methodNotAllowed())
  try {
    const answered = answerReview(path, JSON.parse(body) as unknown)
    return answered === undefined ? failed(pathNotFound()) : jsonAnswer(201, answered)
  } catch {
    return failed(badRequest('the object provided is unrecognized: json parse error'))
  }
}

function callOf(request: ApiRequest, cached: boolean): HostCall {
  const { verb, resource, name, namespace, subresource } = request
  // To read a status is to read its object.
  const part = verb === 'get' && subresource === 'status' ? undefined : subresource
  const place = {
    type: { apiVersion: apiVersionOf(resource), kind: resource.kind },
    ...(resource.namespaced && namespace !== undefined ? { namespace } : {}),
    ...(name === undefined ? {} : { name }),
    ...(part === undefined ? {} : { subresource: part }),
  }
  if (verb === 'get') return { op: 'get', cached, ...place }
  if (verb === 'list') {
    const { labelSelector = '', fieldSelector = '' } = request.options ?? {}
    return { op: 'list', cached, ...place, labelSelector, fieldSelector }
  }
  const { body, patchType } = request
  const options = verb === 'delete' ? deleteOptions(request) : writeOptions(request)
  const nameInBody = verb === 'create' && name === undefined ? nameOf(body) : undefined
  return {
    op: verb,
    ...place,
    ...(nameInBody === undefined ? {} : { name: nameInBody }),
    ...(body === undefined || verb === 'delete' || verb === 'deletecollection' ? {} : { body: body as Json }),
    ...(patchType === undefined ? {} : { patchType }),
    ...(Object.keys(options).length === 0 ? {} : { options: Object.freeze(options) as Json }),
  }
}

function nameOf(body: unknown): string | undefined {
  const name = (body as Partial<KubernetesObject> | null | undefined)?.metadata?.name
  return typeof name === 'string' && name !== '' ? name : undefined
}

/**
 * Field managers are told only of an apply, as `client` does: objects that nobody applies have no managedFields in a
 * state. Warnings of field validation nobody reads.
 */
function writeOptions({ patchType, options = {} }: ApiRequest): Record<string, unknown> {
  const { fieldManager, force, dryRun, fieldValidation, labelSelector, fieldSelector } = options
  return {
    ...(patchType === 'apply' && fieldManager !== undefined ? { fieldManager } : {}),
    ...(force === undefined ? {} : { force }),
    ...(dryRun === true ? { dryRun } : {}),
    ...(fieldValidation === 'Strict' ? { fieldValidation } : {}),
    ...(labelSelector === undefined ? {} : { labelSelector }),
    ...(fieldSelector === undefined ? {} : { fieldSelector }),
  }
}

/** Options of a DELETE are in its body, and some in the query. */
function deleteOptions({ body, options = {} }: ApiRequest): Record<string, unknown> {
  const given = (body ?? {}) as RequestOptions & { readonly dryRun?: unknown }
  const { preconditions, propagationPolicy, gracePeriodSeconds, orphanDependents } = { ...options, ...given }
  const dryRun = options.dryRun === true || (Array.isArray(given.dryRun) && given.dryRun.includes('All'))
  return {
    ...(preconditions === undefined || preconditions === null ? {} : { preconditions }),
    ...(typeof propagationPolicy === 'string' ? { propagationPolicy } : {}),
    ...(typeof gracePeriodSeconds === 'number' ? { gracePeriodSeconds } : {}),
    ...(typeof orphanDependents === 'boolean' ? { orphanDependents } : {}),
    ...(dryRun ? { dryRun } : {}),
  }
}

const SUCCESS = Object.freeze({ kind: 'Status', apiVersion: 'v1', metadata: Object.freeze({}), status: 'Success' })

function answerOf(rest: RestRequest, request: ApiRequest, reply: HostReply): RestAnswer {
  const { resource, verb } = request
  const code = verb === 'create' ? 201 : 200
  const object = 'object' in reply ? reply.object : undefined
  const body = 'items' in reply ? listOf(resource, reply.items, request.options) : (object ?? SUCCESS)
  const representation = representationOf(rest.accept) ?? 'object'
  const shown = represent({ code, body }, { resource, representation, nowMs: 0 })
  return jsonAnswer(shown.code, shown.body)
}

/** The whole list came: a page is cut from it. Later pages come from the newest state. */
function listOf(resource: ResourceInfo, items: readonly KubernetesObject[], options: RequestOptions = {}) {
  const { limit = 0 } = options
  const after = options.continue === undefined ? '' : startOf(options.continue)
  const rest = after === '' ? items : items.filter((item) => keyOf(item) > after)
  const page = limit > 0 ? rest.slice(0, limit) : rest
  const last = page.at(-1)
  const more =
    last !== undefined && page.length < rest.length ? { continue: encodeContinue(undefined, keyOf(last)) } : {}
  return {
    apiVersion: apiVersionOf(resource),
    kind: resource.listKind ?? `${resource.kind}List`,
    metadata: { resourceVersion: newestOf(items), ...more },
    items: page,
  }
}

function startOf(token: string): string {
  try {
    return String((JSON.parse(atob(token)) as { readonly start?: unknown }).start ?? '')
  } catch {
    return ''
  }
}

function keyOf({ metadata }: KubernetesObject): string {
  return namespacedNameKey(metadata.namespace ?? '', metadata.name ?? '')
}

/** A list's own resourceVersion is not known here; the newest of its items is as old at most. */
function newestOf(items: readonly KubernetesObject[]): string {
  let newest = 1
  for (const { metadata } of items) newest = Math.max(newest, Number(metadata.resourceVersion ?? 0))
  return String(newest)
}
