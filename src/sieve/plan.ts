/** A test plan of Sieve as data: actions in order, each with what triggers it. The format's mapping is in `docs/sieve.md`. */
import type { Expression } from './trigger-expression.ts'

export interface SievePlan {
  /** The name of the workload that the plan was made for; the scenario's script stands for it. */
  readonly workload: string | undefined
  readonly actions: readonly PlannedAction[]
}

export type PlannedAction = {
  readonly triggers: ReadonlyMap<string, Trigger>
  readonly expression: Expression
  /** Whether the action waits, once it is triggered, until nothing else is left to do. */
  readonly waits: boolean
} & (RestartAction | PauseControllerAction | ResumeControllerAction | PauseApiServerAction | ResumeApiServerAction)

/** The API server that Sieve connects controllers to; the others follow it. */
export const LEADING_API_SERVER = 'kind-control-plane'

/** `restartController`, which stays with the API server that it has, or `reconnectController` to one. */
export interface RestartAction {
  readonly type: 'restart'
  readonly controller: string
  readonly apiServer: string | undefined
}

/** Steps of the controller's process that read or write what is in scope wait. */
export interface PauseControllerAction {
  readonly type: 'pause-controller'
  readonly at: PausePoint
  readonly scope: Scope
  readonly controller: string | undefined
}

export interface ResumeControllerAction {
  readonly type: 'resume-controller'
  readonly at: PausePoint
  readonly scope: Scope
  readonly controller: string | undefined
}

/**
 * The server receives no more events of the kind. For a controller that is connected to it that is a lag episode, for one
 * that will be, the position at which its next start lists the kind.
 */
export interface PauseApiServerAction {
  readonly type: 'pause-api-server'
  readonly apiServer: string
  readonly scope: Scope
}

export interface ResumeApiServerAction {
  readonly type: 'resume-api-server'
  readonly apiServer: string
  readonly scope: Scope
}

export const PAUSE_POINTS = [
  'beforeControllerRead',
  'afterControllerRead',
  'beforeControllerWrite',
  'afterControllerWrite',
] as const
export type PausePoint = (typeof PAUSE_POINTS)[number]

/** An object (`kind/namespace/name`, the kind in small letters, `*` for any run of characters), or everything. */
export type Scope = 'all' | ResourceKey

export interface ResourceKey {
  readonly text: string
  readonly kind: string
  readonly namespace: string
  readonly name: string
}

export const OBSERVATION_POINTS = [
  'beforeAPIServerRecv',
  'afterAPIServerRecv',
  'beforeControllerRecv',
  'afterControllerRecv',
  'beforeControllerWrite',
  'afterControllerWrite',
] as const
export type ObservationPoint = (typeof OBSERVATION_POINTS)[number]

/** What a trigger waits for; all but the timeout the `occurrence`-th time since the trigger is waited for. */
export type Trigger =
  | { readonly type: 'timeout' }
  | (ObjectTrigger & { readonly type: 'create' | 'delete' })
  | (ObjectTrigger & { readonly type: 'update'; readonly before?: StateDiff; readonly after?: StateDiff })
  /** Any of the fields has another value than this. */
  | (ObjectTrigger & { readonly type: 'any-field'; readonly fields: StateDiff })

interface ObjectTrigger {
  readonly key: ResourceKey
  readonly occurrence: number
  readonly when: ObservationPoint
}

export type StateDiff = Readonly<Record<string, unknown>>

export function parseResourceKey(text: string): ResourceKey | undefined {
  const [kind, ...rest] = text.split('/')
  if (kind === undefined || kind === '' || rest.length === 0 || rest.length > 2) return undefined
  const name = rest.at(-1) as string
  return name === ''
    ? undefined
    : { text, kind: kind.toLowerCase(), namespace: rest.length === 2 ? (rest[0] as string) : '', name }
}

/** Whether a key names this object. */
export function isOf(key: ResourceKey, kind: string, namespace: string, name: string): boolean {
  if (key.kind !== kind.toLowerCase()) return false
  if (key.namespace !== '' && namespace !== '' && key.namespace !== namespace) return false
  if (!key.name.includes('*')) return key.name === name
  const parts = key.name.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`).test(name)
}
