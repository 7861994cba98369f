/**
 * Which objects the garbage collector must look at after a watch event. A request is made only for an object that
 * needs the collector now, so a cluster without orphans and foreground deletion never has one pending.
 *
 * Everything is read live: an event says only where to look. A lost or late event therefore costs nothing but time,
 * and the events of one change may arrive in any order.
 */
import type { KubernetesObject } from '#api/object.ts'
import type { Reader } from '#controller/client.ts'
import type { MapFunction, Predicate, ReconcileRequest } from '#controller/controller.ts'
import type { StoredObject } from '../kinds.ts'
import { requestForObject } from './object-request.ts'
import {
  awaitsCollector,
  blockingDependentsOf,
  classifyOwners,
  dependentsOf,
  isBeingDeleted,
  isInForegroundDeletion,
  isInOrphanDeletion,
  latestOf,
  ownerNamed,
  ownersOf,
} from './ownership.ts'

/**
 * Rejects without any read what cannot matter: an object without owners that is not being deleted, and a change
 * that leaves the owner references and the start of a foreground or orphan deletion as they were.
 */
export const mayConcernCollector: Predicate = ({ type, object, old }) => {
  switch (type) {
    case 'DELETED':
      return true
    case 'ADDED':
      return ownersOf(object).length > 0 || awaitsCollector(object)
    case 'MODIFIED':
      if (old === undefined) return ownersOf(object).length > 0 || awaitsCollector(object)
      return !haveSameOwners(old, object) || (awaitsCollector(object) && !awaitsCollector(old))
  }
}

/** Maps an object of an event (old or new) to what needs the collector now: itself, its dependents or its owners. */
export const collectionRequests: MapFunction = async (object, { live }) => {
  const stored = object as StoredObject
  const latest = await latestOf(stored, live)
  const needed =
    latest === undefined ? await requestsForDependents(stored, live) : await requestsForExisting(latest, live)
  return [...needed, ...(await requestsForReleasedOwners(stored, live))]
}

async function requestsForExisting(object: StoredObject, live: Reader): Promise<readonly ReconcileRequest[]> {
  if (isInOrphanDeletion(object)) return [requestForObject(object)]
  if (isInForegroundDeletion(object)) {
    const blocked = (await blockingDependentsOf(object, live)).length > 0
    const dependents = await requestsForDependents(object, live)
    return blocked ? dependents : [requestForObject(object), ...dependents]
  }
  if (isBeingDeleted(object)) return []
  const { absent, waiting } = await classifyOwners(object, live)
  return absent.length + waiting.length === 0 ? [] : [requestForObject(object)]
}

/** Those dependents of an owner that is gone or in foreground deletion which are not on their way out yet. */
async function requestsForDependents(owner: StoredObject, live: Reader): Promise<readonly ReconcileRequest[]> {
  const dependents = await dependentsOf(owner, live)
  return dependents.filter((dependent) => !isBeingDeleted(dependent)).map(requestForObject)
}

/** Owners in foreground deletion that waited for this object alone, which is gone now or names them no more. */
async function requestsForReleasedOwners(object: StoredObject, live: Reader): Promise<readonly ReconcileRequest[]> {
  const requests: ReconcileRequest[] = []
  for (const reference of ownersOf(object)) {
    const owner = await ownerNamed(reference, object, live)
    if (owner === undefined || !isInForegroundDeletion(owner)) continue
    if ((await blockingDependentsOf(owner, live)).length === 0) requests.push(requestForObject(owner))
  }
  return requests
}

function haveSameOwners(left: KubernetesObject, right: KubernetesObject): boolean {
  const leftOwners = ownersOf(left)
  const rightOwners = ownersOf(right)
  return (
    leftOwners === rightOwners ||
    (leftOwners.length === rightOwners.length &&
      leftOwners.every(({ uid, blockOwnerDeletion = false }, index) => {
        const other = rightOwners[index]
        return other?.uid === uid && (other.blockOwnerDeletion ?? false) === blockOwnerDeletion
      }))
  )
}
