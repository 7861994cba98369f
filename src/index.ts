/** The front door of the package: what is not on this list is internal. */
export type { KubernetesObject, NamespacedName, ObjectMeta, OwnerReference, TypeReference } from '#api/object.ts'
export { ApiError, type Status } from '#api/status.ts'
