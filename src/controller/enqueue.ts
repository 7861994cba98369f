/**
 * Which requests an event enqueues for a controller: `for` its own key, `owns` its owner's, `watches` what the mapping
 * function says; each entry's predicate is asked once an event.
 * Source: controller-runtime/pkg/handler (enqueue.go, enqueue_owner.go, enqueue_mapped.go).
 */
import type { KubernetesObject, OwnerReference, TypeReference } from '#api/object.ts'
import type { Reader } from '#controller/client.ts'
import type {
  ControllerDefinition,
  ForOptions,
  MapFunction,
  ObjectEvent,
  OwnsOptions,
  ReconcileRequest,
  WatchesOptions,
} from '#controller/controller.ts'

export interface EnqueueOptions {
  /** What mapping functions may read through. */
  readonly readers: { readonly cached: Reader; readonly live: Reader }
  /** Whether the primary kind has a namespace: the owner of an object lies in the object's namespace then. */
  readonly isNamespaced: (type: TypeReference) => boolean
}

type Requests = readonly ReconcileRequest[]

/**
 * The requests that `event` enqueues, each once, in the order `for`, `owns`, `watches`. For MODIFIED both the old and
 * the new object are mapped, so an object that changes owner wakes both. A promise only where a mapping function
 * returned one.
 * @throws Error when a mapping function returns something else than requests; what a predicate or mapping function throws.
 */
export function requestsOfEvent(
  controller: ControllerDefinition,
  event: ObjectEvent,
  options: EnqueueOptions,
): Requests | Promise<Requests> {
  const found: Requests[] = []
  const awaited: Promise<Requests>[] = []
  const primary = controller.for
  if (primary !== undefined && concerns(primary, event)) found.push([keyOf(event.object)])
  for (const owned of controller.owns ?? []) {
    if (primary !== undefined && concerns(owned, event)) found.push(ownersOfEvent(primary, owned, event, options))
  }
  for (const watched of controller.watches ?? []) {
    if (!concerns(watched, event)) continue
    for (const object of objectsOf(event)) {
      const mapped = mapObject(controller.name, watched.requests, object, options)
      if (isPromise(mapped)) awaited.push(mapped)
      else found.push(mapped)
    }
  }
  if (awaited.length === 0) return union(found)
  return Promise.all(awaited).then((more) => union([...found, ...more]))
}

/** The requests that a process start enqueues: its list of `objects`, each as if it had just been added. */
export function startRequests(
  controller: ControllerDefinition,
  objects: readonly KubernetesObject[],
  options: EnqueueOptions,
): Requests | Promise<Requests> {
  const found = objects.map((object) => requestsOfEvent(controller, { type: 'ADDED', object }, options))
  if (!found.some(isPromise)) return union(found as Requests[])
  return Promise.all(found).then(union)
}

/** The types that a controller's informers list and watch, each once: `for`, `owns`, `watches`, handled ones, in this order. */
export function watchedTypes(controller: ControllerDefinition): readonly TypeReference[] {
  const entries = [
    ...(controller.for === undefined ? [] : [controller.for]),
    ...(controller.owns ?? []),
    ...(controller.watches ?? []),
    ...(controller.handles ?? []),
    ...(controller.foreign?.types ?? []),
  ]
  const types = new Map<string, TypeReference>()
  for (const { apiVersion, kind } of entries) types.set(`${apiVersion} ${kind}`, { apiVersion, kind })
  return [...types.values()]
}

/** Whether a controller handles an event itself, as `defineHandlers` makes it. */
export function handlesEvent(controller: ControllerDefinition, { type, object }: ObjectEvent): boolean {
  const handled = controller.handles ?? []
  return handled.some(
    ({ apiVersion, kind, events }) =>
      kind === object.kind && groupOf(apiVersion) === groupOf(object.apiVersion) && events.includes(type),
  )
}

/** Whether an entry is about the object's kind (group and kind; which version is served is no matter) and its predicate agrees. */
function concerns(entry: ForOptions | OwnsOptions | WatchesOptions, event: ObjectEvent): boolean {
  const { object } = event
  const sameKind =
    entry.kind === '*' || (entry.kind === object.kind && groupOf(entry.apiVersion) === groupOf(object.apiVersion))
  return sameKind && (entry.predicate === undefined || entry.predicate(event))
}

function objectsOf(event: ObjectEvent): readonly KubernetesObject[] {
  return event.type === 'MODIFIED' && event.old !== undefined ? [event.old, event.object] : [event.object]
}

function ownersOfEvent(
  primary: TypeReference,
  owned: OwnsOptions,
  event: ObjectEvent,
  options: EnqueueOptions,
): Requests {
  const namespaced = options.isNamespaced(primary)
  return objectsOf(event).flatMap((object) =>
    (object.metadata.ownerReferences ?? [])
      .filter((owner) => (owned.matchEveryOwner === true || owner.controller === true) && isOfKind(owner, primary))
      .map(({ name }) => requestFor(namespaced ? object.metadata.namespace : undefined, name)),
  )
}

function isOfKind(owner: OwnerReference, type: TypeReference): boolean {
  return owner.kind === type.kind && groupOf(owner.apiVersion) === groupOf(type.apiVersion)
}

function mapObject(
  controller: string,
  map: MapFunction,
  object: KubernetesObject,
  options: EnqueueOptions,
): Requests | Promise<Requests> {
  const mapped = map(object, options.readers)
  return isPromise(mapped)
    ? mapped.then((requests) => checked(controller, object, requests))
    : checked(controller, object, mapped)
}

/** Requests are keys: other fields, and the '' that some write for "no namespace", would make two requests of one. */
function checked(controller: string, object: KubernetesObject, mapped: Requests): Requests {
  const where = `controller ${controller}: the mapping function for ${object.kind} ${object.metadata.name}`
  if (!Array.isArray(mapped)) {
    throw new Error(
      `${where} returned ${mapped === null ? 'null' : typeof mapped} instead of an array of requests. Return [] for none.`,
    )
  }
  return mapped.map((request: ReconcileRequest) => {
    if (typeof request?.name !== 'string' || request.name === '') {
      throw new Error(
        `${where} returned a request without a name. A request is { namespace, name }; leave out objects that name nothing.`,
      )
    }
    return requestFor(request.namespace, request.name)
  })
}

function union(lists: readonly Requests[]): Requests {
  if (lists.length === 1 && (lists[0] as Requests).length <= 1) return lists[0] as Requests
  const byKey = new Map<string, ReconcileRequest>()
  for (const list of lists) {
    for (const request of list) {
      const key = requestKey(request)
      if (!byKey.has(key)) byKey.set(key, request)
    }
  }
  return [...byKey.values()]
}

/** `namespace/name`, or `name` without a namespace: the text by which requests are the same or not. */
function requestKey(request: ReconcileRequest): string {
  return request.namespace === undefined ? request.name : `${request.namespace}/${request.name}`
}

function keyOf(object: KubernetesObject): ReconcileRequest {
  return requestFor(object.metadata.namespace, object.metadata.name as string)
}

function requestFor(namespace: string | undefined, name: string): ReconcileRequest {
  return namespace === undefined || namespace === '' ? { name } : { namespace, name }
}

function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/')
  return slash === -1 ? '' : apiVersion.slice(0, slash)
}

function isPromise<T>(value: T | Promise<T>): value is Promise<T> {
  return typeof (value as Promise<T> | undefined)?.then === 'function'
}
