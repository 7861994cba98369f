/**
 * Turns a path of the search into the record that people and files get: each action taken again in the world, with
 * its answers kept. Every reconcile on the way is executed once more and compared, as an audit.
 */
import type { BudgetVector } from '#checker/budget.ts'
import type { Cause, FaultRecord, PathRecord, PathStep, ReadRecord, WriteRecord } from '#trace/path.ts'
import { type Action, actionName } from './action.ts'
import { type Awaiting, finish } from './awaiting.ts'
import type { ClusterModel } from './cluster-model.ts'
import { viewVersion } from './evaluate.ts'
import { execute } from './execute.ts'
import { valueOf } from './interner.ts'
import { enabling, taking } from './level.ts'
import type { Run, RunCall } from './run.ts'
import { type Cluster, FIRST_REVISION, HOLDERS, REVISION, type RequestEntry, type Slot } from './tables.ts'
import type { GetOperation, ListOperation, WriteOperation } from './trie.ts'
import { nextAction } from './user-actions.ts'
import { versionOf } from './versions.ts'
import { beginRun, walk } from './walk.ts'
import { withRevision } from './with-revision.ts'
import { type EnqueueCause, loadState, type World } from './world.ts'

/** Chooses the action to take in the state just enabled: its index, or undefined to end the path here. */
export type Choose = (
  step: number,
  model: ClusterModel,
) => Awaiting<number | undefined> | Promise<number | undefined> | number | undefined

export interface DescribedPath {
  readonly record: PathRecord
  /** Where the path ends, encoded. */
  readonly state: Int32Array
  readonly budget: BudgetVector
}

/** Where paths begin: the initial state, and why what is pending there is. */
export interface PathStart {
  readonly state: Int32Array
  readonly causes: ReadonlyMap<RequestEntry, readonly Cause[]>
}

export async function pathStart(model: ClusterModel): Promise<PathStart> {
  const { world } = model
  const causes = new Map<RequestEntry, Cause[]>()
  world.onEnqueue = (request, cause) => addCause(causes, request, causeOf(world.cluster, cause, new Map(), -1))
  try {
    const state: Int32Array = await model.initial()
    // What a settled start did is over: only what is pending now has a cause.
    for (const request of [...causes.keys()]) if (!state[request.pendingPart]) causes.delete(request)
    return { state, causes }
  } finally {
    world.onEnqueue = undefined
  }
}

/** Follows `choose` from the initial state. */
export async function describePath(
  model: ClusterModel,
  budget: BudgetVector,
  choose: Choose,
  options: { readonly audit: boolean },
): Promise<DescribedPath> {
  return finish(followPath(model, budget, choose, { ...options, start: await pathStart(model) }))
}

/** Follows `choose` from a start that is known. Nothing is awaited where the code's answers are known, but for audits. */
export function* followPath(
  model: ClusterModel,
  budget: BudgetVector,
  choose: Choose,
  options: { readonly audit: boolean; readonly start: PathStart },
): Awaiting<DescribedPath> {
  const { world } = model
  const { cluster } = world
  const causes = new Map([...options.start.causes].map(([request, known]) => [request, [...known]]))
  const stepOfRevision = new Map<number, number>()
  const enqueued: string[] = []
  let current = -1
  const tell: World['onEnqueue'] = (request, cause) => {
    enqueued.push(request.label)
    addCause(causes, request, causeOf(cluster, cause, stepOfRevision, current))
  }
  const steps: PathStep[] = []
  const actions: string[] = []
  let remaining = budget
  let { state } = options.start
  try {
    for (let index = 0; ; index++) {
      yield* enabling(model, state, state.length, remaining)
      const chosen = yield* awaited(choose(index, model))
      if (chosen === undefined) break
      const action = { ...(model.enabled.actions[chosen] as Action) }
      const details = yield* detailsOf(model, action, state, options.audit)
      const taken = action.request === undefined ? [] : (causes.get(action.request) ?? [])
      if (action.request !== undefined && action.type !== 'write') causes.delete(action.request)
      if (action.type === 'restart' || action.crashAfter >= 0) forgetProcess(causes, action)
      current = index
      yield* enabling(model, state, state.length, remaining)
      const before = state
      // Once in silence, until no code is missing: what repetitions enqueue, and what others do whom choose tried, is not told.
      yield* taking(model, state, remaining, chosen)
      yield* enabling(model, state, state.length, remaining)
      enqueued.length = 0
      world.onEnqueue = tell
      state = yield* taking(model, state, remaining, chosen)
      world.onEnqueue = undefined
      for (let revision = (before[REVISION] ?? 0) + 1; revision <= (state[REVISION] ?? 0); revision++)
        stepOfRevision.set(revision, index)
      remaining = (remaining - action.cost) | 0
      actions.push(actionName(action, (kind) => cluster.kinds[kind]?.resource.kind ?? ''))
      steps.push({ ...stepOf(cluster, action, index), ...details, causes: taken, enqueued: [...new Set(enqueued)] })
    }
  } finally {
    world.onEnqueue = undefined
  }
  return { record: { actions, steps }, state, budget: remaining }
}

function* awaited<T>(value: Awaiting<T> | Promise<T> | T): Awaiting<T> {
  if (value instanceof Promise) {
    let result: T | undefined
    yield value.then((resolved) => (result = resolved))
    return result as T
  }
  return isAwaiting(value) ? yield* value : value
}

function isAwaiting<T>(value: Awaiting<T> | T): value is Awaiting<T> {
  return typeof value === 'object' && value !== null && 'next' in value
}

function addCause(causes: Map<RequestEntry, Cause[]>, request: RequestEntry, cause: Cause): void {
  const list = causes.get(request) ?? []
  if (!list.some((known) => JSON.stringify(known) === JSON.stringify(cause))) list.push(cause)
  causes.set(request, list)
}

function forgetProcess(causes: Map<RequestEntry, Cause[]>, action: Action): void {
  const process = action.process ?? action.request?.controller.process
  for (const request of [...causes.keys()]) if (request.controller.process === process) causes.delete(request)
}

function causeOf(
  cluster: Cluster,
  cause: EnqueueCause,
  stepOfRevision: ReadonlyMap<number, number>,
  current: number,
): Cause {
  switch (cause.type) {
    case 'start':
      return { type: 'start', object: nameOf(cause.slot), step: current }
    case 'event': {
      const event = cause.before === 0 ? 'ADDED' : cause.after === 0 ? 'DELETED' : 'MODIFIED'
      return {
        type: 'event',
        object: nameOf(cause.slot),
        event,
        step: stepOfRevision.get(cause.afterRevision) ?? current,
      }
    }
    default:
      return { type: cause.type, step: current }
  }
}

/** `Kind namespace/name`. */
export function nameOf(slot: Slot): string {
  return `${slot.kind.resource.kind} ${slot.namespace === '' ? '' : `${slot.namespace}/`}${slot.name}`
}

type Details = Pick<PathStep, 'reads' | 'writes' | 'result'>

/** Walks the action's reconcile again with its answers kept. */
function* detailsOf(model: ClusterModel, action: Action, state: Int32Array, audit: boolean): Awaiting<Details> {
  const { run } = action
  const { world } = model
  if (action.type === 'user' && run !== undefined) return { reads: [], writes: userWrites(world.cluster, run, model) }
  if (run === undefined || action.request === undefined) return { reads: [], writes: [] }
  loadState(world, state, state.length)
  const place = run.inFlight === undefined ? undefined : { inFlight: run.inFlight, offset: run.offset }
  if (audit) yield execute(world, action.request, place)
  loadState(world, state, state.length)
  beginRun(world, run, action.request, place)
  walk(world, run, true)
  const count = action.crashAfter >= 0 ? action.crashAfter : run.changes.length
  const reads: ReadRecord[] = []
  const writes: WriteRecord[] = []
  for (const call of run.calls) {
    const { operation } = call
    if (operation.op === 'get' || operation.op === 'list') {
      if (action.crashAfter < 0 || call.from < count) reads.push(readRecord(model, action.request, operation, call))
    } else if (operation.op === 'write' && (action.crashAfter < 0 || call.from < count)) {
      writes.push(writeRecord(world.cluster, run, operation, call))
    }
  }
  const result = resultOf(action, run)
  return { reads, writes, ...(result === undefined ? {} : { result }) }
}

function resultOf(action: Action, run: Run): PathStep['result'] {
  if (action.crashAfter >= 0) return { type: 'crashed' }
  const { leaf } = run
  if (run.stoppedAt !== 'leaf' || leaf === undefined) return undefined
  if (leaf.type === 'error') return { type: 'error', message: leaf.message }
  if (leaf.requeueAfterMs >= 0) return { type: 'requeueAfter', afterMs: leaf.requeueAfterMs }
  return { type: leaf.requeue ? 'requeue' : 'done' }
}

function readRecord(
  model: ClusterModel,
  request: RequestEntry,
  operation: GetOperation | ListOperation,
  call: RunCall,
): ReadRecord {
  const { world } = model
  const { cluster } = world
  const { objects } = call.reply
  const answered = []
  for (let i = 0; i < objects.length; i += 3) {
    answered.push(held(cluster.slots[objects[i] as number] as Slot, objects[i + 2] as number))
  }
  const slots =
    operation.op === 'get'
      ? [operation.slot]
      : (operation.kind === undefined ? cluster.kinds : [operation.kind]).flatMap((kind) => kind.slots)
  const truth = slots
    .filter((slot) => operation.op === 'get' || operation.namespace === '' || slot.namespace === operation.namespace)
    .filter((slot) => {
      const version = world.state[slot.part] as number
      return version !== 0 && (operation.op === 'get' || operation.matches === undefined || operation.matches(version))
    })
    .map((slot) => held(slot, world.state[slot.part + 1] as number))
  const behind = operation.cached ? eventsBehind(model, request, slots) : 0
  const { call: asked } = operation
  const type = asked.op === 'get' || asked.op === 'list' ? asked.type : { apiVersion: '', kind: '' }
  return {
    type,
    op: operation.op,
    cached: operation.cached,
    target: targetOf(operation),
    answered,
    behind,
    ...(behind > 0 ? { truth } : {}),
  }
}

function held(slot: Slot, revision: number): { readonly name: string; readonly resourceVersion: string } {
  return {
    name: slot.namespace === '' ? slot.name : `${slot.namespace}/${slot.name}`,
    resourceVersion: String(FIRST_REVISION + revision),
  }
}

function targetOf(operation: GetOperation | ListOperation): string {
  if (operation.op === 'get')
    return operation.slot.namespace === '' ? operation.slot.name : `${operation.slot.namespace}/${operation.slot.name}`
  const { call } = operation
  const selectors =
    call.op === 'list'
      ? [call.labelSelector, call.fieldSelector].filter((selector) => selector !== undefined && selector !== '')
      : []
  return [operation.namespace, ...selectors].filter((part) => part !== '').join(' ')
}

/** How many undelivered events of these objects the view of the request's process is behind. */
function eventsBehind(model: ClusterModel, request: RequestEntry, slots: readonly Slot[]): number {
  const { world } = model
  if (world.state[HOLDERS] === 0) return 0
  const { process } = request.controller
  const ids = new Set(slots.map((slot) => slot.id))
  let behind = 0
  for (const part of process.episodeParts.values()) {
    const id = world.state[part] as number
    if (id !== 0) behind += valueOf(world.cluster.episodes, id).filter((event) => ids.has(event.slot)).length
  }
  if (behind > 0) return behind
  return slots.filter(
    (slot) => viewVersion(world, process, slot).revision !== world.state[slot.part + 1] && world.state[slot.part] !== 0,
  ).length
}

function writeRecord(cluster: Cluster, run: Run, operation: WriteOperation, call: RunCall): WriteRecord {
  const op = operation.call.op
  const change = run.changes[call.from]
  const committed = call.to > call.from && change !== undefined
  const slot = change?.slot !== undefined && committed ? change.slot : operation.slot
  const object = slot === undefined ? `${operation.kind.resource.kind} ${operation.call.namespace ?? ''}` : nameOf(slot)
  const subresource = operation.call.subresource === undefined ? {} : { subresource: operation.call.subresource }
  if (call.reply.form === 'status') {
    return {
      op,
      object,
      ...subresource,
      outcome: 'failed',
      status: call.reply.value as NonNullable<WriteRecord['status']>,
    }
  }
  if (!committed) return { op, object, ...subresource, outcome: 'unchanged' }
  // A delete may commit two changes of its object: marked, then removed.
  const last = run.changes[call.to - 1] ?? change
  const whole =
    last.slot === change.slot ? { ...last, before: change.before, beforeRevision: change.beforeRevision } : change
  return { op, object, ...subresource, outcome: 'committed', ...beforeAndAfter(cluster, whole) }
}

function beforeAndAfter(cluster: Cluster, change: Run['changes'][number]): Pick<WriteRecord, 'before' | 'after'> {
  const before =
    change.before === 0
      ? undefined
      : withRevision(versionOf(cluster.versions, change.before).body, change.beforeRevision)
  const after =
    change.after === 0 ? undefined : withRevision(versionOf(cluster.versions, change.after).body, change.afterRevision)
  return { ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) }
}

function userWrites(cluster: Cluster, run: Run, model: ClusterModel): readonly WriteRecord[] {
  const prepared = nextAction(model.world)
  if (prepared === undefined) return []
  const change = run.changes[0]
  const op = prepared.action.type === 'remove' ? 'delete' : change?.before === 0 ? 'create' : 'patch'
  if (change === undefined) return [{ op, object: nameOf(prepared.slot), outcome: 'unchanged' }]
  return [{ op, object: nameOf(prepared.slot), outcome: 'committed', ...beforeAndAfter(cluster, change) }]
}

const STEP_TYPES = {
  run: 'reconcile',
  begin: 'begin',
  write: 'write',
  user: 'user',
  timer: 'timer',
  'catch-up': 'catch-up',
  restart: 'restart',
} as const

function stepOf(
  cluster: Cluster,
  action: Action,
  index: number,
): Omit<PathStep, 'reads' | 'writes' | 'causes' | 'enqueued'> {
  const { request } = action
  const process = action.process ?? request?.controller.process
  return {
    index,
    type: STEP_TYPES[action.type],
    title: titleOf(cluster, action),
    ...(process === undefined ? {} : { process: process.name }),
    ...(request === undefined
      ? {}
      : {
          controller: request.controller.definition.name,
          request: { ...(request.namespace === '' ? {} : { namespace: request.namespace }), name: request.name },
        }),
    faults: faultsOf(cluster, action),
  }
}

function titleOf(cluster: Cluster, action: Action): string {
  const label =
    action.request === undefined ? '' : action.request.label.slice(action.request.controller.definition.name.length + 1)
  const controller = action.request?.controller.definition.name ?? ''
  switch (action.type) {
    case 'run':
      return `${controller} reconciles ${label}`
    case 'begin':
      return `${controller} begins to reconcile ${label}`
    case 'write':
      return `${controller} goes on with ${label}`
    case 'user': {
      const change = action.run?.changes[0]
      return change === undefined
        ? 'the user acts, and nothing changes'
        : `the user ${change.before === 0 ? 'creates' : change.after === 0 ? 'deletes' : 'changes'} ${nameOf(change.slot)}`
    }
    case 'timer':
      return `time passes: ${controller} is due to reconcile ${label}`
    case 'catch-up':
      return `process ${action.process?.name} receives its oldest late ${cluster.kinds[action.kind]?.resource.kind} event`
    case 'restart':
      return `process ${action.process?.name} crashes and starts anew`
  }
}

function faultsOf(cluster: Cluster, action: Action): readonly FaultRecord[] {
  const faults: FaultRecord[] = []
  if (action.type === 'restart')
    faults.push({ fault: 'crash', description: `process "${action.process?.name}" crashes between reconciles` })
  if (action.crashAfter >= 0) {
    faults.push({
      fault: 'crash',
      description: `process "${action.request?.controller.process.name}" crashes right after write ${(action.run?.commitEnds.indexOf(action.crashAfter) ?? 0) + 1} of this reconcile`,
    })
  }
  for (const lag of action.lags) {
    const change = action.run?.changes[lag.from]
    const from = change === undefined ? '' : `, from the change of ${nameOf(change.slot)} on`
    faults.push({
      fault: 'stale',
      description: `process "${lag.process.name}" stops receiving ${cluster.kinds[lag.kind]?.resource.kind} events${from}`,
    })
  }
  return faults
}
