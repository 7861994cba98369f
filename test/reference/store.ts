/**
 * The API server of the reference: objects by `Kind/name`, one counter for resource versions and uids, and what each
 * write does. All functions are pure.
 */
import { admitCreate, admitUpdate, mayDelete } from './admission.ts'
import type { Assignment, ObjectLens, ProgramReply, WriteRequest } from './program.ts'
import type {
  EnvironmentEventDescription,
  FailureReason,
  FieldPath,
  Fields,
  ObjectDescription,
  System,
  UserActionDescription,
} from './system.ts'

/** One version of an object. Two writes of equal content are two versions: they differ in `resourceVersion`. */
export interface ObjectVersion {
  readonly kind: string
  readonly name: string
  /** Larger for a later incarnation of the name. */
  readonly uid: number
  readonly resourceVersion: number
  /** Raised by changes of the spec (of the status too, where there is no status subresource) and by being marked. */
  readonly generation: number
  readonly spec: Fields | undefined
  readonly status: Fields | undefined
  readonly labels: Fields | undefined
  readonly annotations: Fields | undefined
  readonly finalizers: readonly string[]
  /** Has a deletionTimestamp. */
  readonly terminating: boolean
  readonly owner: { readonly kind: string; readonly name: string; readonly uid: number } | undefined
}

export interface Store {
  readonly objects: Readonly<Record<string, ObjectVersion>>
  /** The last resource version or uid that was given out. */
  readonly counter: number
}

/** A committed change, as it is delivered: `before` undefined for ADDED, `after` undefined for DELETED. */
export interface Change {
  readonly kind: string
  readonly name: string
  readonly before: ObjectVersion | undefined
  readonly after: ObjectVersion | undefined
}

/** `change` is undefined when the write failed or changed nothing. */
export interface WriteResult {
  readonly store: Store
  readonly reply: ProgramReply<ObjectVersion>
  readonly change: Change | undefined
}

export const versionLens: ObjectLens<ObjectVersion> = {
  field: (object, path) => {
    const [section, name] = splitPath(path)
    return object[section]?.[name]
  },
  isTerminating: (object) => object.terminating,
  finalizers: (object) => object.finalizers,
  key: ({ kind, name }) => ({ kind, name }),
}

/** Names are never used again; `storeForm` and `stateKey` know them by their shape, and their order is that of age. */
function generatedName(prefix: string, counter: number): string {
  return `${prefix}~${String(counter).padStart(4, '0')}~`
}

export const GENERATED_NAME = /~\d{4}~/g

export function keyOf(object: { readonly kind: string; readonly name: string }): string {
  return `${object.kind}/${object.name}`
}

type Section = 'spec' | 'status' | 'labels' | 'annotations'

function splitPath(path: FieldPath): [Section, string] {
  const dot = path.indexOf('.')
  return [path.slice(0, dot) as Section, path.slice(dot + 1)]
}

export function initialStore(system: System): Store {
  let store: Store = { objects: {}, counter: 0 }
  for (const object of system.objects) store = insert(store, object, undefined).store
  return store
}

export function applyWrite(system: System, store: Store, write: WriteRequest<ObjectVersion>): WriteResult {
  switch (write.op) {
    case 'create': {
      const { kind, generate, spec, finalizers, owner } = write
      const name = generate ? generatedName(write.name, store.counter + 1) : write.name
      const object = { kind, name, ...(spec === undefined ? {} : { spec }), finalizers }
      return createObject(system, store, object, owner)
    }
    case 'update':
      return updateObject(system, store, write)
    case 'patch':
      return patchObject(system, store, write)
    case 'delete':
      return deleteObject(system, store, write)
  }
}

/** What a user's action does to the store. The caller has checked that it is enabled. */
export function applyUserAction(system: System, store: Store, action: UserActionDescription): WriteResult {
  switch (action.type) {
    case 'create': {
      const { status, ...rest } = action.object
      const keepsStatus = status !== undefined && !hasStatusSubresource(system, action.object.kind)
      return createObject(system, store, keepsStatus ? { ...rest, status } : rest, undefined)
    }
    case 'update': {
      const set: Assignment = { path: `spec.${action.field}`, value: action.value }
      return patchObject(system, store, { op: 'patch', status: false, kind: action.kind, name: action.name, set })
    }
    case 'delete':
      return deleteObject(system, store, { op: 'delete', kind: action.kind, name: action.name, uidOf: undefined })
  }
}

/** The caller has checked that the object is there. */
export function applyEnvironmentEvent(system: System, store: Store, event: EnvironmentEventDescription): WriteResult {
  const { kind, object: name } = event
  if (event.type === 'delete') return deleteObject(system, store, { op: 'delete', kind, name, uidOf: undefined })
  const { field, value } = event
  const set: Assignment = { path: `spec.${field}`, value }
  return patchObject(system, store, { op: 'patch', status: false, kind, name, set })
}

function createObject(
  system: System,
  store: Store,
  object: ObjectDescription,
  owner: ObjectVersion | undefined,
): WriteResult {
  const admitted = admitCreate(system, store, object)
  if ('failure' in admitted) return failed(store, admitted.failure)
  if (store.objects[keyOf(object)] !== undefined) return failed(store, 'AlreadyExists')
  return insert(store, admitted, owner)
}

/** The API server compares the resourceVersion first, then validates, then drops what the endpoint may not change. */
function updateObject(
  system: System,
  store: Store,
  write: WriteRequest<ObjectVersion> & { readonly op: 'update' },
): WriteResult {
  const statusSubresource = hasStatusSubresource(system, write.object.kind)
  const current = store.objects[keyOf(write.object)]
  if (write.status && !statusSubresource) return failed(store, 'NotFound')
  // The body's uid is a precondition, which an object that is gone does not meet: 409, not 404.
  if (current?.resourceVersion !== write.object.resourceVersion) return failed(store, 'Conflict')
  const adds = write.addFinalizer !== undefined && !current.finalizers.includes(write.addFinalizer)
  if (adds && current.terminating) return failed(store, 'Invalid')
  const kept = current.finalizers.filter((finalizer) => finalizer !== write.removeFinalizer)
  const finalizers = adds && write.addFinalizer !== undefined ? [...kept, write.addFinalizer] : kept
  const next = { ...assign(current, write.set, write.status, statusSubresource), finalizers }
  return replaceAdmitted(system, store, current, next, write.status)
}

function patchObject(
  system: System,
  store: Store,
  write: WriteRequest<ObjectVersion> & { readonly op: 'patch' },
): WriteResult {
  const statusSubresource = hasStatusSubresource(system, write.kind)
  const current = store.objects[keyOf(write)]
  if (current === undefined || (write.status && !statusSubresource)) return failed(store, 'NotFound')
  const next = assign(current, [write.set], write.status, statusSubresource)
  return replaceAdmitted(system, store, current, next, write.status)
}

/** Webhooks are about the object itself, not about its status. */
function replaceAdmitted(
  system: System,
  store: Store,
  current: ObjectVersion,
  next: ObjectVersion,
  status: boolean,
): WriteResult {
  const admitted = status ? next : admitUpdate(system, next)
  return 'failure' in admitted ? failed(store, admitted.failure) : replace(system, store, current, admitted)
}

function deleteObject(
  system: System,
  store: Store,
  write: WriteRequest<ObjectVersion> & { readonly op: 'delete' },
): WriteResult {
  const current = store.objects[keyOf(write)]
  if (current === undefined) return failed(store, 'NotFound')
  if (write.uidOf !== undefined && write.uidOf.uid !== current.uid) return failed(store, 'Conflict')
  if (!mayDelete(system, current)) return failed(store, 'Invalid')
  if (current.finalizers.length > 0) return replace(system, store, current, { ...current, terminating: true })
  return removed(store, current)
}

function assign(
  object: ObjectVersion,
  set: readonly Assignment[],
  toStatus: boolean,
  statusSubresource: boolean,
): ObjectVersion {
  const sections: Record<Section, Fields | undefined> = {
    spec: object.spec,
    status: object.status,
    labels: object.labels,
    annotations: object.annotations,
  }
  for (const { path, value } of set) {
    const [section, name] = splitPath(path)
    const writable = toStatus ? section === 'status' : section !== 'status' || !statusSubresource
    if (writable) sections[section] = { ...sections[section], [name]: value }
  }
  return { ...object, ...sections }
}

/** Stores `next` over `current`: nothing when they are equal, a removal when the last finalizer of a terminating
 *  object is gone. */
function replace(system: System, store: Store, current: ObjectVersion, next: ObjectVersion): WriteResult {
  if (canonicalJson(current) === canonicalJson(next)) return { store, reply: { object: current }, change: undefined }
  if (next.terminating && next.finalizers.length === 0) return { ...removed(store, current), reply: { object: next } }
  const resourceVersion = store.counter + 1
  const raises = isOther(current.spec, next.spec) || current.terminating !== next.terminating
  const raisesByStatus = !hasStatusSubresource(system, current.kind) && isOther(current.status, next.status)
  const generation = current.generation + (raises || raisesByStatus ? 1 : 0)
  const after = { ...next, resourceVersion, generation }
  return {
    store: { objects: { ...store.objects, [keyOf(current)]: after }, counter: resourceVersion },
    reply: { object: after },
    change: { kind: current.kind, name: current.name, before: current, after },
  }
}

function isOther(left: unknown, right: unknown): boolean {
  return canonicalJson(left ?? null) !== canonicalJson(right ?? null)
}

function insert(store: Store, object: ObjectDescription, owner: ObjectVersion | undefined): WriteResult {
  const counter = store.counter + 1
  const after: ObjectVersion = {
    kind: object.kind,
    name: object.name,
    uid: counter,
    resourceVersion: counter,
    generation: 1,
    spec: object.spec,
    status: object.status,
    labels: object.labels,
    annotations: object.annotations,
    finalizers: object.finalizers ?? [],
    terminating: false,
    owner: owner === undefined ? undefined : { kind: owner.kind, name: owner.name, uid: owner.uid },
  }
  return {
    store: { objects: { ...store.objects, [keyOf(object)]: after }, counter },
    reply: { object: after },
    change: { kind: object.kind, name: object.name, before: undefined, after },
  }
}

function removed(store: Store, current: ObjectVersion): WriteResult {
  const { [keyOf(current)]: _gone, ...objects } = store.objects
  return {
    store: { objects, counter: store.counter + 1 },
    reply: { object: undefined },
    change: { kind: current.kind, name: current.name, before: current, after: undefined },
  }
}

function failed(store: Store, failure: FailureReason): WriteResult {
  return { store, reply: { failure }, change: undefined }
}

function hasStatusSubresource(system: System, kind: string): boolean {
  return system.kinds.some((description) => description.kind === kind && description.statusSubresource)
}

/** JSON with sorted keys, so that equal values give equal strings. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => {
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part
    return Object.fromEntries(Object.entries(part).sort(([left], [right]) => (left < right ? -1 : 1)))
  })
}
