/**
 * What the API server knows of a kind: its REST collection, scope and subresources.
 * The built-in kinds are in `built-in-kinds.ts`, those of a CRD come from `crd.ts`.
 */

/** One served version of a kind. */
export interface ResourceInfo {
  /** '' for the core group. */
  readonly group: string
  readonly version: string
  readonly kind: string
  /** Plural, as in the URL. */
  readonly resource: string
  readonly namespaced: boolean
  /** Whether `/status` exists; then the main endpoint ignores changes of `status`, and `/status` all others. */
  readonly statusSubresource: boolean
  /** Whether `/scale` exists, with the paths it maps to (dotted, e.g. `spec.replicas`). */
  readonly scale?: { readonly specReplicas: string; readonly statusReplicas: string; readonly selector?: string }
  /** What raises `metadata.generation`: nothing ('none'), a change of `spec` and deletion ('spec'),
   *  or any change outside `metadata` and `status` ('content', custom resources). */
  readonly generation: 'none' | 'spec' | 'content'
  /** True for a kind that came from a CRD or a scheme declaration. */
  readonly custom: boolean
  /** Whether an update without resourceVersion is allowed (custom resources and a few others refuse it with 422). */
  readonly unconditionalUpdate: boolean
  /** Default deletion grace period in seconds; only Pods have one. */
  readonly gracefulDeletion: boolean
}

/** The kinds that a simulated API server serves. Immutable; build one with `createScheme` (`scheme.ts`). */
export interface ResourceTable {
  /** The resource of an `apiVersion` and `kind`, or undefined when nobody serves it. */
  byKind(apiVersion: string, kind: string): ResourceInfo | undefined
  /** The resource of a URL's group, version and plural. */
  byResource(group: string, version: string, resource: string): ResourceInfo | undefined
  readonly all: readonly ResourceInfo[]
}

/** `group/version`, or `version` for the core group. */
export function apiVersionOf(resource: { readonly group: string; readonly version: string }): string {
  return resource.group === '' ? resource.version : `${resource.group}/${resource.version}`
}
