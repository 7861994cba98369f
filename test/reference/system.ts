/**
 * A small control plane as JSON: objects, controllers whose code is a table, and a user's script.
 * The reference search (`search.ts`) explores it directly; `to-scenario.ts` turns it into real controllers, so that
 * the explorer's counts and verdicts can be compared with the reference's.
 */

import type { AdmissionDescription } from './admission.ts'

/** Group and version of every kind here. All objects lie in the namespace `default`. */
export const API_VERSION = 'test.kamera.dev/v1'

export type Value = string | number | boolean

/** One field of an object. Labels and annotations hold strings only. */
export type FieldPath = `spec.${string}` | `status.${string}` | `labels.${string}` | `annotations.${string}`

export type Fields = Readonly<Record<string, Value>>

export interface KindDescription {
  readonly kind: string
  /** With it, only status writes change `status`, and they change nothing else. Without it they are NotFound. */
  readonly statusSubresource: boolean
}

export interface ObjectDescription {
  readonly kind: string
  readonly name: string
  readonly spec?: Fields
  readonly status?: Fields
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly finalizers?: readonly string[]
}

/** A name, or `$request`: the name in the request that is being reconciled. */
export type NameExpression = string

/** A constant, or a field of an object in a register (nothing is set when that field or object is absent). */
export type ValueExpression = Value | { readonly register: string; readonly path: FieldPath }

/** The last three only happen as faults, and when a read waits in vain; the one before them by admission. */
export type FailureReason =
  | 'NotFound'
  | 'AlreadyExists'
  | 'Conflict'
  | 'Invalid'
  | 'Forbidden'
  | 'Timeout'
  | 'InternalError'
  | 'TooManyRequests'

/** What an `if` asks. A register that holds no object has no fields, is not terminating and has no finalizers. */
export type Condition =
  /** `equals: null`: the field is absent. */
  | { readonly register: string; readonly path: FieldPath; readonly equals: Value | null }
  | { readonly register: string; readonly present: boolean }
  | { readonly register: string; readonly terminating: boolean }
  | { readonly register: string; readonly finalizer: string; readonly present: boolean }
  /** Of a list. */
  | { readonly register: string; readonly count: number }
  /** How the last write failed, or a read since (and was tolerated); null: it succeeded, or there was none. */
  | { readonly lastFailure: FailureReason | null }

interface CallStep {
  /** Failures after which the program goes on; after a read its register holds nothing, or an empty list. Any other
   *  failure ends it with an error. */
  readonly tolerate?: readonly FailureReason[]
}

/** One step of a reconcile program. Programs must not read resourceVersions, uids, generations or times. */
export type Step =
  /** `into` holds nothing when the object is not there. `live` asks the API server, not the process's view. */
  | ({
      readonly do: 'get'
      readonly kind: string
      readonly name: NameExpression
      readonly into: string
      readonly live?: boolean
    } & CallStep)
  | ({ readonly do: 'list'; readonly kind: string; readonly into: string; readonly live?: boolean } & CallStep)
  /** The first object of the list in register `from`, if there is one. */
  | { readonly do: 'first'; readonly from: string; readonly into: string }
  | { readonly do: 'if'; readonly test: Condition; readonly yes: readonly Step[]; readonly no?: readonly Step[] }
  /** `owner` is the register of the object that becomes the controller owner; it is an error when it holds nothing.
   *  With `generate`, `name` is the generateName. */
  | ({
      readonly do: 'create'
      readonly kind: string
      readonly name: NameExpression
      readonly generate?: boolean
      readonly spec?: Readonly<Record<string, ValueExpression>>
      readonly finalizers?: readonly string[]
      readonly owner?: string
    } & CallStep)
  /** Writes the whole object of register `of` with its resourceVersion; the answer replaces the register.
   *  It is an error when the register holds nothing. */
  | ({
      readonly do: 'update'
      readonly of: string
      readonly set?: Readonly<Partial<Record<FieldPath, ValueExpression>>>
      readonly addFinalizer?: string
      readonly removeFinalizer?: string
    } & CallStep)
  | ({
      readonly do: 'updateStatus'
      readonly of: string
      readonly set: Readonly<Partial<Record<FieldPath, ValueExpression>>>
    } & CallStep)
  /** A merge patch of one field, without resourceVersion. No call is made when the value is absent. */
  | ({
      readonly do: 'patch' | 'patchStatus'
      readonly kind: string
      readonly name: NameExpression
      readonly path: FieldPath
      readonly value: ValueExpression
    } & CallStep)
  | ({ readonly do: 'delete'; readonly kind: string; readonly name: NameExpression } & CallStep)
  /** Deletes the object of a register, by its name alone or with its uid as precondition; it is an error when the
   *  register holds nothing. */
  | ({ readonly do: 'deleteHeld'; readonly of: string; readonly withUid: boolean } & CallStep)
  | { readonly do: 'fail'; readonly message: string }
  /** Ends the reconcile. `requeueAfterMs` > 0 asks to run again after that time. */
  | { readonly do: 'return'; readonly requeueAfterMs?: number }

export interface ControllerDescription {
  readonly name: string
  /** Controllers of one process share views and crash together. */
  readonly process: string
  /** The primary kind: an event of an object enqueues its own name. */
  readonly for: string
  /** An event of an object enqueues its controller owner, when that is of the primary kind. */
  readonly owns?: readonly string[]
  /** An event of any object of `kind` enqueues `requests`. */
  readonly watches?: readonly { readonly kind: string; readonly requests: readonly string[] }[]
  readonly program: readonly Step[]
}

/** One line of the user's script. `at: 'rest'`: only once the cluster is quiet; otherwise at any moment. */
export type UserActionDescription = { readonly at?: 'rest' } & (
  | { readonly type: 'create'; readonly object: ObjectDescription }
  /** Sets one spec field (merge patch). */
  | {
      readonly type: 'update'
      readonly kind: string
      readonly name: string
      readonly field: string
      readonly value: Value
    }
  /** Deletes, and waits before the next action on that name until the object is gone. */
  | { readonly type: 'delete'; readonly kind: string; readonly name: string }
)

/** What the surroundings may do, each time at the price of one `environment`. Not possible where it changes nothing. */
export type EnvironmentEventDescription = { readonly name: string; readonly kind: string; readonly object: string } & (
  | { readonly type: 'delete' }
  /** Sets one field of the spec by a merge patch. Not possible while the object is being deleted. */
  | { readonly type: 'set'; readonly field: string; readonly value: Value }
)

export interface System {
  readonly name: string
  readonly kinds: readonly KindDescription[]
  readonly objects: readonly ObjectDescription[]
  readonly controllers: readonly ControllerDescription[]
  readonly script?: readonly UserActionDescription[]
  readonly environment?: readonly EnvironmentEventDescription[]
  readonly admission?: AdmissionDescription
}

/** The kinds that a program reads from the process's view, on any branch. */
export function cachedKindsOf(program: readonly Step[]): string[] {
  const kinds = program.flatMap((step) => {
    if (step.do === 'if') return [...cachedKindsOf(step.yes), ...cachedKindsOf(step.no ?? [])]
    return (step.do === 'get' || step.do === 'list') && step.live !== true ? [step.kind] : []
  })
  return distinct(kinds)
}

/** The kinds a controller has informers for: primary, owned, watched, and those it reads from the view. */
function informerKindsOf(controller: ControllerDescription): string[] {
  const watched = (controller.watches ?? []).map((watch) => watch.kind)
  return distinct([controller.for, ...(controller.owns ?? []), ...watched, ...cachedKindsOf(controller.program)])
}

export function processesOf(system: System): string[] {
  return distinct(system.controllers.map((controller) => controller.process))
}

export function controllersOf(system: System, process: string): readonly ControllerDescription[] {
  return system.controllers.filter((controller) => controller.process === process)
}

/** The kinds whose events a process receives. */
export function processKindsOf(system: System, process: string): string[] {
  return distinct(controllersOf(system, process).flatMap(informerKindsOf))
}

/** Sorted, each once. */
export function distinct(names: readonly string[]): string[] {
  return [...new Set(names)].sort()
}
