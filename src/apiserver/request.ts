/**
 * The vocabulary of the pure API server: what is asked, what is answered, what changes.
 * `handle` in `apiserver.ts` is the one function over it; the explorer, the HTTP front, hosts and
 * the trace replayer all call it.
 */
import type { KubernetesObject } from '#api/object.ts'
import type { ResourceInfo } from '#api/resource.ts'
import type { Status, SuccessStatus } from '#api/status.ts'
import type { AdmissionControl } from './admission/admission.ts'

export type Verb = 'get' | 'list' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection'
export type PatchType = 'json' | 'merge' | 'strategic' | 'apply'
export type PropagationPolicy = 'Foreground' | 'Background' | 'Orphan'

export interface RequestOptions {
  readonly labelSelector?: string
  readonly fieldSelector?: string
  readonly dryRun?: boolean
  readonly fieldManager?: string
  readonly force?: boolean
  /** What to do about unknown and duplicate fields. Default: pass them over (requests over HTTP: Warn). */
  readonly fieldValidation?: 'Strict' | 'Warn' | 'Ignore'
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string }
  readonly propagationPolicy?: PropagationPolicy
  readonly gracePeriodSeconds?: number
  readonly orphanDependents?: boolean
  /** Of a list or get: '' and '0' any, otherwise not older than (or with `resourceVersionMatch` Exact, at) it. */
  readonly resourceVersion?: string
  readonly resourceVersionMatch?: string
  /** Of a list: at most so many objects a page. Default, and 0: all. */
  readonly limit?: number
  /** Of a list: the token of the page before. */
  readonly continue?: string
  /** Of a watch: whether it begins with the objects that are there, ended by a bookmark. */
  readonly sendInitialEvents?: boolean
}

/** One API request, already parsed. `body` is the object, the patch, or DeleteOptions. */
export interface ApiRequest {
  readonly verb: Verb
  readonly resource: ResourceInfo
  readonly subresource?: string
  readonly namespace?: string
  readonly name?: string
  readonly body?: unknown
  readonly patchType?: PatchType
  /** The subresource by which a write of the whole object came. Its manager's entry names it. */
  readonly cameBy?: 'scale'
  /** Paths of fields that the text of the body names twice; the last one is in `body`. Only who read the text knows. */
  readonly duplicateFields?: readonly string[]
  readonly options?: RequestOptions
}

export interface ObjectList {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly resourceVersion: string
    /** The token of the next page; absent on the last. */
    readonly continue?: string
    readonly remainingItemCount?: number
  }
  readonly items: readonly KubernetesObject[]
}

/** `code` is the HTTP status. `body` is the object, a list, or a Status. `warnings` become Warning headers. */
export interface ApiResponse {
  readonly code: number
  readonly body: KubernetesObject | ObjectList | Status | SuccessStatus
  readonly warnings?: readonly string[]
}

/** An object as it is stored. `body` is frozen, complete (with uid), but has **no** `metadata.resourceVersion`;
 *  that is `revision`, filled in (`withResourceVersion`) when the object leaves the server. Two writes of equal
 *  content have different revisions and may share one body. */
export interface StoredObject {
  readonly body: KubernetesObject
  readonly revision: number
}

/** One committed change of one object: `before` undefined for a create, `after` undefined for a removal.
 *  `revision` is the new revision of the change (a removal has one too: a DELETED event carries it). */
export interface Change {
  readonly resource: ResourceInfo
  readonly namespace: string
  readonly name: string
  readonly before: StoredObject | undefined
  readonly after: StoredObject | undefined
  readonly revision: number
}

/**
 * What the decision procedure may look at. The explorer implements it over its own compact states and notes
 * which objects were read; `ApiState` implements it for everybody else. `namespace` is '' for cluster scope.
 */
export interface StorageReader {
  get(resource: ResourceInfo, namespace: string, name: string): StoredObject | undefined
  /** In the order of `namespace/name` strings (`namespacedNameKey`), as etcd has them. `namespace` undefined: all of them. */
  list(resource: ResourceInfo, namespace: string | undefined): readonly StoredObject[]
  /** How many objects of this kind and name were created so far (0: the next is the first incarnation). */
  incarnations(resource: ResourceInfo, namespace: string, name: string): number
  /** How many names were generated so far for this kind, namespace and `generateName` prefix
   *  (one more than the greatest `numberOfGeneratedName`). */
  namesGenerated(resource: ResourceInfo, namespace: string, prefix: string): number
  /** The storage as it was at an older revision; undefined when that is forgotten. A reader that cannot do that shows
   *  the newest state instead. */
  readonly at?: (revision: number) => StorageReader | undefined
  /** What may change or refuse writes before they are stored. Default: nothing. */
  readonly admission?: AdmissionControl | undefined
  /** The newest revision; the next change gets this plus one. */
  readonly revision: number
  /** Virtual time for timestamps, in milliseconds since 1970. */
  readonly nowMs: number
}

/** What a request does: the answer, and the changes it commits (none for a read, a no-op or an error). */
export interface Decision {
  readonly response: ApiResponse
  readonly changes: readonly Change[]
}
