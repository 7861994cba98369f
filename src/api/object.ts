/**
 * What an API object is: plain JSON data with `apiVersion`, `kind` and `metadata`.
 * Source: https://kubernetes.io/docs/reference/using-api/api-concepts/
 */

/** Any JSON value, as it travels over the Kubernetes API. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** A reference from a dependent to its owner (`metadata.ownerReferences`). */
export interface OwnerReference {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  readonly uid: string
  readonly controller?: boolean
  readonly blockOwnerDeletion?: boolean
}

/** `metadata` of an object. Times are RFC 3339 in whole seconds; `resourceVersion` is a decimal string. */
export interface ObjectMeta {
  readonly name?: string
  readonly generateName?: string
  readonly namespace?: string
  readonly uid?: string
  readonly resourceVersion?: string
  readonly generation?: number
  readonly creationTimestamp?: string
  readonly deletionTimestamp?: string
  readonly deletionGracePeriodSeconds?: number
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly finalizers?: readonly string[]
  readonly ownerReferences?: readonly OwnerReference[]
  readonly managedFields?: readonly unknown[]
}

/** A persisted API object. Fields beside `metadata` belong to its kind. */
export interface KubernetesObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: ObjectMeta
  // biome-ignore lint/suspicious/noExplicitAny: the fields of a kind are the user's own
  readonly [field: string]: any
}

/** `apiVersion` and `kind`, which name a type of object. */
export interface TypeReference {
  readonly apiVersion: string
  readonly kind: string
}

/** Namespace (absent for cluster-scoped objects) and name. */
export interface NamespacedName {
  readonly namespace?: string
  readonly name: string
}
