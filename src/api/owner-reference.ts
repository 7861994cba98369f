/**
 * Owner references: the edges from dependents to their owners.
 * Source: apimachinery/pkg/apis/meta/v1/controller_ref.go.
 */
import type { KubernetesObject, OwnerReference } from './object.ts'

/** The reference that a dependent of `owner` carries. */
function ownerReferenceTo(
  owner: KubernetesObject,
  options: { readonly controller?: boolean; readonly blockOwnerDeletion?: boolean } = {},
): OwnerReference {
  return {
    apiVersion: owner.apiVersion,
    kind: owner.kind,
    name: owner.metadata.name ?? '',
    uid: owner.metadata.uid ?? '',
    ...options,
  }
}

/** The reference of an object that its controller owns. */
export function controllerReferenceTo(owner: KubernetesObject): OwnerReference {
  return ownerReferenceTo(owner, { controller: true, blockOwnerDeletion: true })
}

/** The reference with `controller: true`, of which there is at most one. */
export function controllerOf(object: KubernetesObject): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find((reference) => reference.controller === true)
}

export function isControlledBy(object: KubernetesObject, owner: KubernetesObject): boolean {
  return controllerOf(object)?.uid === owner.metadata.uid
}
