/**
 * The volume claims of a StatefulSet's pods: made before the pod, and kept, or given an owner so that the garbage
 * collector takes them with the pod that is scaled away or with the set.
 *
 * Source: https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#persistentvolumeclaim-retention and
 * kubernetes/pkg/controller/statefulset/stateful_set_utils.go.
 */
import { equalJson } from '#api/equal.ts'
import type { OwnerReference } from '#api/object.ts'
import { controllerReferenceTo } from '#api/owner-reference.ts'
import type { Client } from '#controller/client.ts'
import {
  type PersistentVolumeClaim,
  type Pod,
  persistentVolumeClaimType,
  podType,
  type StatefulSet,
  type StoredObject,
} from '../kinds.ts'
import { claimsOf, isInRange, ordinalOf } from './pod-identity.ts'

/** Creates the claims of an ordinal that are missing. */
export async function createClaims(set: StatefulSet, ordinal: number, client: Client): Promise<void> {
  for (const claim of claimsOf(set, ordinal)) {
    const { namespace = '', name = '' } = claim.metadata
    const existing = await client.tryGet(persistentVolumeClaimType, { namespace, name })
    if (existing === undefined) await client.create(claim)
  }
}

/**
 * Whether a claim of an ordinal still belongs to a pod of that name which is gone: the garbage collector will take it,
 * so a new pod has to wait.
 */
export async function hasStaleClaim(set: StatefulSet, ordinal: number, client: Client): Promise<boolean> {
  if (retention(set).whenScaled !== 'Delete') return false
  const { namespace = '', name } = set.metadata
  for (const claim of await existingClaims(set, ordinal, client)) {
    const owner = claim.metadata.ownerReferences?.find(
      (reference) => reference.kind === podType.kind && reference.name === `${name}-${ordinal}`,
    )
    if (owner === undefined) continue
    const pod = await client.tryGet<Pod>(podType, { namespace, name: owner.name })
    if (pod?.metadata.uid !== owner.uid) return true
  }
  return false
}

/**
 * Gives the claims of a pod the owners that the set's policy asks for. Where all are kept claims are not even read; so
 * a policy that is set back leaves the owners that it gave.
 */
export async function retainClaims(set: StatefulSet, pod: Pod, client: Client): Promise<void> {
  const { whenDeleted, whenScaled } = retention(set)
  const ordinal = ordinalOf(set, pod)
  if (ordinal === undefined || (whenDeleted !== 'Delete' && whenScaled !== 'Delete')) return
  for (const claim of await existingClaims(set, ordinal, client)) {
    const owners = ownersFor(set, pod, claim, !isInRange(set, ordinal))
    if (equalJson(owners, claim.metadata.ownerReferences ?? [])) continue
    await client.update({ ...claim, metadata: { ...claim.metadata, ownerReferences: owners } })
  }
}

function ownersFor(
  set: StatefulSet,
  pod: Pod,
  claim: PersistentVolumeClaim,
  isScaledAway: boolean,
): readonly OwnerReference[] {
  const { whenDeleted, whenScaled } = retention(set)
  const byPod = whenScaled === 'Delete' && isScaledAway
  const bySet = whenDeleted === 'Delete' && !byPod
  const own = new Set([set.metadata.uid, pod.metadata.uid])
  const others = (claim.metadata.ownerReferences ?? []).filter(({ uid }) => !own.has(uid))
  const owner: StoredObject | undefined = byPod ? { ...pod, ...podType } : bySet ? set : undefined
  return owner === undefined ? others : [...others, controllerReferenceTo(owner)]
}

async function existingClaims(
  set: StatefulSet,
  ordinal: number,
  client: Client,
): Promise<readonly PersistentVolumeClaim[]> {
  const claims: PersistentVolumeClaim[] = []
  for (const { metadata } of claimsOf(set, ordinal)) {
    const { namespace = '', name = '' } = metadata
    const claim = await client.tryGet<PersistentVolumeClaim>(persistentVolumeClaimType, { namespace, name })
    if (claim !== undefined) claims.push(claim)
  }
  return claims
}

function retention(set: StatefulSet): { readonly whenDeleted: string; readonly whenScaled: string } {
  const { whenDeleted = 'Retain', whenScaled = 'Retain' } = set.spec.persistentVolumeClaimRetentionPolicy ?? {}
  return { whenDeleted, whenScaled }
}
