/**
 * The client that controllers use, over a transport that answers each call at once. Answers of cached reads are the
 * cache's own frozen objects, so that a mutation throws at the guilty line; all others are the caller's own copies.
 */
import type { Json, KubernetesObject, NamespacedName, TypeReference } from '#api/object.ts'
import { ApiError, type Status } from '#api/status.ts'
import type {
  Client,
  DeleteOptions,
  ListOptions,
  ObjectReference,
  Reader,
  SubresourceClient,
  SubresourceWriter,
} from '#controller/client.ts'
import type { HostCall, HostReply } from '#controller/host.ts'
import { ClientUsageError, frozenJson, mutableCopy } from './json.ts'
import { labelSelectorText } from './selector-text.ts'

/** Answers a call, at once or later; for a run that is over, with a promise that never settles. */
export type Transport = (call: HostCall) => HostReply | Promise<HostReply>

export interface ClientOptions {
  /** Whether reads are answered from the process's view (informer caches) or by the API server. */
  readonly cached: boolean
}

/** A client over `transport`. Its methods reject with `ApiError`, and with `ClientUsageError` for calls that name
 *  nothing or carry no JSON. */
export function createClient(transport: Transport, options: ClientOptions): Client {
  return new TransportClient(transport, options.cached)
}

/** A reader over `transport`: a client without its writes, for `apiReader` and mapping functions. */
export function createReader(transport: Transport, options: ClientOptions): Reader {
  return new TransportReader(transport, options.cached)
}

type PatchOptions = { readonly patchType: 'json' | 'merge' | 'strategic' }
type ApplyOptions = { readonly fieldManager: string; readonly force?: boolean }

// Classes, because one is made for every run and methods on a prototype cost nothing then.
class TransportReader implements Reader {
  protected readonly transport: Transport
  protected readonly cached: boolean

  constructor(transport: Transport, cached: boolean) {
    this.transport = transport
    this.cached = cached
  }

  get<T>(type: TypeReference, key: NamespacedName): Promise<T> {
    try {
      return objectAnswer<T>(this.transport(getCall(type, key, this.cached)), this.cached)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  tryGet<T>(type: TypeReference, key: NamespacedName): Promise<T | undefined> {
    try {
      const reply = this.transport(getCall(type, key, this.cached))
      const status = statusOf(reply)
      if (status !== undefined && status.reason === 'NotFound') return Promise.resolve(undefined)
      return objectAnswer<T>(reply, this.cached)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  list<T>(type: TypeReference, options?: ListOptions): Promise<T[]> {
    try {
      return listAnswer<T>(this.transport(listCall(type, options, this.cached)), this.cached)
    } catch (error) {
      return Promise.reject(error)
    }
  }
}

class TransportClient extends TransportReader implements Client {
  create<T extends object>(object: T): Promise<T> {
    return this.send(() => createCall(object))
  }

  update<T extends object>(object: T): Promise<T> {
    try {
      return objectAnswer<T>(this.transport(updateCall(object, undefined)), false)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  patch<T>(object: ObjectReference, patch: unknown, options: PatchOptions): Promise<T> {
    return this.send(() => patchCall(object, patch, options, undefined))
  }

  apply<T>(object: object, options: ApplyOptions): Promise<T> {
    return this.send(() => applyCall(object, options, undefined))
  }

  delete(object: ObjectReference | object, options?: DeleteOptions): Promise<void> {
    try {
      return voidAnswer(this.transport(deleteCall(object, options)))
    } catch (error) {
      return Promise.reject(error)
    }
  }

  deleteAllOf(type: TypeReference, options?: ListOptions): Promise<void> {
    try {
      return voidAnswer(this.transport(deleteCollectionCall(type, options)))
    } catch (error) {
      return Promise.reject(error)
    }
  }

  status(): SubresourceWriter {
    return this.subResource('status')
  }

  subResource(name: string): SubresourceClient {
    return {
      get: (object) => this.send(() => ({ ...getCall(...named(object), false), subresource: name })),
      create: (object, body) => this.send(() => createSubresourceCall(object, body, name)),
      update: (object) => this.send(() => updateCall(object, name)),
      patch: (object, patch, options) => this.send(() => patchCall(object, patch, options, name)),
      apply: (object, options) => this.send(() => applyCall(object, options, name)),
    }
  }

  private send<T>(call: () => HostCall): Promise<T> {
    try {
      return objectAnswer<T>(this.transport(call()), false)
    } catch (error) {
      return Promise.reject(error)
    }
  }
}

// Answers

type Reply = HostReply | Promise<HostReply>

/** The failure in a reply. Shapes are told apart by field: a promise has none of them. */
function statusOf(reply: Reply): Status | undefined {
  return (reply as { readonly status?: Status }).status
}

function objectAnswer<T>(reply: Reply, share: boolean): Promise<T> {
  if (reply instanceof Promise) return reply.then((later) => objectAnswer(later, share))
  const status = statusOf(reply)
  if (status !== undefined) return Promise.reject(apiError(status))
  const object = (reply as { readonly object: unknown }).object as T
  return Promise.resolve(share ? object : mutableCopy(object))
}

function listAnswer<T>(reply: Reply, share: boolean): Promise<T[]> {
  if (reply instanceof Promise) return reply.then((later) => listAnswer(later, share))
  const status = statusOf(reply)
  if (status !== undefined) return Promise.reject(apiError(status))
  const items = (reply as { readonly items: readonly unknown[] }).items as readonly T[]
  // The array is the caller's own even when the objects in it are the cache's: client-go's lister makes a new slice.
  return Promise.resolve(share ? items.slice() : (mutableCopy(items) as T[]))
}

function voidAnswer(reply: Reply): Promise<void> {
  if (reply instanceof Promise) return reply.then(voidAnswer)
  const status = statusOf(reply)
  return status === undefined ? Promise.resolve() : Promise.reject(apiError(status))
}

/** NotFound and Conflict are everyday answers: no stack is captured for them, which would cost more than the call. */
function apiError(status: Status): ApiError {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 0
  const error = new ApiError(status)
  Error.stackTraceLimit = limit
  return error
}

// Calls

function getCall(type: TypeReference, key: NamespacedName, cached: boolean): HostCall {
  const reference = typeOf(type)
  const name = key?.name
  if (typeof name !== 'string' || name === '') throw nameless('get', reference)
  return isClusterScoped(key.namespace)
    ? { op: 'get', cached, type: reference, name }
    : { op: 'get', cached, type: reference, namespace: key.namespace as string, name }
}

function listCall(type: TypeReference, options: ListOptions | undefined, cached: boolean): HostCall {
  const reference = typeOf(type)
  const labelSelector = labelSelectorText(options?.labelSelector)
  const fieldSelector = options?.fieldSelector ?? ''
  const namespace = options?.namespace
  return isClusterScoped(namespace)
    ? { op: 'list', cached, type: reference, labelSelector, fieldSelector }
    : { op: 'list', cached, type: reference, namespace: namespace as string, labelSelector, fieldSelector }
}

function createCall(object: object): HostCall {
  const body = frozenJson(object, 'the object to create') as unknown as KubernetesObject
  const { namespace, name } = body.metadata ?? {}
  return {
    op: 'create',
    type: typeOf(body),
    ...(isClusterScoped(namespace) ? {} : { namespace: namespace as string }),
    ...(name === undefined ? {} : { name }),
    body: body as unknown as Json,
  }
}

function createSubresourceCall(object: ObjectReference, content: object, subresource: string): HostCall {
  const [type, key] = named(object)
  return { op: 'create', type, ...key, subresource, body: frozenJson(content) }
}

function updateCall(object: object, subresource: string | undefined): HostCall {
  const body = frozenJson(object, 'the object to update') as unknown as KubernetesObject
  const type = typeOf(body)
  const { namespace, name } = body.metadata ?? {}
  if (typeof name !== 'string' || name === '') throw nameless('update', type)
  const json = body as unknown as Json
  if (subresource === undefined) {
    return isClusterScoped(namespace)
      ? { op: 'update', type, name, body: json }
      : { op: 'update', type, namespace: namespace as string, name, body: json }
  }
  return {
    op: 'update',
    type,
    ...(isClusterScoped(namespace) ? {} : { namespace: namespace as string }),
    name,
    subresource,
    body: json,
  }
}

function patchCall(
  object: ObjectReference,
  patch: unknown,
  options: PatchOptions,
  subresource: string | undefined,
): HostCall {
  const [type, key] = named(object)
  const patchType = options?.patchType
  if (patchType !== 'json' && patchType !== 'merge' && patchType !== 'strategic') {
    throw new ClientUsageError(
      `patch of ${type.kind} ${key.name} has patchType ${JSON.stringify(patchType)}. Pass { patchType: 'json' | 'merge' | 'strategic' } as the third argument.`,
    )
  }
  const body = frozenJson(patch, 'the patch')
  return { op: 'patch', type, ...key, ...(subresource === undefined ? {} : { subresource }), patchType, body }
}

function applyCall(object: object, options: ApplyOptions, subresource: string | undefined): HostCall {
  const body = frozenJson(object, 'the object to apply')
  const [type, key] = named(body as unknown as KubernetesObject)
  if (typeof options?.fieldManager !== 'string' || options.fieldManager === '') {
    throw new ClientUsageError(
      `apply of ${type.kind} ${key.name} names no field manager, which the API server requires. Pass { fieldManager: 'my-operator' } as the second argument.`,
    )
  }
  const { fieldManager, force } = options
  return {
    op: 'patch',
    type,
    ...key,
    ...(subresource === undefined ? {} : { subresource }),
    patchType: 'apply',
    body,
    options: Object.freeze({ fieldManager, ...(force === undefined ? {} : { force }) }),
  }
}

function deleteCall(object: ObjectReference | object, options: DeleteOptions | undefined): HostCall {
  const [type, key] = named(object as ObjectReference)
  if (options === undefined) return { op: 'delete', type, ...key }
  return { op: 'delete', type, ...key, options: frozenJson(options, 'the delete options') }
}

function deleteCollectionCall(type: TypeReference, options: ListOptions | undefined): HostCall {
  const labelSelector = labelSelectorText(options?.labelSelector)
  const fieldSelector = options?.fieldSelector ?? ''
  return {
    op: 'deletecollection',
    type: typeOf(type),
    ...(isClusterScoped(options?.namespace) ? {} : { namespace: options?.namespace as string }),
    options: Object.freeze({
      ...(labelSelector === '' ? {} : { labelSelector }),
      ...(fieldSelector === '' ? {} : { fieldSelector }),
    }),
  }
}

// Names

/** Type and key of an object, or of a reference to one. */
function named(object: ObjectReference): [TypeReference, NamespacedName] {
  const reference = object as {
    readonly type?: unknown
    readonly key?: NamespacedName
    readonly metadata?: NamespacedName
  }
  const isObject = reference?.metadata !== undefined
  const type = typeOf(isObject ? (object as KubernetesObject) : (reference?.type as TypeReference))
  const { namespace, name } = (isObject ? reference.metadata : reference.key) ?? ({} as Partial<NamespacedName>)
  if (typeof name !== 'string' || name === '') throw nameless('a call', type)
  return [type, isClusterScoped(namespace) ? { name } : { namespace: namespace as string, name }]
}

function typeOf(type: TypeReference): TypeReference {
  const apiVersion = type?.apiVersion
  const kind = type?.kind
  if (typeof apiVersion !== 'string' || typeof kind !== 'string' || apiVersion === '' || kind === '') {
    throw new ClientUsageError(
      `a call has no apiVersion and kind (got ${JSON.stringify({ apiVersion, kind })}), so it is not known what it is about. Pass { apiVersion, kind }, or an object that has both.`,
    )
  }
  return { apiVersion, kind }
}

function isClusterScoped(namespace: string | undefined): boolean {
  return namespace === undefined || namespace === '' || namespace === null
}

function nameless(op: string, type: TypeReference): ClientUsageError {
  return new ClientUsageError(
    `${op} of ${type.kind}: there is no name. A field that should hold the name is probably missing: check it before the call.`,
  )
}
