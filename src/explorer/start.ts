/** Where an exploration starts: the objects that are there and the reconciles that are pending. */
import { describeObject } from '#api/key.ts'
import type { KubernetesObject, NamespacedName } from '#api/object.ts'
import type { InitialRequest } from '#cluster/scenario.ts'
import { ScenarioError } from '#cluster/scenario-error.ts'
import type { Scheme } from './scheme.ts'

export interface InitialState {
  readonly objects: readonly KubernetesObject[]
  readonly requests: readonly InitialRequest[]
  /** How `objects` came about, oldest first: what a view that is stuck (`withKindBounds`) may show. Default: unknown. */
  readonly history?: readonly StateEvent[]
}

/** `delete` marks an object as being deleted (deletionTimestamp), `remove` takes it away. */
export type StateOperation = 'create' | 'update' | 'delete' | 'remove'

export interface StateEvent {
  readonly operation: StateOperation
  /** The whole object after the event; for `remove` its kind, namespace and name are enough. */
  readonly object: KubernetesObject | object
}

/** For objects that a script deletes without saying when. */
const DELETED_AT = '2025-01-01T00:00:00Z'

/** Builds an initial state; each call adds to it. An explorer takes it as it is, or what `build` returns. */
export class StateEventBuilder implements InitialState {
  readonly #scheme: Scheme
  readonly #objects = new Map<string, KubernetesObject>()
  readonly #requests: InitialRequest[] = []
  readonly #history: StateEvent[] = []

  constructor(scheme: Scheme) {
    this.#scheme = scheme
  }

  /**
   * Adds an object, with a pending reconcile of it for each of the reconcilers.
   * @throws ScenarioError when its kind is not in the scheme, it has no name, or it is there already.
   */
  addTopLevelObject(object: KubernetesObject | object, ...reconcilerIds: string[]): this {
    const added = this.#checked(object)
    this.#apply('create', added)
    const { namespace, name = '' } = added.metadata
    for (const id of reconcilerIds)
      this.addPendingReconcile(id, namespace === undefined ? { name } : { namespace, name })
    return this
  }

  /**
   * Adds an event of a scripted history. The exploration starts from what the history leaves; earlier versions are
   * seen only by reconcilers whose view is stuck (`withKindBounds`).
   * @throws ScenarioError when the event does not fit those before it.
   */
  addStateEvent({ operation, object }: StateEvent): this {
    this.#apply(operation, this.#checked(object))
    return this
  }

  /** Makes a reconcile pending whose object is already there, or is not there at all. */
  addPendingReconcile(reconcilerId: string, request: NamespacedName): this {
    this.#requests.push({ controller: reconcilerId, request })
    return this
  }

  get objects(): readonly KubernetesObject[] {
    return [...this.#objects.values()]
  }

  get requests(): readonly InitialRequest[] {
    return [...this.#requests]
  }

  get history(): readonly StateEvent[] {
    return [...this.#history]
  }

  build(): InitialState {
    return { objects: this.objects, requests: this.requests, history: this.history }
  }

  #apply(operation: StateOperation, object: KubernetesObject): void {
    const key = `${object.apiVersion} ${describeObject(object)}`
    const isThere = this.#objects.has(key)
    if (isThere === (operation === 'create')) {
      throw new ScenarioError(
        `${operation} of ${describeObject(object)}: it is ${isThere ? 'there already' : 'not there'}. Events are applied in the order given.`,
      )
    }
    this.#history.push({ operation, object })
    switch (operation) {
      case 'create':
      case 'update':
        this.#objects.set(key, object)
        break
      case 'delete':
        this.#objects.set(key, markedForDeletion(object))
        break
      case 'remove':
        this.#objects.delete(key)
        break
      default:
        throw new ScenarioError(
          `there is no state event ${String(operation satisfies never)}. There are: create, update, delete, remove.`,
        )
    }
  }

  /** The object with its namespace completed. */
  #checked(object: KubernetesObject | object): KubernetesObject {
    const { apiVersion, kind, metadata } = (object ?? {}) as Partial<KubernetesObject>
    const resource = this.#scheme.find(String(apiVersion), String(kind))
    if (resource === undefined) {
      throw new ScenarioError(
        `an object of kind ${kind} of ${apiVersion} cannot be in the cluster: the kind is not in the scheme. Add it: scheme.add({ apiVersion, kind }).`,
      )
    }
    if (typeof metadata?.name !== 'string' || metadata.name === '') {
      throw new ScenarioError(`an object of kind ${kind} has no name. Give it metadata.name.`)
    }
    const complete = object as KubernetesObject
    if (!resource.namespaced) return complete
    return { ...complete, metadata: { ...metadata, namespace: metadata.namespace ?? 'default' } }
  }
}

/** The object as a deletion leaves it that something holds back. */
export function markedForDeletion(object: KubernetesObject): KubernetesObject {
  const { deletionTimestamp = DELETED_AT } = object.metadata
  return { ...object, metadata: { ...object.metadata, deletionTimestamp } }
}
