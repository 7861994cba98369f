/**
 * The garbage collector: deletes objects all of whose owners are gone, and completes foreground and orphan deletion.
 * It reads from the API server only, so it never acts on stale evidence; its deletes carry the uid they are meant for.
 * Which requests it gets is decided in `collection-requests.ts`, what a request looks like in `object-request.ts`.
 *
 * Source: https://kubernetes.io/docs/concepts/architecture/garbage-collection/ and
 * https://kubernetes.io/docs/tasks/administer-cluster/use-cascading-deletion/
 */
import type { OwnerReference } from '#api/object.ts'
import type { Client, DeleteOptions, Reader } from '#controller/client.ts'
import type { ReconcileRequest, Reconciler } from '#controller/controller.ts'
import { type Controller, defineController } from '#controller/define-controller.ts'
import { everyKind, type StoredObject } from '../kinds.ts'
import { garbageCollectionProcess } from '../processes.ts'
import { unlessGone } from '../unless-gone.ts'
import { collectionRequests, mayConcernCollector } from './collection-requests.ts'
import { objectOfRequest } from './object-request.ts'
import {
  blockingDependentsOf,
  classifyOwners,
  dependentsOf,
  foregroundFinalizer,
  isBeingDeleted,
  isInForegroundDeletion,
  isInOrphanDeletion,
  orphanFinalizer,
  ownersOf,
} from './ownership.ts'

export function garbageCollector(): Controller {
  return defineController({
    name: 'garbagecollector',
    process: garbageCollectionProcess,
    mapsWithoutStatus: true,
    watches: [{ ...everyKind, predicate: mayConcernCollector, requests: collectionRequests }],
    reconciler: ({ client, apiReader }) => new GarbageCollector(client, apiReader),
  })
}

class GarbageCollector implements Reconciler {
  private readonly client: Client
  private readonly live: Reader

  constructor(client: Client, live: Reader) {
    this.client = client
    this.live = live
  }

  async reconcile(request: ReconcileRequest): Promise<void> {
    const { type, key } = objectOfRequest(request)
    const object = await this.live.tryGet<StoredObject>(type, key)
    if (object === undefined) return
    if (isInOrphanDeletion(object)) return this.orphanDependents(object)
    if (isInForegroundDeletion(object)) return this.finishForegroundDeletion(object)
    // Any other deletion runs by itself; when the object is gone, its dependents' turn comes.
    if (isBeingDeleted(object)) return
    await this.collect(object)
  }

  /** Deletes an object that no owner keeps; drops references to lost owners from one that has another owner. */
  private async collect(object: StoredObject): Promise<void> {
    const { solid, absent, waiting } = await classifyOwners(object, this.live)
    const lost = [...absent, ...waiting]
    if (lost.length === 0) return
    if (solid.length > 0) return this.dropOwners(object, lost)
    if (waiting.length === 0) return this.delete(object, policyByFinalizers(object))
    // An owner waits for this object, so this object first waits for its own dependents, if it has any.
    const dependents = await dependentsOf(object, this.live)
    if (dependents.length === 0) return this.delete(object, policyByFinalizers(object))
    // A dependent that is itself waiting may be waiting for an owner of this object: the circle is broken here.
    if (dependents.some(isInForegroundDeletion)) await this.unblockOwners(object)
    await this.delete(object, 'Foreground')
  }

  private async finishForegroundDeletion(owner: StoredObject): Promise<void> {
    const blocking = await blockingDependentsOf(owner, this.live)
    if (blocking.length === 0) await this.removeFinalizer(owner, foregroundFinalizer)
  }

  private async orphanDependents(owner: StoredObject): Promise<void> {
    for (const dependent of await dependentsOf(owner, this.live)) {
      await this.dropOwners(
        dependent,
        ownersOf(dependent).filter((reference) => reference.uid === owner.metadata.uid),
      )
    }
    await this.removeFinalizer(owner, orphanFinalizer)
  }

  private async dropOwners(object: StoredObject, dropped: readonly OwnerReference[]): Promise<void> {
    const uids = dropped.map((reference) => reference.uid)
    await this.patchMetadata(object, {
      ownerReferences: ownersOf(object).filter((reference) => !uids.includes(reference.uid)),
    })
  }

  private async unblockOwners(object: StoredObject): Promise<void> {
    await this.patchMetadata(object, {
      ownerReferences: ownersOf(object).map((reference) => ({ ...reference, blockOwnerDeletion: false })),
    })
  }

  private async removeFinalizer(object: StoredObject, finalizer: string): Promise<void> {
    await this.patchMetadata(object, {
      finalizers: (object.metadata.finalizers ?? []).filter((name) => name !== finalizer),
    })
  }

  /** A list is replaced as a whole, so the patch holds only for the version that was read: else 409, and another try. */
  private async patchMetadata(object: StoredObject, changed: Readonly<Record<string, unknown>>): Promise<void> {
    const { uid, resourceVersion } = object.metadata
    await unlessGone(
      this.client.patch(object, { metadata: { uid, resourceVersion, ...changed } }, { patchType: 'merge' }),
    )
  }

  private async delete(
    object: StoredObject,
    propagationPolicy: NonNullable<DeleteOptions['propagationPolicy']>,
  ): Promise<void> {
    await unlessGone(this.client.delete(object, { preconditions: { uid: object.metadata.uid }, propagationPolicy }))
  }
}

/** A deletion that somebody asked for by finalizer keeps its policy. */
function policyByFinalizers(object: StoredObject): 'Orphan' | 'Foreground' | 'Background' {
  if (object.metadata.finalizers?.includes(orphanFinalizer) === true) return 'Orphan'
  if (object.metadata.finalizers?.includes(foregroundFinalizer) === true) return 'Foreground'
  return 'Background'
}
