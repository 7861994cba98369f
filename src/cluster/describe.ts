/**
 * Turns a path of the search into the record that people and files get: each action taken again in the world, with
 * its answers kept. Every reconcile on the way is executed once more and compared, as an audit.
 */
import type { BudgetVector } from '#checker/budget.ts'
import type { Cause, PathRecord, PathStep, ReadRecord, WriteRecord } from '#trace/path.ts'
import { type Action, actionName } from './action.ts'
import { type Awaiting, finish } from './awaiting.ts'
import type { ClusterModel } from './cluster-model.ts'
import { faultsOf, titleOf } from './describe-action.ts'
import {
  callRecord,
  environmentWrites,
  nameOf,
  queryRecord,
  readRecord,
  userWrites,
  writeRecord,
} from './describe-calls.ts'
import { execute } from './execute.ts'
import { enabling, taking } from './level.ts'
import type { Run } from './run.ts'
import { type Cluster, REVISION, type RequestEntry } from './tables.ts'
import { beginRun, placeOf, walk } from './walk.ts'
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

/** Sees more of each step than its record has. */
export interface PathObserver {
  /** The run of a step that is about to be taken, with its calls and their answers. */
  readonly calls: (action: Action, run: Run) => void
  readonly delivered: NonNullable<World['onDeliver']>
  readonly step: (step: PathStep, action: Action) => void
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
  options: { readonly audit: boolean; readonly start: PathStart; readonly observer?: PathObserver },
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
      const details = yield* detailsOf(model, action, state, options)
      const taken = action.request === undefined || action.run?.retired ? [] : causesOf(causes, action.request)
      if (action.request !== undefined && action.type !== 'write') takeCauses(causes, action.request)
      if (action.type === 'restart' || action.type === 'handover' || action.crashAfter >= 0)
        forgetProcess(causes, action)
      current = index
      yield* enabling(model, state, state.length, remaining)
      const before = state
      // Once in silence, until no code is missing: what repetitions enqueue, and what others do whom choose tried, is not told.
      yield* taking(model, state, remaining, chosen)
      yield* enabling(model, state, state.length, remaining)
      enqueued.length = 0
      world.onEnqueue = tell
      world.onDeliver = options.observer?.delivered
      state = yield* taking(model, state, remaining, chosen)
      world.onEnqueue = undefined
      world.onDeliver = undefined
      for (let revision = (before[REVISION] ?? 0) + 1; revision <= (state[REVISION] ?? 0); revision++)
        stepOfRevision.set(revision, index)
      remaining = (remaining - action.cost) | 0
      actions.push(actionName(action, (kind) => cluster.kinds[kind]?.resource.kind ?? ''))
      const step = { ...stepOf(cluster, action, index), ...details, causes: taken, enqueued: [...new Set(enqueued)] }
      steps.push(step)
      options.observer?.step(step, action)
    }
  } finally {
    world.onEnqueue = undefined
    world.onDeliver = undefined
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

/** Why a request is in the queue: all its causes, or, where events are handled, that of the oldest. */
function causesOf(causes: ReadonlyMap<RequestEntry, readonly Cause[]>, request: RequestEntry): readonly Cause[] {
  const all = causes.get(request) ?? []
  return request.handles === undefined ? all : all.slice(0, 1)
}

function takeCauses(causes: Map<RequestEntry, Cause[]>, request: RequestEntry): void {
  const left = request.handles === undefined ? [] : (causes.get(request) ?? []).slice(1)
  if (left.length === 0) causes.delete(request)
  else causes.set(request, left)
}

function forgetProcess(causes: Map<RequestEntry, Cause[]>, action: Action): void {
  const process = action.process ?? action.request?.controller.process
  for (const request of [...causes.keys()]) if (request.controller.process === process) causes.delete(request)
}

function causeOf(
  _cluster: Cluster,
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

type Details = Pick<PathStep, 'reads' | 'writes' | 'result' | 'log'>

/** Walks the action's reconcile again with its answers kept. */
function* detailsOf(
  model: ClusterModel,
  action: Action,
  state: Int32Array,
  { audit, observer }: { readonly audit: boolean; readonly observer?: PathObserver },
): Awaiting<Details> {
  const { run } = action
  const { world } = model
  if (action.type === 'user' && run !== undefined) return { reads: [], writes: userWrites(world.cluster, run, model) }
  if (action.type === 'environment' && run !== undefined)
    return { reads: [], writes: environmentWrites(world.cluster, run) }
  if (run === undefined || action.request === undefined) return { reads: [], writes: [] }
  loadState(world, state, state.length)
  const place = placeOf(run)
  let log = ''
  // Of the run that did what is known: one that failed before it is forgotten.
  if (audit) yield execute(world, action.request, place, (text) => (log = text))
  loadState(world, state, state.length)
  beginRun(world, run, action.request, place)
  walk(world, run, true)
  observer?.calls(action, run)
  const count = action.crashAfter >= 0 ? action.crashAfter : run.changes.length
  const reads: ReadRecord[] = []
  const writes: WriteRecord[] = []
  for (const call of run.calls) {
    const { operation } = call
    if (operation.op === 'get' || operation.op === 'list') {
      if (action.crashAfter < 0 || call.from < count) reads.push(readRecord(model, action.request, operation, call))
    } else if (operation.op === 'external') {
      if (!operation.mutates) reads.push(queryRecord(world.cluster, operation, call))
      else if (action.crashAfter < 0 || call.from < count) writes.push(callRecord(world.cluster, run, operation, call))
    } else if (operation.op === 'write' && (action.crashAfter < 0 || call.from < count)) {
      writes.push(writeRecord(world.cluster, run, operation, call))
    }
  }
  const result = resultOf(action, run)
  const ended = result !== undefined && result.type !== 'crashed'
  return { reads, writes, ...(result && { result }), ...(ended && log !== '' && { log }) }
}

function resultOf(action: Action, run: Run): PathStep['result'] {
  if (action.crashAfter >= 0) return { type: 'crashed' }
  const { leaf } = run
  if (run.stoppedAt !== 'leaf' || leaf === undefined) return undefined
  if (leaf.type === 'error') return { type: 'error', message: leaf.message }
  if (leaf.requeueAfterMs >= 0) return { type: 'requeueAfter', afterMs: leaf.requeueAfterMs }
  return { type: leaf.requeue ? 'requeue' : 'done' }
}

const STEP_TYPES = {
  run: 'reconcile',
  begin: 'begin',
  write: 'write',
  user: 'user',
  environment: 'environment',
  timer: 'timer',
  'catch-up': 'catch-up',
  'list-again': 'catch-up',
  restart: 'restart',
  handover: 'handover',
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
