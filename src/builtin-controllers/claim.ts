/**
 * Which objects belong to a workload: those whose controller it is and which match its selector. Matching ones without
 * a controller are adopted, own ones that match no more are released. The selector alone proves nothing.
 *
 * Source: https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/#non-template-pod-acquisitions and
 * kubernetes/pkg/controller/controller_ref_manager.go. Upstream releases by a strategic merge patch; here and in
 * adoption the whole list of owners is replaced, so the patch holds only for the version that was read.
 */
import type { KubernetesObject, OwnerReference, TypeReference } from '#api/object.ts'
import { controllerOf, controllerReferenceTo } from '#api/owner-reference.ts'
import { compileLabelSelector, type LabelSelector } from '#api/selectors.ts'
import { ApiError } from '#api/status.ts'
import type { Client, Reader } from '#controller/client.ts'
import type { StoredObject } from './kinds.ts'

/** What may belong to a workload: the objects that match its selector, and those that name it as their owner. */
export interface Candidates<T> {
  readonly matching: readonly T[]
  readonly owned: readonly T[]
}

/** Reads the candidates among the objects of a type in the workload's namespace. */
export async function candidatesFor<T extends StoredObject>(
  owner: StoredObject,
  selector: LabelSelector | undefined,
  type: TypeReference,
  reader: Reader,
): Promise<Candidates<T>> {
  const { namespace = '', uid } = owner.metadata
  return {
    matching: selector === undefined ? [] : await reader.list<T>(type, { namespace, labelSelector: selector }),
    owned: await reader.list<T>(type, { namespace, fieldSelector: `metadata.ownerReferences.uid=${uid}` }),
  }
}

/**
 * Adopts and releases; returns what belongs to `owner`, in the order of the candidates. What is adopted gets `finalizer`,
 * if there is one.
 */
export async function claim<T extends StoredObject>(
  owner: StoredObject,
  { matching, owned }: Candidates<T>,
  tools: { readonly client: Client; readonly apiReader: Reader },
  finalizer?: string,
): Promise<readonly T[]> {
  const claimed: T[] = []
  const isLeaving = isBeingDeleted(owner)
  for (const object of matching) {
    const controller = controllerOf(object)
    if (controller !== undefined) {
      if (controller.uid === owner.metadata.uid) claimed.push(object)
    } else if (!isLeaving && !isBeingDeleted(object) && (await stillNeeds(owner, tools.apiReader))) {
      const finalizers = [...(object.metadata.finalizers ?? []), finalizer ?? '']
      const adopted = await patchMetadata(
        object,
        {
          ownerReferences: [...ownersOf(object), controllerReferenceTo(owner)],
          ...(finalizer === undefined ? {} : { finalizers: [...new Set(finalizers)] }),
        },
        tools.client,
      )
      if (adopted !== undefined) claimed.push(adopted)
    }
  }
  const matched = new Set(matching.map(({ metadata }) => metadata.uid))
  for (const object of owned) {
    if (isLeaving || matched.has(object.metadata.uid) || controllerOf(object)?.uid !== owner.metadata.uid) continue
    const ownerReferences = ownersOf(object).filter(({ uid }) => uid !== owner.metadata.uid)
    await patchMetadata(object, { ownerReferences }, tools.client)
  }
  return claimed
}

/** Whether an object without a controller is one that `selector` would adopt. */
export function mayAdopt(selector: LabelSelector | undefined, object: KubernetesObject): boolean {
  return selector !== undefined && controllerOf(object) === undefined && compileLabelSelector(selector)(object)
}

/** A cache may lag: before it adopts anything, a workload asks the API server whether it is still there itself. */
async function stillNeeds(owner: StoredObject, live: Reader): Promise<boolean> {
  const { namespace = '', name, uid } = owner.metadata
  const latest = await live.tryGet<StoredObject>(owner, { namespace, name })
  return latest?.metadata.uid === uid && !isBeingDeleted(latest)
}

/** Undefined: the object is gone. */
async function patchMetadata<T extends StoredObject>(
  object: T,
  changed: { readonly ownerReferences: readonly OwnerReference[]; readonly finalizers?: readonly string[] },
  client: Client,
): Promise<T | undefined> {
  const { uid, resourceVersion } = object.metadata
  try {
    return await client.patch<T>(object, { metadata: { uid, resourceVersion, ...changed } }, { patchType: 'merge' })
  } catch (error) {
    if (error instanceof ApiError && error.isNotFound) return undefined
    throw error
  }
}

function ownersOf(object: KubernetesObject): readonly OwnerReference[] {
  return object.metadata.ownerReferences ?? []
}

function isBeingDeleted(object: KubernetesObject): boolean {
  return object.metadata.deletionTimestamp !== undefined
}
