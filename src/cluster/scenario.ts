/**
 * A scenario as plain data: what is there at the start, whose code runs, what the user does, what must hold.
 * Written with `defineScenario`; manifests may be paths, which the loader (`cli/load-scenario.ts`) replaces by objects.
 */

import type { KubernetesObject, NamespacedName, TypeReference } from '#api/object.ts'
import type { AdmissionRequest, AdmissionResponse } from '#apiserver/admission/admission.ts'
import type { PolicyRule } from '#apiserver/admission/policy-rules.ts'
import type { ListOptions } from '#controller/client.ts'
import type { Controller } from '#controller/define-controller.ts'
import type { Program } from '#controller/program.ts'
import { celProperty } from './cel-property.ts'
import type { EnvironmentEvent } from './environment.ts'
import type { External } from './external.ts'
import type { Mutations } from './mutations.ts'
import type { Unheard } from './unheard.ts'

/** A manifest: an object, or a path to YAML or JSON relative to the scenario's file. */
export type Manifest = KubernetesObject | string

/** When a user action may happen: at any moment after the one before it, or once the cluster is quiet. */
export type ActionTime = 'any' | 'rest'

interface ActionTiming {
  readonly at?: ActionTime
}

/** What the user does, in kubectl's verbs. */
export type UserAction = ActionTiming &
  (
    | { readonly type: 'apply'; readonly manifest: Manifest }
    | { readonly type: 'create'; readonly manifest: Manifest }
    /** Deletes and, unless `wait` is false, waits until the object is gone before the next action on that name. */
    | {
        readonly type: 'remove'
        readonly target: TypeReference & NamespacedName
        readonly wait?: boolean
        readonly propagationPolicy?: 'Foreground' | 'Background' | 'Orphan'
        /** 0: at once, as with --force. Default: what the object says. */
        readonly gracePeriodSeconds?: number
      }
    /** A JSON merge patch. As kubectl's, it also lands on an object that is being deleted. */
    | {
        readonly type: 'patch'
        readonly target: TypeReference & NamespacedName
        readonly patch: unknown
        readonly subresource?: string
      }
    | { readonly type: 'scale'; readonly target: TypeReference & NamespacedName; readonly replicas: number }
  )

/** A kind known without a CRD (`new Scheme().add(…)`). Defaults: plural = kind in lower case + 's', namespaced, status subresource. */
export interface KindDeclaration extends TypeReference {
  readonly plural?: string
  readonly namespaced?: boolean
  readonly statusSubresource?: boolean
}

/** The cluster as properties see it: the truth, read-only. */
export interface ClusterReader {
  // biome-ignore lint/suspicious/noExplicitAny: fields of a user's kinds
  get<T = any>(type: TypeReference, key: NamespacedName): T | undefined
  // biome-ignore lint/suspicious/noExplicitAny: fields of a user's kinds
  list<T = any>(type: TypeReference, options?: ListOptions): readonly T[]
  /** The state of an external system. */
  // biome-ignore lint/suspicious/noExplicitAny: the state of a system is the user's own
  external<T = any>(name: string): T
}

/**
 * `always`: true in every state. `sometimes`: true in at least one state that is reached.
 * `eventually`: true at some moment of every run that comes to rest (and in every fair cycle).
 * `leadsTo`: whenever `from` is true, `holds` is true then or at some later moment, in every such run.
 */
export interface UserProperty {
  readonly type: 'always' | 'sometimes' | 'eventually' | 'leadsTo'
  readonly name: string
  readonly holds: (cluster: ClusterReader) => boolean
  /** Of `leadsTo` alone: when `holds` is promised. */
  readonly from?: (cluster: ClusterReader) => boolean
}

/** A field (dotted path, `*` for any key or element) or a whole kind that is left out of outcomes, with the reason. */
export interface OutcomeExclusion extends TypeReference {
  readonly path?: string
  readonly reason: string
}

/** A request that waits in a controller's queue. */
export interface InitialRequest {
  /** The controller's name. */
  readonly controller: string
  readonly request: NamespacedName
}

export interface ScenarioDefinition {
  readonly name: string
  /** CRD manifests. */
  readonly crds?: readonly (Manifest | object)[]
  readonly kinds?: readonly KindDeclaration[]
  /** There at the start. */
  readonly objects?: readonly (Manifest | object)[]
  /** First run to rest without faults, in one fair order. Default false. */
  readonly settled?: boolean
  readonly controllers: readonly (Controller | Program)[]
  /** What controllers call beside the API server (`defineExternal`). */
  readonly externals?: readonly External[]
  /** Pending at the start. Default: what the lists of a process start enqueue; a restart enqueues that in any case. */
  readonly initialRequests?: readonly InitialRequest[]
  readonly actions?: readonly UserAction[]
  /** What may happen under `--environment`, beside the moves of external systems. */
  readonly environment?: readonly (EnvironmentEvent | Mutations)[]
  /** `always`, `sometimes`, `eventually`, `leadsTo`; a text is CEL, which must be true in every state (`celProperty`). */
  readonly properties?: readonly (UserProperty | string)[]
  /** Oracles to switch off (`false`) or to ask for (`true`), by name; `{ exclude: ['Kind ns/name', 'Kind'] }` for objects or kinds. */
  readonly oracles?: Readonly<Record<string, boolean | { readonly exclude: readonly string[] }>>
  readonly ignoreInOutcomes?: readonly OutcomeExclusion[]
  /** The garbage collector and the namespace controller. Default true. */
  readonly garbageCollection?: boolean
  /**
   * What runs behind the webhooks that MutatingWebhookConfigurations and ValidatingWebhookConfigurations register, by the
   * webhook's name: a pure function of the review's request, which answers at once.
   */
  readonly webhooks?: Readonly<Record<string, (request: AdmissionRequest) => AdmissionResponse>>
  /** Whether ResourceQuotas are enforced. Default false. */
  readonly quotas?: boolean
  /**
   * What controllers may do, by their names, as the rules of a Role or ClusterRole: all else is refused with 403.
   * Default, and for controllers that are not named: everything.
   */
  readonly permissions?: Readonly<Record<string, readonly PolicyRule[]>>
}

/** What `defineScenario` returns. `directory` is where relative manifests are looked up (set by the loader). */
export interface Scenario extends ScenarioDefinition {
  readonly type: 'scenario'
  readonly properties?: readonly UserProperty[]
  /** Names of actions that are taken before anything is searched (`explore --from`). */
  readonly after?: readonly string[]
  /** Changes that processes have not been told of at the start (`explore --from` of a recording). */
  readonly unheard?: Unheard
  readonly directory?: string
}

/** Checks the shape of a definition; the loader and `explore` check the rest. */
export function defineScenario(definition: ScenarioDefinition): Scenario {
  const { properties, ...rest } = definition
  if (properties === undefined) return { ...rest, type: 'scenario' }
  const all = properties.map((property) => (typeof property === 'string' ? celProperty(property) : property))
  return { ...rest, properties: all, type: 'scenario' }
}

/** kubectl apply: creates the object, or changes the fields that differ from what was applied before. */
export function apply(manifest: Manifest | object, options: ActionTiming = {}): UserAction {
  return { type: 'apply', manifest: manifest as Manifest, ...options }
}

/** kubectl create. */
export function create(manifest: Manifest | object, options: ActionTiming = {}): UserAction {
  return { type: 'create', manifest: manifest as Manifest, ...options }
}

/** kubectl delete, with its wait. */
export function remove(
  target: (Partial<TypeReference> & { readonly kind: string }) & NamespacedName,
  options: ActionTiming & {
    readonly wait?: boolean
    readonly propagationPolicy?: 'Foreground' | 'Background' | 'Orphan'
    readonly gracePeriodSeconds?: number
  } = {},
): UserAction {
  return { type: 'remove', target: completeTarget(target), ...options }
}

/** kubectl patch --type=merge. */
export function patch(
  target: (Partial<TypeReference> & { readonly kind: string }) & NamespacedName,
  mergePatch: unknown,
  options: ActionTiming & { readonly subresource?: string } = {},
): UserAction {
  return { type: 'patch', target: completeTarget(target), patch: mergePatch, ...options }
}

/** kubectl scale: by the kind's scale subresource, or, where it has none, a patch of `spec.replicas`. */
export function scale(
  target: (Partial<TypeReference> & { readonly kind: string }) & NamespacedName,
  replicas: number,
  options: ActionTiming = {},
): UserAction {
  return { type: 'scale', target: completeTarget(target), replicas, ...options }
}

/** `apiVersion` may be left out of a target: '' is resolved by kind when the scenario is prepared. */
function completeTarget(
  target: Partial<TypeReference> & { readonly kind: string } & NamespacedName,
): TypeReference & NamespacedName {
  return { apiVersion: '', ...target }
}
