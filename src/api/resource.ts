/**
 * What the API server knows of a kind: its REST collection, scope and subresources.
 * The built-in kinds are in `built-in-kinds.ts`, those of a CRD come from `crd.ts`.
 */

import type { ResourceSchema } from './structural-schema/resource-schema.ts'

/** Where `/scale` reads and writes: dotted paths, e.g. `spec.replicas`. */
export interface ScaleSubresource {
  readonly specReplicas: string
  readonly statusReplicas: string
  readonly selector?: string
}

/** A column of the Table of a custom resource (`additionalPrinterColumns`). */
export interface PrinterColumn {
  readonly name: string
  readonly type: string
  readonly format?: string
  readonly description?: string
  /** 0: always shown; more: with `-o wide`. Default 0. */
  readonly priority?: number
  readonly jsonPath: string
}

/** One served version of a kind. Build one with `resourceInfo`, which fills in `key` and the defaults. */
export interface ResourceInfo {
  /** `group/resource`: names the storage, which all versions of a kind share. */
  readonly key: string
  /** '' for the core group. */
  readonly group: string
  readonly version: string
  readonly kind: string
  /** Plural, as in the URL. */
  readonly resource: string
  readonly namespaced: boolean
  /** Whether `/status` exists; then the main endpoint ignores changes of `status`, and `/status` all others. */
  readonly statusSubresource: boolean
  /** Whether `/scale` exists, with the paths it maps to. */
  readonly scale?: ScaleSubresource
  /** What raises `metadata.generation`: nothing ('none'), a change of `spec` and deletion ('spec'),
   *  or any change outside `metadata` and `status` ('content', custom resources). */
  readonly generation: 'none' | 'spec' | 'content'
  /** True for a kind that came from a CRD or a scheme declaration. */
  readonly custom: boolean
  /** Whether an update without resourceVersion is allowed (custom resources and a few others refuse it with 422). */
  readonly unconditionalUpdate: boolean
  /** Default deletion grace period in seconds; only Pods have one. */
  readonly gracefulDeletion: boolean
  /** The version that objects are stored in. Default: `version`. */
  readonly storageVersion?: string
  /** The schema of this version, of a kind that came from a CRD. Without one any object is taken as it is. */
  readonly schema?: ResourceSchema
  /** The schema of the version that objects are stored in, when that is another one. */
  readonly storageSchema?: ResourceSchema
  /** Kind of a list answer. Default: `kind` + 'List'. */
  readonly listKind?: string
  readonly singular?: string
  readonly shortNames?: readonly string[]
  readonly categories?: readonly string[]
  /** Subresources beside status and scale. */
  readonly subresources?: readonly string[]
  /** Field selectors beside metadata.name and metadata.namespace; dotted paths into the object. */
  readonly selectableFields?: readonly string[]
  /** What a name must look like. Default: 'subdomain' (RFC 1123). */
  readonly nameFormat?: 'subdomain' | 'label' | 'label-1035' | 'path-segment'
  /** Whether a change of annotations raises the generation too (Deployments). Default false. */
  readonly annotationsRaiseGeneration?: boolean
  /** Columns beside the name. Default: the age. */
  readonly printerColumns?: readonly PrinterColumn[]
  /** Sent as a Warning with every answer of this version. */
  readonly deprecationWarning?: string
  /** Its definition is being deleted: objects are created no more. */
  readonly terminating?: boolean
  /** Whether DELETE answers the object and not a Status. Default false. */
  readonly returnsDeletedObject?: boolean
  /** Whether a DELETE of the collection is served. Default true. */
  readonly deletesCollections?: boolean
  /** Whether a DELETE without propagation policy orphans the dependents (Jobs, ReplicationControllers). Default false. */
  readonly orphansByDefault?: boolean
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

type ResourceInfoDefaults =
  | 'key'
  | 'namespaced'
  | 'statusSubresource'
  | 'generation'
  | 'custom'
  | 'unconditionalUpdate'
  | 'gracefulDeletion'

/** Completes a declaration. Defaults: namespaced, no subresources, no generation, built in, unconditional update. */
export function resourceInfo(
  declaration: Omit<ResourceInfo, ResourceInfoDefaults> & Partial<Omit<ResourceInfo, 'key'>>,
): ResourceInfo {
  return Object.freeze({
    key: `${declaration.group}/${declaration.resource}`,
    namespaced: true,
    statusSubresource: false,
    generation: 'none' as const,
    custom: false,
    unconditionalUpdate: true,
    gracefulDeletion: false,
    ...declaration,
  })
}

/** What `Status.details.kind` and messages call a resource: `deployments.apps`, `pods`. */
export function qualifiedResource(resource: { readonly group: string; readonly resource: string }): string {
  return resource.group === '' ? resource.resource : `${resource.resource}.${resource.group}`
}
