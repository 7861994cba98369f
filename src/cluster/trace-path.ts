/** A path as the events of a trace: every call with its request and answer, every delivery, in order. */

import type { Json } from '#api/object.ts'
import type { BudgetVector } from '#checker/budget.ts'
import type { HostReply } from '#controller/host.ts'
import type { PathStep } from '#trace/path.ts'
import type { TraceEvent } from '#trace/trace-event.ts'
import type { Action } from './action.ts'
import { finish } from './awaiting.ts'
import type { ClusterModel } from './cluster-model.ts'
import { type Choose, followPath, type PathObserver, pathStart } from './describe.ts'
import { nameOf } from './describe-calls.ts'
import { materialise } from './execute.ts'
import { valueOf } from './interner.ts'
import type { Run, RunCall } from './run.ts'
import { type Cluster, FIRST_REVISION, type RequestEntry } from './tables.ts'
import type { Operation } from './trie.ts'
import { memoryOf } from './walk.ts'
import { requestOfWrite } from './write.ts'

// biome-ignore lint/suspicious/noExplicitAny: distributes over the union
type WithoutStep<E> = E extends any ? Omit<E, 'step'> : never
type Untimed = WithoutStep<TraceEvent>

/** Follows `choose` from the initial state. The events end with `end`. */
export async function tracePath(
  model: ClusterModel,
  budget: BudgetVector,
  choose: Choose,
): Promise<{ readonly events: readonly TraceEvent[]; readonly actions: readonly string[] }> {
  const { cluster } = model.world
  const events: TraceEvent[] = []
  /** Reconciles in flight, by request. */
  const open = new Map<string, InFlightReconcile>()
  let begun = 0
  let calls: Untimed[] = []
  let memory = 0
  let deliveries: Untimed[] = []

  const observer: PathObserver = {
    calls(action, run) {
      const label = keyOf(run.request, run)
      if (action.type !== 'write')
        open.set(label, { id: `${label} #${++begun}`, process: run.request.controller.process.name, replaced: false })
      if (action.type !== 'write') memory = memoryOf(model.world, run.request)
      calls = callsOf(cluster, action, run, open.get(label)?.id ?? label)
    },
    delivered(process, { slot, before, after }, revision) {
      deliveries.push({
        type: 'delivery',
        process: process.name,
        event: before === 0 ? 'ADDED' : after === 0 ? 'DELETED' : 'MODIFIED',
        object: nameOf(slot),
        resourceVersion: String(FIRST_REVISION + revision),
        late: false,
      })
    },
    step(step, action) {
      const label = action.request === undefined ? '' : keyOf(action.request, action.run)
      const reconcile = open.get(label)?.id ?? ''
      if (action.type === 'handover') retire(open, step.process)
      const dies = step.type === 'restart' || step.result?.type === 'crashed'
      const abandoned = dies
        ? [...open].filter(([, { process, replaced }]) => process === step.process && !replaced)
        : []
      if (step.result !== undefined) open.delete(label)
      for (const [other] of abandoned) open.delete(other)
      const remembered = memory === 0 ? undefined : (valueOf(cluster.memories, memory).json as Json)
      const made = { reconcile, calls, deliveries, abandoned: abandoned.map(([, { id }]) => id), memory: remembered }
      for (const event of eventsOf(step, action, made)) events.push({ step: step.index, ...event } as TraceEvent)
      calls = []
      deliveries = []
      memory = 0
    },
  }
  const { record } = await finish(
    followPath(model, budget, choose, { audit: true, observer, start: await pathStart(model) }),
  )
  const { steps, actions } = record
  return { events: [...events, { step: steps.length, type: 'end', steps: steps.length }], actions }
}

/** Of a reconcile in an instance that was replaced, also which one that is. */
function keyOf({ label, retiredParts }: RequestEntry, run: Run | undefined): string {
  return run === undefined || run.retired === 0 ? label : retiredKey(label, retiredParts.indexOf(run.retired))
}

function retiredKey(label: string, place: number): string {
  return `${label} replaced ${place + 1}`
}

/** The reconciles in flight of a process go on in an instance that was replaced. */
function retire(open: Map<string, InFlightReconcile>, process: string | undefined): void {
  for (const [key, reconcile] of [...open]) {
    if (reconcile.process !== process || reconcile.replaced) continue
    let place = 0
    while (open.has(retiredKey(key, place))) place++
    open.delete(key)
    open.set(retiredKey(key, place), { ...reconcile, replaced: true })
  }
}

interface InFlightReconcile {
  readonly id: string
  readonly process: string
  /** In an instance that was replaced: it outlives what happens to its process. */
  readonly replaced: boolean
}

interface Made {
  readonly reconcile: string
  readonly calls: readonly Untimed[]
  readonly deliveries: readonly Untimed[]
  readonly abandoned: readonly string[]
  readonly memory: Json | undefined
}

function eventsOf(
  step: PathStep,
  { type }: Action,
  { reconcile, calls, deliveries, abandoned, memory }: Made,
): readonly Untimed[] {
  const { process = '', controller = '', request = { name: '' }, causes, result, enqueued } = step
  const lags = step.faults.filter(({ fault }) => fault === 'stale')
  const lagging = lags.map(
    (fault): Untimed => ({ type: 'watch-lag', process: processOf(fault.description, process), fault }),
  )
  switch (type) {
    case 'run':
    case 'begin':
    case 'write': {
      const remembered = memory === undefined ? {} : { memory }
      const begin: Untimed = { type: 'reconcile-begin', reconcile, process, controller, request, causes, ...remembered }
      const dies = result?.type === 'crashed'
      return [
        ...(type === 'write' ? [] : [begin]),
        ...calls,
        ...lagging,
        ...deliveries,
        ...(result === undefined || dies ? [] : [{ type: 'reconcile-end' as const, reconcile, result }]),
        ...(dies ? restartOf(process, enqueued, abandoned) : []),
      ]
    }
    case 'user':
      return [...userCalls(step), ...lagging, ...deliveries]
    case 'catch-up':
      return deliveries.map((delivery) => ({ ...delivery, late: true }) as Untimed)
    case 'restart':
      return restartOf(process, enqueued, abandoned)
    case 'timer':
      return [{ type: 'timer', controller, request }]
    default:
      return [{ type: 'step', title: step.title, faults: step.faults }, ...calls, ...deliveries]
  }
}

/** The process that a lag's sentence names. */
function processOf(description: string, otherwise: string): string {
  return /^process "([^"]*)"/.exec(description)?.[1] ?? otherwise
}

function restartOf(process: string, enqueued: readonly string[], abandoned: readonly string[]): readonly Untimed[] {
  return [
    { type: 'crash', process, abandoned },
    { type: 'process-start', process, enqueued },
  ]
}

function userCalls({ writes }: PathStep): readonly Untimed[] {
  return writes.flatMap((write): readonly Untimed[] => {
    if (write.op === 'call') return []
    const object = write.after ?? write.before
    const [kind = '', name = ''] = write.object.split(' ')
    const event: Untimed = {
      type: 'call',
      by: 'user',
      verb: write.op,
      object: { apiVersion: object?.apiVersion ?? '', kind: object?.kind ?? kind },
      ...(object?.metadata.namespace === undefined ? {} : { namespace: object.metadata.namespace }),
      name: object?.metadata.name ?? name,
      cached: false,
      request: {},
      response: write.status === undefined ? { object: write.after ?? null } : { status: write.status },
      ...(write.outcome !== 'committed' || object === undefined
        ? {}
        : {
            committed: [
              {
                object: write.object,
                resourceVersion: object.metadata.resourceVersion ?? '',
                removed: write.after === undefined,
              },
            ],
          }),
    }
    return [event]
  })
}

/** The calls of a step; of a reconcile that dies in it, those before that. */
function callsOf(cluster: Cluster, action: Action, run: Run, by: string): Untimed[] {
  const lives = action.crashAfter < 0
  return run.calls
    .filter(({ from }) => lives || from < action.crashAfter)
    .map((call) => callEvent(cluster, run, call, by))
}

function callEvent(cluster: Cluster, run: Run, call: RunCall, by: string): Untimed {
  const { operation } = call
  const reply = materialise(cluster, operation, call.reply)
  switch (operation.op) {
    case 'get':
    case 'list':
      return readEvent(operation.call, by, reply)
    case 'write': {
      const { verb, body, options, patchType, subresource, namespace, name } = requestOfWrite(
        operation,
        run.heldRevisions,
      )
      return {
        type: 'call',
        by,
        verb: verb as 'create',
        object: operation.call.type,
        ...(namespace === undefined ? {} : { namespace }),
        ...(name === undefined ? {} : { name }),
        ...(subresource === undefined ? {} : { subresource }),
        cached: false,
        request: {
          ...(patchType === undefined ? {} : { patchType }),
          ...(body === undefined ? {} : { body: body as Json }),
          ...(options === undefined ? {} : { options: options as Json }),
        },
        response: responseOf(reply),
        committed: run.changes.slice(call.from, call.to).map(({ slot, after, afterRevision }) => ({
          object: nameOf(slot),
          resourceVersion: String(FIRST_REVISION + afterRevision),
          removed: after === 0,
        })),
      }
    }
    case 'external':
      return { type: 'other-call', by, what: `external ${nameOf(operation.slot)}`, answer: answerOf(reply) }
    case 'event':
      return { type: 'other-call', by, what: 'event', answer: answerOf(reply) }
    case 'now':
      return { type: 'other-call', by, what: 'clock', answer: answerOf(reply) }
    case 'random':
      return { type: 'other-call', by, what: `random ${operation.what}`, answer: answerOf(reply) }
  }
}

function readEvent(
  call: Extract<Operation, { readonly op: 'get' | 'list' }>['call'],
  by: string,
  reply: HostReply,
): Untimed {
  if (call.op !== 'get' && call.op !== 'list') return { type: 'other-call', by, what: call.op, answer: null }
  const { op, type, namespace, name, subresource, cached, labelSelector, fieldSelector } = call
  return {
    type: 'call',
    by,
    verb: op,
    object: type,
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
    ...(subresource === undefined ? {} : { subresource }),
    cached,
    request: {
      ...(labelSelector === undefined || labelSelector === '' ? {} : { labelSelector }),
      ...(fieldSelector === undefined || fieldSelector === '' ? {} : { fieldSelector }),
    },
    response: responseOf(reply),
  }
}

function answerOf(reply: HostReply): Json {
  if ('value' in reply) return reply.value
  if ('failure' in reply) return { failure: { ...reply.failure } }
  if ('event' in reply) return reply.event as unknown as Json
  return ('result' in reply ? (reply.result as Json | undefined) : undefined) ?? null
}

function responseOf(reply: HostReply) {
  if ('items' in reply) return { items: reply.items }
  if ('status' in reply) return { status: reply.status }
  return { object: ('object' in reply ? reply.object : undefined) ?? null }
}
