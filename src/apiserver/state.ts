/**
 * The state of a simulated API server as an immutable value, and the changes that lead from one to the next.
 */

import { frozenCopy } from '#api/clone.ts'
import { formatTimestamp, numberOfGeneratedName, uidOf } from '#api/identity.ts'
import { namespacedNameKey } from '#api/key.ts'
import type { KubernetesObject, ObjectMeta } from '#api/object.ts'
import type { ResourceInfo, ResourceTable } from '#api/resource.ts'
import { invalid } from '#api/status-errors.ts'
import { toStorage } from './answer.ts'
import { newObject } from './create.ts'
import { completeDefinition, tableOfState, validateDefinition } from './custom-resource-definitions.ts'
import { decodeDeclared } from './custom-resources.ts'
import { DEFINITIONS } from './definition-cleanup.ts'
import { withNames } from './definition-names.ts'
import { fieldsOf } from './kinds/behaviour.ts'
import { validateMetadata } from './metadata.ts'
import type { Change, StorageReader, StoredObject } from './request.ts'
import { getFrom, type SortedMap, valuesOf, withEntry, withoutEntry } from './sorted-map.ts'

/** Everything stored, and what was ever named. Build one with `emptyState` or `initialState`. */
export interface ApiState extends StorageReader {
  /** Objects by `ResourceInfo.key`, then by `namespace/name`. */
  readonly objects: ReadonlyMap<string, SortedMap<StoredObject>>
  /** How many objects a name had so far, by `ResourceInfo.key` and `namespace/name`. */
  readonly created: SortedMap<number>
  /** How many names a prefix had so far, by `ResourceInfo.key`, namespace and prefix. */
  readonly generated: SortedMap<number>
}

/** Nothing stored, revision 1. `nowMs` is virtual time. */
function emptyState(nowMs: number): ApiState {
  return makeState(new Map(), undefined, undefined, { revision: 1, nowMs })
}

/** The state after these changes, which must follow its revision. */
export function applyChanges(state: ApiState, changes: readonly Change[]): ApiState {
  if (changes.length === 0) return state
  const objects = new Map(state.objects)
  let { created, generated, revision } = state
  for (const change of changes) {
    const { resource, namespace, name, before, after } = change
    const key = namespacedNameKey(namespace, name)
    const ofKind = objects.get(resource.key)
    objects.set(resource.key, after === undefined ? withoutEntry(ofKind, key) : withEntry(ofKind, key, after))
    revision = change.revision
    if (before !== undefined || after === undefined) continue
    const createdKey = `${resource.key} ${key}`
    created = withEntry(created, createdKey, (getFrom(created, createdKey) ?? 0) + 1)
    const prefix = after.body.metadata.generateName
    const number = prefix === undefined ? undefined : numberOfGeneratedName(prefix, name)
    if (number === undefined) continue
    const generatedKey = `${resource.key} ${namespace}/${prefix}`
    generated = withEntry(generated, generatedKey, Math.max(getFrom(generated, generatedKey) ?? 0, number + 1))
  }
  return makeState(objects, created, generated, { revision, nowMs: state.nowMs })
}

/** A state of these parts. */
export function makeState(
  objects: ApiState['objects'],
  created: SortedMap<number>,
  generated: SortedMap<number>,
  { revision, nowMs }: { readonly revision: number; readonly nowMs: number },
): ApiState {
  return {
    objects,
    created,
    generated,
    revision,
    nowMs,
    get: (resource, namespace, name) => getFrom(objects.get(resource.key), namespacedNameKey(namespace, name)),
    list: (resource, namespace) =>
      valuesOf(objects.get(resource.key), namespace === undefined || namespace === '' ? '' : `${namespace}/`),
    incarnations: (resource, namespace, name) =>
      getFrom(created, `${resource.key} ${namespacedNameKey(namespace, name)}`) ?? 0,
    namesGenerated: (resource, namespace, prefix) => getFrom(generated, `${resource.key} ${namespace}/${prefix}`) ?? 0,
  }
}

export interface InitialStateOptions {
  /** Virtual time in milliseconds since 1970. Default: 2024-01-01T00:00:00Z. */
  readonly nowMs?: number
}

/** The virtual time at which simulations begin. */
const INITIAL_TIME_MS = Date.UTC(2024, 0, 1)

/**
 * A state that holds these objects as if each had been created and its status written: they get uid, generation,
 * creationTimestamp and resourceVersion, and keep their status, finalizers, deletionTimestamp, and uid and generation
 * if given. The namespaces they are in, and `default`, exist; a namespaced object without a namespace is in `default`.
 * CustomResourceDefinitions among them are served. An owner reference without a uid means the initial object of that name.
 * Throws an Error for an object of a kind that nobody serves, without a name, given twice, with metadata that the server
 * would refuse, a value of the wrong JSON type, or a CustomResourceDefinition that it would. Fields that nobody declared
 * are dropped; other fields of initial objects are taken as they are.
 */
export function initialState(
  table: ResourceTable,
  objects: readonly object[],
  options: InitialStateOptions = {},
): ApiState {
  let state = emptyState(options.nowMs ?? INITIAL_TIME_MS)
  const copies = objects.map((object) => frozenCopy(object) as KubernetesObject)
  const isDefinition = (object: KubernetesObject): boolean =>
    table.byKind(object.apiVersion, object.kind)?.key === DEFINITIONS
  for (const definition of copies.filter(isDefinition)) state = insert(state, locate(table, definition))
  const served = tableOfState(table, state)
  const given = copies.filter((object) => !isDefinition(object)).map((object) => locate(served, object))
  const namespaces = table.byKind('v1', 'Namespace')
  if (namespaces !== undefined) {
    const named = new Set(given.filter(({ resource }) => resource.key === namespaces.key).map(({ name }) => name))
    const needed = new Set([
      'default',
      ...given.filter(({ resource }) => resource.namespaced).map(({ namespace }) => namespace),
    ])
    for (const name of [...needed].sort()) {
      if (named.has(name)) continue
      const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }
      state = insert(state, { resource: namespaces, namespace: '', name, object })
    }
  }
  for (const located of given) state = insert(state, located)
  return resolveOwners(state, given)
}

interface Located {
  readonly resource: ResourceInfo
  readonly namespace: string
  readonly name: string
  readonly object: KubernetesObject
}

function locate(table: ResourceTable, object: KubernetesObject): Located {
  const resource = table.byKind(object.apiVersion, object.kind)
  if (resource === undefined)
    throw new Error(`nobody serves the kind ${object.kind} in ${object.apiVersion}: add its CRD, or declare the kind`)
  const name = object.metadata?.name
  if (!name) throw new Error(`an initial object of kind ${object.kind} has no metadata.name`)
  return { resource, namespace: resource.namespaced ? object.metadata.namespace || 'default' : '', name, object }
}

function insert(state: ApiState, { resource, namespace, name, object: given }: Located): ApiState {
  const object = decodeInitial(resource, given)
  if (state.get(resource, namespace, name) !== undefined) {
    throw new Error(`the initial object ${resource.kind} ${namespacedNameKey(namespace, name)} is given twice`)
  }
  const created = newObject(state, resource, object, { name, namespace })
  const errors = [
    ...validateMetadata(resource, withoutOwners(created.metadata)),
    ...(resource.key === DEFINITIONS ? validateDefinition(created, name) : []),
  ]
  if (errors.length > 0) {
    throw new Error(`an initial object would be refused: ${invalid(resource, name, errors).message}`)
  }
  const { deletionTimestamp, deletionGracePeriodSeconds, generation, uid } = object.metadata
  const metadata: ObjectMeta = Object.freeze({
    ...created.metadata,
    ...(uid ? { uid } : {}),
    ...(generation !== undefined && resource.generation !== 'none' ? { generation } : {}),
    ...(deletionTimestamp ? { deletionTimestamp, deletionGracePeriodSeconds: deletionGracePeriodSeconds ?? 0 } : {}),
  })
  const status = object['status'] === undefined ? {} : { status: object['status'] }
  const whole = Object.freeze({ ...created, ...status, metadata })
  const body = resource.key === DEFINITIONS ? initialDefinition(state, resource, whole) : toStorage(resource, whole)
  const revision = state.revision + 1
  return applyChanges(state, [{ resource, namespace, name, before: undefined, after: { body, revision }, revision }])
}

/** Its names are accepted as if it had just been created, whatever its status says: manifests have empty ones. */
function initialDefinition(state: ApiState, resource: ResourceInfo, definition: KubernetesObject): KubernetesObject {
  const { conditions: _given, acceptedNames: _too, ...status } = fieldsOf(definition['status'])
  const others = state.list(resource, undefined).map(({ body }) => body)
  const completed = Object.freeze({ ...definition, ...completeDefinition({ ...definition, status }) })
  return withNames(completed, others, formatTimestamp(state.nowMs))
}

/** What the server would make of the body of a request. */
function decodeInitial(resource: ResourceInfo, given: KubernetesObject): KubernetesObject {
  if (resource.schema !== undefined) return resource.schema.normalise(given)
  const decoded = decodeDeclared(resource, given)
  if (decoded?.fault !== undefined)
    throw new Error(
      `an initial object would be refused: ${resource.kind} ${given.metadata.name ?? ''}: ${decoded.fault}`,
    )
  return (decoded?.value ?? given) as KubernetesObject
}

/** Their uids are resolved later. */
function withoutOwners(metadata: ObjectMeta): ObjectMeta {
  const { ownerReferences: _later, ...rest } = metadata
  return rest
}

/** Owner references without uid, as manifests have them, point to the initial object of that name. */
function resolveOwners(state: ApiState, given: readonly Located[]): ApiState {
  let resolved = state
  for (const { resource, namespace, name } of given) {
    const stored = resolved.get(resource, namespace, name) as StoredObject
    const references = stored.body.metadata.ownerReferences
    if (references === undefined || references.every((reference) => reference.uid)) continue
    const ownerReferences = Object.freeze(
      references.map((reference) => {
        if (reference.uid) return reference
        const owner = given.find(
          ({ object, name: ownerName, namespace: ownerNamespace }) =>
            object.kind === reference.kind &&
            object.apiVersion === reference.apiVersion &&
            ownerName === reference.name &&
            (ownerNamespace === '' || ownerNamespace === namespace),
        )
        const uid =
          owner === undefined ? undefined : resolved.get(owner.resource, owner.namespace, owner.name)?.body.metadata.uid
        return Object.freeze({ ...reference, uid: uid ?? uidOf(reference.kind, namespace, reference.name, 0) })
      }),
    )
    const body = Object.freeze({
      ...stored.body,
      metadata: Object.freeze({ ...stored.body.metadata, ownerReferences }),
    })
    const after = { body, revision: stored.revision }
    resolved = makeState(
      new Map(resolved.objects).set(
        resource.key,
        withEntry(resolved.objects.get(resource.key), namespacedNameKey(namespace, name), after),
      ),
      resolved.created,
      resolved.generated,
      resolved,
    )
  }
  return resolved
}
