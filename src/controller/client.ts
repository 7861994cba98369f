/**
 * The typed client that controllers use, as an interface; `create-client.ts` builds one over a `Transport`.
 */
import type { KubernetesObject, NamespacedName, TypeReference } from '#api/object.ts'

// biome-ignore lint/suspicious/noExplicitAny: fields of a user's kinds
type Any = any

/** The client's own writable view of objects: users build and spread them freely. */
export interface ListOptions {
  readonly namespace?: string
  /** `app=web,tier!=db`, or a LabelSelector / map of labels. */
  readonly labelSelector?:
    | string
    | Readonly<Record<string, string>>
    | { readonly matchLabels?: Readonly<Record<string, string>>; readonly matchExpressions?: readonly unknown[] }
  /** `metadata.name=x`, `status.phase!=Running`, … */
  readonly fieldSelector?: string
}

export interface DeleteOptions {
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string }
  readonly propagationPolicy?: 'Foreground' | 'Background' | 'Orphan'
  readonly gracePeriodSeconds?: number
}

/** An object, or a type and key that names one. */
export type ObjectReference = KubernetesObject | { readonly type: TypeReference; readonly key: NamespacedName }

export interface Reader {
  /** Throws `ApiError` NotFound when it is not there. */
  get<T = Any>(type: TypeReference, key: NamespacedName): Promise<T>
  tryGet<T = Any>(type: TypeReference, key: NamespacedName): Promise<T | undefined>
  list<T = Any>(type: TypeReference, options?: ListOptions): Promise<T[]>
}

export interface SubresourceWriter {
  update<T extends object>(object: T): Promise<T>
  patch<T = Any>(
    object: ObjectReference,
    patch: unknown,
    options: { readonly patchType: 'json' | 'merge' | 'strategic' },
  ): Promise<T>
  apply<T = Any>(object: object, options: { readonly fieldManager: string; readonly force?: boolean }): Promise<T>
}

export interface SubresourceClient extends SubresourceWriter {
  get<T = Any>(object: ObjectReference): Promise<T>
  create<T = Any>(object: ObjectReference, body: object): Promise<T>
}

export interface Client extends Reader {
  create<T extends object>(object: T): Promise<T & Any>
  update<T extends object>(object: T): Promise<T & Any>
  patch<T = Any>(
    object: ObjectReference,
    patch: unknown,
    options: { readonly patchType: 'json' | 'merge' | 'strategic' },
  ): Promise<T>
  apply<T = Any>(object: object, options: { readonly fieldManager: string; readonly force?: boolean }): Promise<T>
  delete(object: ObjectReference | object, options?: DeleteOptions): Promise<void>
  deleteAllOf(type: TypeReference, options?: ListOptions): Promise<void>
  status(): SubresourceWriter
  subResource(name: string): SubresourceClient
}
