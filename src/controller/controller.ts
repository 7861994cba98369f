/**
 * What a controller is, for users and for hosts: a reconciler with its watches.
 * `defineController` (`define-controller.ts`) checks and completes a definition; `hosts/` run it.
 */
import type { Json, KubernetesObject, NamespacedName, TypeReference } from '#api/object.ts'
import type { Client, Reader } from '#controller/client.ts'
import type { HostReply, ReadCall } from '#controller/host.ts'

/** Only a key: what to do is read from the cluster (level-triggered). */
export type ReconcileRequest = NamespacedName

export interface ReconcileResult {
  /** Run again after this many milliseconds of virtual time. */
  readonly requeueAfterMs?: number
  /** Run again with back-off, as after an error. */
  readonly requeue?: boolean
}

export interface Reconciler {
  // biome-ignore lint/suspicious/noConfusingVoidType: reconcilers without a result return nothing
  reconcile(request: ReconcileRequest): Promise<ReconcileResult | void>
}

/** The type of a watch event as handlers and predicates see it. */
export type WatchEventType = 'ADDED' | 'MODIFIED' | 'DELETED'

/** What a predicate is asked about: `old` is absent for ADDED; for DELETED `object` is the last known one. */
export interface ObjectEvent {
  readonly type: WatchEventType
  readonly object: KubernetesObject
  readonly old?: KubernetesObject
}

/** Decides whether an event may enqueue requests. Must be pure. */
export type Predicate = (event: ObjectEvent) => boolean

/** Maps an object to the requests to enqueue. It may read through `reader`, which answers from the process's
 *  view (`reader.cached`) or the truth (`reader.live`); then it may be async. Called for old and new object. */
export type MapFunction = (
  object: KubernetesObject,
  readers: { readonly cached: Reader; readonly live: Reader },
) => readonly ReconcileRequest[] | Promise<readonly ReconcileRequest[]>

export interface ForOptions extends TypeReference {
  readonly predicate?: Predicate
}
export interface OwnsOptions extends TypeReference {
  readonly predicate?: Predicate
  /** Enqueue any owner of the primary kind, not only the controller reference. Default false. */
  readonly matchEveryOwner?: boolean
}
export interface WatchesOptions extends TypeReference {
  /** `kind: '*'` with `apiVersion: '*'` watches every kind (as the garbage collector does). */
  readonly requests: MapFunction
  readonly predicate?: Predicate
}

/** What a reconciler's factory gets. One call a reconcile, unless the controller declares memory. */
export interface ReconcilerTools {
  /** Reads from the process's view (informer caches), writes to the API server. */
  readonly client: Client
  /** Reads from the API server. */
  readonly apiReader: Reader
  /**
   * For `@kubernetes/client-node`, unchanged: API classes by `makeApiClient`, `KubernetesObjectApi`, `CustomObjectsApi`.
   * Reads go to the API server. It is no instance of `KubeConfig`, but has its methods; made when it is first asked for.
   */
  // biome-ignore lint/suspicious/noExplicitAny: a KubeConfig of whichever version of client-node the program has
  readonly kubeConfig: any
  /** Virtual time, in the trie: the same as `Date` during a reconcile. */
  readonly clock: { now(): Date }
  /** Writes Kubernetes Events; they are left out of outcomes. */
  readonly recorder: {
    event(object: KubernetesObject, type: 'Normal' | 'Warning', reason: string, message: string): void
  }
  /** An external system of the scenario: each of its methods and queries returns a promise. It rejects with an Error
   *  that has the message of what the method threw. */
  // biome-ignore lint/suspicious/noExplicitAny: the methods of a system are the user's own
  external<T = any>(name: string): T
}

/** What the host gives beside the tools to a controller that handles events. */
export interface EventSource {
  /** The event that this unit of work is about. */
  event(): Promise<ObjectEvent>
}

/** A kind, and the events of it that a controller handles. */
export interface HandledType extends TypeReference {
  readonly events: readonly WatchEventType[]
}

/** Memory kept on purpose between reconciles of one process. A snapshot is JSON and is part of a state. */
export interface MemoryDeclaration {
  /** The instance's memory as JSON, taken after each reconcile. */
  snapshot(reconciler: never): Json
  /** Puts a snapshot into a fresh instance, before each reconcile but a process's first. */
  restore(reconciler: never, memory: Json): void
}

/** Watches whose predicates and mapping functions are in another process (`hosts/program`). */
export interface ForeignWatches {
  readonly types: readonly TypeReference[]
  /** The requests that an event enqueues. Reads of the mapping are answered by `answer`, from the process's view or the truth. */
  requests(event: ObjectEvent, answer: (call: ReadCall) => HostReply): Promise<readonly ReconcileRequest[]>
}

/** A controller as users write it (`defineController`). */
export interface ControllerDefinition {
  readonly name: string
  /** The primary kind. */
  readonly for?: ForOptions
  readonly owns?: readonly OwnsOptions[]
  readonly watches?: readonly WatchesOptions[]
  readonly reconciler: (tools: ReconcilerTools) => Reconciler
  /** Controllers of one process share informer caches and crash together. Default: all of a scenario in one. */
  readonly process?: string
  /** How many reconciles (of different keys) may be in flight. Default 1. */
  readonly maxConcurrentReconciles?: number
  /**
   * Its work queue. `fifo`, the default, is client-go's: a key that waits for its time and is added meanwhile runs now
   * and again later. `priority` is controller-runtime's since 0.23, with one entry a key: it runs now, and not again.
   */
  readonly queue?: 'fifo' | 'priority'
  readonly memory?: MemoryDeclaration
  /**
   * Whether its reconciles happen together with what wakes them: before anything else, on fresh reads, struck by no
   * fault. Keeps a search small, and hides all that its lateness could do. Default false.
   */
  readonly atOnce?: boolean
  /** Random numbers are meant: their use is not a finding. Default false. */
  readonly allowRandom?: boolean
  /**
   * Its mapping functions do not look at the status of what they read, and are given it without. Then changes of status
   * concern them not, which keeps a search small. Default false.
   */
  readonly mapsWithoutStatus?: boolean
  /** Set by `defineHandlers`: its units of work are events, not requests. */
  readonly handles?: readonly HandledType[]
  /** Set for controllers of a program, in the place of `owns` and `watches`; `for` only names its primary kind then. */
  readonly foreign?: ForeignWatches
  /** Set by `defineHandlers`: an error is lost with its event. Default: it ends the process. */
  readonly survivesErrors?: boolean
}
