/**
 * The environment events that can happen in the state being expanded: those that the scenario declares, for each item,
 * and the moves of its external systems. Each is one step with all its writes; it is priced with a budget of its own,
 * goes into the environment history, and is never fair.
 *
 * What is in the history names the event and its item; a generated name is written as what it looks like in the state
 * (`lookOfName`), since the same name may stand for different things in different runs: outcomes are compared only
 * between runs in which the same happened to things that looked alike.
 */
import type { Json, KubernetesObject } from '#api/object.ts'
import { clusterReader } from './cluster-reader.ts'
import {
  complaintAboutEvent,
  type EnvironmentChange,
  type EnvironmentCluster,
  type EnvironmentEvent,
} from './environment.ts'
import { historyOf } from './environment-history.ts'
import { commitExternal } from './evaluate-external.ts'
import { callEffect, type ExternalSystem, externalState, MOVES, placeOfSystem } from './external-systems.ts'
import { type Mutations, mutationEvents } from './mutations.ts'
import { lookOfName } from './outcome-form.ts'
import { refused } from './outside.ts'
import type { Run } from './run.ts'
import type { Scenario } from './scenario.ts'
import { ScenarioError } from './scenario-error.ts'
import { type Cluster, SCRIPT } from './tables.ts'
import type { CommitOperation, ExternalOperation } from './trie.ts'
import { isPossible, type PreparedAction, prepareChange } from './user-actions.ts'
import { generatedNamesIn } from './versions.ts'
import { beginRun } from './walk.ts'
import { ensureCapacity, truthOf, type World } from './world.ts'
import { commitWrite } from './write.ts'

/** An event that can happen in a state. */
export interface Occurrence {
  /** `pod fails: Pod default/web-0`, the same in every run that comes here. */
  readonly name: string
  /** What the history remembers of it. */
  readonly entry: string
}

/** Calls `take` for each event that can happen and changes something, with the run that holds its changes. */
export function eachOccurrence(
  world: World,
  nextRun: () => Run,
  take: (occurrence: Occurrence, run: Run) => void,
): void {
  const { cluster } = world
  const reader = environmentReader(world)
  for (const { event, where } of cluster.environment) {
    for (const item of itemsOf(cluster, where, event, reader)) {
      const changes = asked(cluster, where, () => changesOf(event, reader, item))
      if (changes === undefined || changes.length === 0) continue
      const run = begin(world, nextRun())
      if (commitChanges(world, run, { where, event }, changes)) take(occurrence(world, event.name, item), run)
    }
  }
  for (const system of cluster.externals.values()) eachMove(world, system, nextRun, take)
}

export interface DeclaredEvent {
  readonly event: EnvironmentEvent
  /** Its place in the scenario, for messages. */
  readonly where: string
}

/** The events that a scenario declares, checked; mutations as the events that they stand for. */
export function declaredEvents(scenario: Scenario): readonly DeclaredEvent[] {
  const names = new Set<string>()
  return (scenario.environment ?? []).flatMap((declared, index) => {
    const where = `environment[${index}]`
    const events = isMutations(declared) ? mutationEvents(scenario, declared, where) : [declared]
    for (const event of events) {
      const complaint = complaintAboutEvent(event)
      if (complaint !== undefined) throw new ScenarioError(`${where} ${complaint}.`)
      if (names.has(event.name))
        throw new ScenarioError(
          `${where}: another event is named ${event.name}. Histories tell events apart by name: rename one.`,
        )
      names.add(event.name)
    }
    return events.map((event) => ({ event, where: `${where} (${event.name})` }))
  })
}

function isMutations(declared: EnvironmentEvent | Mutations): declared is Mutations {
  return (declared as { readonly type?: unknown } | null)?.type === 'mutations'
}

function environmentReader(world: World): EnvironmentCluster {
  const { cluster } = world
  return {
    ...clusterReader(cluster, world.state),
    happened: (name) =>
      historyOf(world, world.state).filter((entry) => entry.slice(entry.indexOf(': ') + 2) === name).length,
    scriptIsOver: world.state[SCRIPT] === cluster.actions.length,
  }
}

function itemsOf(
  cluster: Cluster,
  where: string,
  event: EnvironmentEvent,
  reader: EnvironmentCluster,
): readonly (KubernetesObject | string | undefined)[] {
  const { each } = event
  if (each === undefined) return [undefined]
  const items = asked(cluster, `${where}: each`, () => each(reader))
  if (!Array.isArray(items)) throw new ScenarioError(`${where}: each returned no array of objects or names.`)
  return items
}

function changesOf(
  event: EnvironmentEvent,
  reader: EnvironmentCluster,
  item: KubernetesObject | string | undefined,
): readonly EnvironmentChange[] | undefined {
  if (event.when !== undefined && !event.when(reader, item)) return undefined
  const changes = event.act(reader, item)
  if (changes === undefined) return undefined
  return Array.isArray(changes) ? (changes as readonly EnvironmentChange[]) : [changes as EnvironmentChange]
}

/** Runs a user's function; what it throws is told with the place. */
function asked<T>(cluster: Cluster, where: string, run: () => T): T {
  try {
    return cluster.host.guard === undefined ? run() : cluster.host.guard(where, run, refused(where))
  } catch (error) {
    if (error instanceof ScenarioError) throw error
    const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
    throw new ScenarioError(
      `${where} threw ${message}. Events are asked in every state, also before objects exist and after they are gone: use when, or ?. and return undefined.`,
      { cause: error },
    )
  }
}

function begin(world: World, run: Run): Run {
  beginRun(world, run, world.cluster.userRequest, undefined)
  run.stoppedAt = 'leaf'
  run.leaf = undefined
  return run
}

/** Commits the changes into the truth; false when one of them cannot be made, or nothing comes of them. */
function commitChanges(
  world: World,
  run: Run,
  { where, event }: DeclaredEvent,
  changes: readonly EnvironmentChange[],
): boolean {
  const { cluster } = world
  for (const change of changes) {
    const prepared = prepareChange(cluster, where, change)
    ensureCapacity(world)
    if (!isPossible(world, truthOf(world), prepared)) return false
    const refusal = commitPrepared(world, run, prepared)
    if (refusal === undefined) continue
    if (event.mayBeRefused === true) return false
    throw new ScenarioError(
      `${where}: the API server refuses to ${prepared.title}: ${refusal}. Correct what act returns, say with when that it cannot happen here, or write mayBeRefused: true.`,
    )
  }
  return run.changes.length > 0
}

/** Commits one change; what the API server says when it refuses. */
function commitPrepared(world: World, run: Run, prepared: PreparedAction): string | undefined {
  const present = world.truth[prepared.slot.part] !== 0
  const operation = present ? prepared.whenPresent : prepared.whenAbsent
  if (operation === undefined) return undefined
  world.cluster.environmentWrites.add(operation)
  const effect = commitWrite(world, operation, [], run.changes)
  ensureCapacity(world)
  if (effect.status === undefined) return undefined
  const { message } = effect.status as { readonly message?: string }
  return message ?? JSON.stringify(effect.status)
}

function occurrence(world: World, name: string, item: KubernetesObject | string | undefined): Occurrence {
  if (item === undefined) return { name, entry: name }
  const what = typeof item === 'string' ? item : objectName(item)
  const { cluster } = world
  let entry = `${name}: ${what}`
  for (const generated of generatedNamesIn(cluster.versions, what)) {
    const prefix = cluster.versions.generatedNames.get(generated)?.prefix ?? ''
    entry = `${entry.replaceAll(generated, `${prefix}*`)} like ${lookOfName(cluster, world.state, generated)}`
  }
  return { name: `${name}: ${what}`, entry }
}

function objectName({ kind, metadata }: KubernetesObject): string {
  return `${kind} ${metadata.namespace === undefined ? '' : `${metadata.namespace}/`}${metadata.name}`
}

// Moves of external systems

function eachMove(
  world: World,
  system: ExternalSystem,
  nextRun: () => Run,
  take: (occurrence: Occurrence, run: Run) => void,
): void {
  const { definition, slot } = system
  for (const [name, { each }] of Object.entries(definition.moves ?? {})) {
    const where = `${placeOfSystem(system)}.${MOVES}${name}`
    const state = externalState(world.cluster, world.state[slot.part] as number)
    const items: readonly (string | undefined)[] =
      each === undefined ? [undefined] : asked(world.cluster, `${where}.each`, () => each(state))
    if (!Array.isArray(items)) throw new ScenarioError(`${where}.each returned no array of names.`)
    for (const item of items) {
      const run = begin(world, nextRun())
      if (commitMove(world, run, system, { name, item }))
        take(occurrence(world, `${definition.name}.${name}`, item), run)
    }
  }
}

function commitMove(
  world: World,
  run: Run,
  system: ExternalSystem,
  { name, item }: { readonly name: string; readonly item: string | undefined },
): boolean {
  const { slot } = system
  const before = truthOf(world)[slot.part] as number
  const args: readonly Json[] = item === undefined ? [] : [item]
  const effect = callEffect(world.cluster, system, {
    method: `${MOVES}${name}`,
    args,
    before,
    given: world.truth[system.idCounter] as number,
  })
  ensureCapacity(world)
  if (effect.after === before) return false
  const call = { op: 'external' as const, system: slot.name, method: `${MOVES}${name}`, args }
  const operation: ExternalOperation = { op: 'external', id: 0, call, kind: slot.kind, slot, system, mutates: true }
  noteMove(world.cluster.environmentWrites, operation)
  commitExternal(world, run, operation, effect)
  return true
}

function noteMove(writes: Set<CommitOperation>, operation: ExternalOperation): void {
  for (const known of writes) if (known.op === 'external' && known.slot === operation.slot) return
  writes.add(operation as CommitOperation)
}
