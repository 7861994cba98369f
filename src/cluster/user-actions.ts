/**
 * The user's script: whether its next action is enabled in a state, and what it commits. Each action is at most two
 * writes (apply creates or changes), prepared once.
 */
import type { Json, KubernetesObject, TypeReference } from '#api/object.ts'
import type { WriteCall } from '#controller/host.ts'
import { operationOf } from './operation.ts'
import type { Run } from './run.ts'
import type { UserAction } from './scenario.ts'
import { ScenarioError } from './scenario-error.ts'
import { type Cluster, kindOf, SCRIPT, type Slot, slotOf } from './tables.ts'
import type { WriteOperation } from './trie.ts'
import { versionOf } from './versions.ts'
import { ensureCapacity, type World } from './world.ts'
import { commitWrite } from './write.ts'

export interface PreparedAction {
  readonly action: UserAction
  readonly index: number
  readonly slot: Slot
  /** When the object is absent. */
  readonly whenAbsent: WriteOperation | undefined
  readonly whenPresent: WriteOperation | undefined
  /** `apply Foo default/a`. */
  readonly title: string
}

/** Checks the script and prepares its writes. Manifests are objects by now. */
export function prepareActions(cluster: Cluster): readonly PreparedAction[] {
  const applied = new Map<Slot, KubernetesObject>()
  return (cluster.scenario.actions ?? []).map((action, index) =>
    prepare(cluster, action, { index, where: `actions[${index}] (${action?.type})`, applied }),
  )
}

/** Prepares a change that is no part of the script. */
export function prepareChange(cluster: Cluster, where: string, change: UserAction): PreparedAction {
  if (typeof change !== 'object' || change === null || !VERBS.includes(change.type))
    throw new ScenarioError(
      `${where}: act returned something else than apply, create, patch, scale or remove (or an array of them).`,
    )
  return prepare(cluster, change, { index: -1, where: `${where}: ${change.type}`, applied: new Map() })
}

const VERBS: readonly string[] = ['apply', 'create', 'patch', 'scale', 'remove']

function prepare(
  cluster: Cluster,
  action: UserAction,
  {
    index,
    where,
    applied,
  }: { readonly index: number; readonly where: string; readonly applied: Map<Slot, KubernetesObject> },
): PreparedAction {
  if (typeof action !== 'object' || action === null || !VERBS.includes(action.type))
    throw new ScenarioError(
      `${where}: a user's actions are ${VERBS.join(', ')}, as the functions of these names make them.`,
    )
  if (action.type === 'apply' || action.type === 'create') {
    const object = action.manifest as KubernetesObject
    const { slot, type, namespace, name } = locate(cluster, where, object, object.metadata)
    const title = `${action.type} ${titleOf(type, namespace, name)}`
    const whenAbsent = write(cluster, { op: 'create', type, namespace, name, body: object as unknown as Json })
    const before = applied.get(slot)
    if (action.type === 'create') {
      // Only apply writes down what it applied.
      applied.delete(slot)
      return { action, index, slot, whenAbsent, whenPresent: undefined, title }
    }
    applied.set(slot, object)
    const body = mergePatchTo(before, object)
    const whenPresent = write(cluster, { op: 'patch', patchType: 'merge', type, namespace, name, body })
    return { action, index, slot, whenAbsent, whenPresent, title }
  }
  const { slot, type, namespace, name } = locate(cluster, where, action.target, action.target)
  const title = `${action.type} ${titleOf(type, namespace, name)}`
  switch (action.type) {
    case 'remove': {
      applied.delete(slot)
      const { propagationPolicy, gracePeriodSeconds } = action
      const given = {
        ...(propagationPolicy === undefined ? {} : { propagationPolicy }),
        ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
      }
      const options = Object.keys(given).length === 0 ? {} : { options: given }
      return {
        action,
        index,
        slot,
        whenAbsent: undefined,
        whenPresent: write(cluster, { op: 'delete', type, namespace, name, ...options }),
        title,
      }
    }
    case 'patch': {
      const subresource = action.subresource === undefined ? {} : { subresource: action.subresource }
      const body = action.patch as Json
      return {
        action,
        index,
        slot,
        whenAbsent: undefined,
        whenPresent: write(cluster, { op: 'patch', patchType: 'merge', type, namespace, name, body, ...subresource }),
        title,
      }
    }
    case 'scale': {
      const body = { spec: { replicas: action.replicas } }
      const subresource = slot.kind.resource.scale === undefined ? {} : { subresource: 'scale' }
      return {
        action,
        index,
        slot,
        whenAbsent: undefined,
        whenPresent: write(cluster, { op: 'patch', patchType: 'merge', type, namespace, name, body, ...subresource }),
        title: `${title} to ${action.replicas}`,
      }
    }
  }
}

function titleOf(type: TypeReference, namespace: string, name: string): string {
  return `${type.kind} ${namespace === '' ? name : `${namespace}/${name}`}`
}

interface Located {
  readonly slot: Slot
  readonly type: TypeReference
  readonly namespace: string
  readonly name: string
}

function locate(
  cluster: Cluster,
  where: string,
  type: TypeReference,
  key: { readonly namespace?: string; readonly name?: string },
): Located {
  const apiVersion = type.apiVersion === '' ? onlyApiVersion(cluster, where, type.kind) : type.apiVersion
  const kind = kindOf(cluster, apiVersion, type.kind)
  if (kind === undefined) {
    throw new ScenarioError(
      `${where}: nobody serves kind ${type.kind} of ${apiVersion}. Add its CRD to crds, or { apiVersion, kind } to kinds.`,
    )
  }
  if (key.name === undefined || key.name === '')
    throw new ScenarioError(`${where}: the ${type.kind} has no name. Give it metadata.name.`)
  const namespace = kind.resource.namespaced ? (key.namespace ?? 'default') : ''
  return {
    slot: slotOf(cluster, kind, namespace, key.name),
    type: { apiVersion, kind: type.kind },
    namespace,
    name: key.name,
  }
}

function onlyApiVersion(cluster: Cluster, where: string, kind: string): string {
  const found = cluster.resources.all.filter((resource) => resource.kind === kind)
  const custom = found.filter((resource) => resource.custom)
  const chosen = (custom.length > 0 ? custom : found)[0]
  if (chosen === undefined)
    throw new ScenarioError(`${where}: no kind ${kind}. Add its CRD to crds, or give apiVersion.`)
  return chosen.group === '' ? chosen.version : `${chosen.group}/${chosen.version}`
}

function write(cluster: Cluster, call: Omit<WriteCall, 'namespace'> & { readonly namespace: string }): WriteOperation {
  const { namespace, ...rest } = call
  const complete: WriteCall = namespace === '' ? rest : { ...rest, namespace }
  return operationOf(cluster, cluster.operations, complete, [], 0) as WriteOperation
}

/** kubectl apply: what the manifest says, and null for what the manifest applied before said and this one does not. */
function mergePatchTo(before: KubernetesObject | undefined, object: KubernetesObject): Json {
  const { status: _, ...wanted } = object as unknown as Record<string, Json>
  return mergeWithRemovals((before ?? {}) as unknown as Record<string, Json>, wanted) as Json
}

function mergeWithRemovals(before: Record<string, Json>, after: Record<string, Json>): Record<string, Json> {
  const patch: Record<string, Json> = { ...after }
  for (const key of Object.keys(before)) {
    const old = before[key]
    const wanted = after[key]
    if (wanted === undefined) {
      if (key !== 'status') patch[key] = null
    } else if (isRecord(old) && isRecord(wanted)) patch[key] = mergeWithRemovals(old, wanted)
  }
  return patch
}

function isRecord(value: Json | undefined): value is Record<string, Json> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The next action of the script in the state being expanded; undefined when the script is over. */
export function nextAction(world: World): PreparedAction | undefined {
  return world.cluster.actions[world.state[SCRIPT] as number]
}

/** Whether the action can be taken, `at: 'rest'` apart: see the rules of `semantics.md`, User actions. */
export function isEnabled(world: World, prepared: PreparedAction): boolean {
  const version = world.state[prepared.slot.part] as number
  const terminating =
    version !== 0 && versionOf(world.cluster.versions, version).body.metadata.deletionTimestamp !== undefined
  switch (prepared.action.type) {
    case 'create':
      return version === 0
    case 'apply':
      return !terminating
    case 'remove':
      return !terminating || !waits(world, prepared.slot)
    case 'patch':
    case 'scale':
      return version !== 0 && (!terminating || !waits(world, prepared.slot))
  }
}

/** Whether a change that is no part of the script can be made in `state`: it waits for nothing. */
export function isPossible(world: World, state: Int32Array, { action, slot }: PreparedAction): boolean {
  const version = state[slot.part] as number
  if (version === 0) return action.type === 'apply' || action.type === 'create'
  return (
    action.type !== 'create' && versionOf(world.cluster.versions, version).body.metadata.deletionTimestamp === undefined
  )
}

/** Whether the user has removed what is in the slot, and waits until it is gone. An earlier wait is over by then. */
function waits(world: World, slot: Slot): boolean {
  const { actions } = world.cluster
  for (let i = (world.state[SCRIPT] as number) - 1; i >= 0; i--) {
    const before = actions[i] as PreparedAction
    if (before.slot === slot && before.action.type === 'remove') return before.action.wait !== false
  }
  return false
}

/** What holds a script that goes no further in a quiet state; undefined when it is done, waits included. */
export function stuckAction(world: World): { readonly prepared: PreparedAction; readonly why: string } | undefined {
  const next = nextAction(world)
  if (next !== undefined && !isEnabled(world, next)) return { prepared: next, why: whyStuck(world, next) }
  const done = world.cluster.actions.slice(0, world.state[SCRIPT] as number)
  for (const prepared of done) {
    const { action, slot } = prepared
    if (action.type !== 'remove' || !waits(world, slot)) continue
    const version = world.state[slot.part] as number
    if (version === 0 || versionOf(world.cluster.versions, version).body.metadata.deletionTimestamp === undefined)
      continue
    return { prepared, why: whyStuck(world, prepared) }
  }
  return undefined
}

function whyStuck(world: World, prepared: PreparedAction): string {
  const version = world.state[prepared.slot.part] as number
  const name = titleOf(
    prepared.slot.kind.resource as unknown as TypeReference,
    prepared.slot.namespace,
    prepared.slot.name,
  )
  if (version === 0) return `${name} does not exist`
  const { metadata } = versionOf(world.cluster.versions, version).body
  if (metadata.deletionTimestamp === undefined) return `${name} exists`
  const finalizers = metadata.finalizers ?? []
  return finalizers.length > 0
    ? `${name} is being deleted and nobody takes away its finalizer${finalizers.length > 1 ? 's' : ''} ${finalizers.join(', ')}`
    : `${name} is being deleted and nobody completes it`
}

/** Walks the action's write into `run`; `world.truth` is the state with it. */
export function walkUserAction(world: World, run: Run, prepared: PreparedAction): void {
  const present = world.state[prepared.slot.part] !== 0
  const operation = present ? prepared.whenPresent : prepared.whenAbsent
  run.stoppedAt = 'leaf'
  run.leaf = undefined
  if (operation === undefined) return
  const effect = commitWrite(world, operation, [], run.changes)
  ensureCapacity(world)
  if (effect.status === undefined) return
  const status = effect.status as { readonly message?: string }
  throw new ScenarioError(
    `actions[${prepared.index}] (${prepared.title}): the API server refuses it: ${status.message ?? JSON.stringify(effect.status)}. Correct the manifest or the order of actions.`,
  )
}
