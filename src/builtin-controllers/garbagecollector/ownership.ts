/**
 * Who owns whom, read live. An owner is found by the coordinates in the owner reference and counts only when its uid
 * is the one named there; dependents are found by that uid, whatever their kind.
 * Source: https://kubernetes.io/docs/concepts/architecture/garbage-collection/
 */
import type { KubernetesObject, NamespacedName, OwnerReference } from '#api/object.ts'
import type { Reader } from '#controller/client.ts'
import { everyKind, type StoredObject } from '../kinds.ts'

/** On an owner in foreground deletion: it goes when no dependent blocks it any more. */
export const foregroundFinalizer = 'foregroundDeletion'
/** On an owner whose dependents are to be kept: it goes when their references to it are removed. */
export const orphanFinalizer = 'orphan'

/**
 * `solid`: there, and its dependents may stay. `absent`: gone, or the name belongs to another uid now.
 * `waiting`: in foreground deletion, until its dependents are gone.
 */
export type OwnerState = 'solid' | 'absent' | 'waiting'

export interface ClassifiedOwners {
  readonly solid: readonly OwnerReference[]
  readonly absent: readonly OwnerReference[]
  readonly waiting: readonly OwnerReference[]
}

export function ownersOf(object: KubernetesObject): readonly OwnerReference[] {
  return object.metadata.ownerReferences ?? []
}

export function isBeingDeleted(object: KubernetesObject): boolean {
  return object.metadata.deletionTimestamp !== undefined
}

function hasFinalizer(object: KubernetesObject, finalizer: string): boolean {
  return object.metadata.finalizers?.includes(finalizer) === true
}

export function isInForegroundDeletion(object: KubernetesObject): boolean {
  return isBeingDeleted(object) && hasFinalizer(object, foregroundFinalizer)
}

export function isInOrphanDeletion(object: KubernetesObject): boolean {
  return isBeingDeleted(object) && hasFinalizer(object, orphanFinalizer)
}

/** Whether the collector has anything left to do for an object that is being deleted. */
export function awaitsCollector(object: KubernetesObject): boolean {
  return isInForegroundDeletion(object) || isInOrphanDeletion(object)
}

/** The owner that a reference of `dependent` names: its namespace is the dependent's, or none for a cluster-scoped kind. */
export async function ownerNamed(
  reference: OwnerReference,
  dependent: KubernetesObject,
  live: Reader,
): Promise<StoredObject | undefined> {
  const owner = await live.tryGet<StoredObject>(reference, keyIn(dependent.metadata.namespace, reference.name))
  return owner?.metadata.uid === reference.uid ? owner : undefined
}

export async function classifyOwners(dependent: KubernetesObject, live: Reader): Promise<ClassifiedOwners> {
  const classified: Record<OwnerState, OwnerReference[]> = { solid: [], absent: [], waiting: [] }
  for (const reference of ownersOf(dependent)) {
    const owner = await ownerNamed(reference, dependent, live)
    const state = owner === undefined ? 'absent' : isInForegroundDeletion(owner) ? 'waiting' : 'solid'
    classified[state].push(reference)
  }
  return classified
}

/** The objects of every kind that name `owner` by its uid. */
export async function dependentsOf(owner: StoredObject, live: Reader): Promise<readonly StoredObject[]> {
  return live.list<StoredObject>(everyKind, { fieldSelector: `metadata.ownerReferences.uid=${owner.metadata.uid}` })
}

/** The dependents that an owner in foreground deletion must outlive. */
export async function blockingDependentsOf(owner: StoredObject, live: Reader): Promise<readonly StoredObject[]> {
  const dependents = await dependentsOf(owner, live)
  return dependents.filter((dependent) => ownersOf(dependent).some((reference) => blocks(reference, owner)))
}

function blocks(reference: OwnerReference, owner: StoredObject): boolean {
  return reference.uid === owner.metadata.uid && reference.blockOwnerDeletion === true
}

/** The object as it is now, or undefined when it is gone or its name belongs to another uid. */
export async function latestOf(object: StoredObject, live: Reader): Promise<StoredObject | undefined> {
  const latest = await live.tryGet<StoredObject>(object, keyIn(object.metadata.namespace, object.metadata.name))
  return latest?.metadata.uid === object.metadata.uid ? latest : undefined
}

function keyIn(namespace: string | undefined, name: string): NamespacedName {
  return namespace === undefined ? { name } : { namespace, name }
}
