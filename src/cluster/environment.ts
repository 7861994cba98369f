/**
 * Environment events as users declare them: what happens to a cluster without a controller, a user's script or a
 * fault (a pod fails, a node is lost, a metric moves, somebody else edits a spec). A correct controller must react to
 * them. They happen only under `--environment`, at any moment, and no run is obliged to have them.
 * `environment-events.ts` lists those of a state and commits them.
 */
import type { KubernetesObject } from '#api/object.ts'
import type { ClusterReader, UserAction } from './scenario.ts'

/** What an event does, in the verbs of user actions (`apply`, `create`, `patch`, `scale`, `remove`); `at` and `wait` mean nothing here. */
export type EnvironmentChange = UserAction

/** The cluster as events are asked about it. */
export interface EnvironmentCluster extends ClusterReader {
  /** How often an event has happened on the way here, by its name as paths show it: `pod fails: Pod default/web-0`. */
  happened(name: string): number
  /** The user's script has come to its end: nothing is taken from it any more. */
  readonly scriptIsOver: boolean
}

/** Something that may happen. All functions must be pure: they are asked in every state. */
export interface EnvironmentEvent {
  readonly name: string
  /** What it may happen to: each object, or name, is a choice of its own. Default: it happens to the cluster as a whole. */
  readonly each?: (cluster: EnvironmentCluster) => readonly (KubernetesObject | string)[]
  /** Whether it can happen now. Default: always. */
  // biome-ignore lint/suspicious/noExplicitAny: an object of the user's kind, or a name
  readonly when?: (cluster: EnvironmentCluster, item: any) => boolean
  /**
   * What it changes, in one step; undefined: it cannot happen now. Nor can it where nothing would change: where a
   * patched object is absent or being deleted, a created one there already.
   */
  readonly act: (
    cluster: EnvironmentCluster,
    // biome-ignore lint/suspicious/noExplicitAny: an object of the user's kind, or a name
    item: any,
  ) => EnvironmentChange | readonly EnvironmentChange[] | undefined
  /** What the API server refuses cannot happen. Default false: a refusal is a mistake of the scenario. */
  readonly mayBeRefused?: boolean
}

const FIELDS: readonly string[] = ['name', 'each', 'when', 'act', 'mayBeRefused']

/** What is wrong with an event's declaration; undefined: nothing. */
export function complaintAboutEvent(event: unknown): string | undefined {
  if (typeof event !== 'object' || event === null)
    return 'is not an event. Write { name, act: (cluster) => patch({ kind, name }, { … }) }'
  const { name, act, each, when } = event as Readonly<Record<string, unknown>>
  if (typeof name !== 'string' || name === '')
    return 'has no name. Paths and histories call events by name: write name: …'
  if (typeof act !== 'function') return 'has no function act. Write act: (cluster) => patch({ kind, name }, { … })'
  for (const [field, given] of Object.entries({ each, when }))
    if (given !== undefined && typeof given !== 'function') return `has a ${field} that is no function of the cluster`
  const unknown = Object.keys(event).find((field) => !FIELDS.includes(field))
  return unknown === undefined
    ? undefined
    : `has a field ${unknown}, which has no effect. Fields are ${FIELDS.join(', ')}`
}
