/**
 * Delivery plans: which requests a committed change enqueues in which process. Predicates and mapping functions
 * are functions of the old and new object, so a plan is made once for each pair of versions. A mapping function that
 * reads has a trie of its own, walked each time.
 */
import type { TypeReference } from '#api/object.ts'
import type { Reader } from '#controller/client.ts'
import type { ObjectEvent, ReconcileRequest } from '#controller/controller.ts'
import { createReader } from '#controller/create-client.ts'
import { handlesEvent, requestsOfEvent } from '#controller/enqueue.ts'
import type { HostCall, HostReply } from '#controller/host.ts'
import { lastReply } from './evaluate.ts'
import { changeKey, watchEvent } from './events-ahead.ts'
import { materialise } from './execute.ts'
import { eventRequestOf } from './handled-events.ts'
import { NondeterminismFound } from './nondeterminism.ts'
import { operationOf } from './operation.ts'
import { ofController } from './outside.ts'
import { createRun, type Run } from './run.ts'
import { ScenarioError } from './scenario-error.ts'
import { combine, lanes, lanesKey } from './structural-hash.ts'
import {
  type Cluster,
  type ControllerEntry,
  EXTERNAL_KIND,
  kindOf,
  type Process,
  type Reply,
  type RequestEntry,
  requestOf,
  type Slot,
} from './tables.ts'
import { noteTouch, versionWithoutStatus } from './touches.ts'
import { addChild, childOf, createNode, type Operation, type TrieNode } from './trie.ts'
import { evaluate } from './walk.ts'
import { ensureCapacity, type World } from './world.ts'

export interface Plan {
  readonly slot: Slot
  readonly before: number
  readonly after: number
  readonly processes: readonly ProcessPlan[]
}

/** What one process does with a change of a kind that it watches or reads. */
export interface ProcessPlan {
  readonly process: Process
  readonly requests: readonly RequestEntry[]
  /** Requests that get the event itself, to be handled. */
  readonly handlers: readonly RequestEntry[]
  readonly dynamic: readonly DynamicPlan[]
}

/** A controller whose mapping function reads: its requests depend on the state. */
export interface DynamicPlan {
  readonly controller: ControllerEntry
  readonly event: ObjectEvent
  readonly root: TrieNode
  readonly leaves: Map<TrieNode, readonly RequestEntry[]>
}

/** The plan for a change of `slot` from version `before` to `after` (0: absent). */
export function planOf(world: World, slot: Slot, before: number, after: number): Plan {
  const { cluster } = world
  const key = changeKey(before, after)
  const known = cluster.plans.get(key)
  if (known !== undefined) return known
  const event = watchEvent(cluster, before, after)
  const processes: ProcessPlan[] = []
  for (const process of cluster.processes) {
    if (slot.kind.id === EXTERNAL_KIND || (!process.watchesAll && !process.informers.has(slot.kind.id))) continue
    processes.push(planForProcess(cluster, process, slot, event))
  }
  ensureCapacity(world)
  const plan = { slot, before, after, processes }
  cluster.plans.set(key, plan)
  cluster.eventsAhead.delete(key)
  return plan
}

/** Readers that only note that they were asked: a mapping function that reads needs a state. */
const refusing = createRefusing()

function createRefusing() {
  const refuse = (): Promise<never> => {
    refusal.asked = true
    return new Promise<never>(() => {})
  }
  const readers = { cached: createReader(refuse, { cached: true }), live: createReader(refuse, { cached: false }) }
  const refusal = { asked: false, readers }
  return refusal
}

function planForProcess(cluster: Cluster, process: Process, slot: Slot, event: ObjectEvent): ProcessPlan {
  const requests = new Set<RequestEntry>()
  const handlers: RequestEntry[] = []
  const dynamic: DynamicPlan[] = []
  for (const controller of process.controllers) {
    if (handlesEvent(controller.definition, event)) handlers.push(eventRequestOf(cluster, controller, slot))
    const foreign = controller.definition.foreign
    if (foreign !== undefined) {
      if (foreign.types.some((type) => kindOf(cluster, type.apiVersion, type.kind) === slot.kind))
        dynamic.push({ controller, event, root: createNode(false), leaves: new Map() })
      continue
    }
    refusing.asked = false
    const found = mapEvent(cluster, controller, event, refusing.readers)
    if (found instanceof Promise) found.catch(() => {}) // What it throws is told when it is run for its answer.
    if (refusing.asked || found instanceof Promise) {
      dynamic.push({ controller, event, root: createNode(false), leaves: new Map() })
    } else for (const request of found) requests.add(requestEntry(cluster, controller, request))
  }
  return { process, requests: [...requests], handlers, dynamic }
}

function mapEvent(
  cluster: Cluster,
  controller: ControllerEntry,
  event: ObjectEvent,
  readers: { readonly cached: Reader; readonly live: Reader },
): readonly ReconcileRequest[] | Promise<readonly ReconcileRequest[]> {
  try {
    const find = (): ReturnType<typeof requestsOfEvent> =>
      requestsOfEvent(controller.definition, event, { readers, isNamespaced: (type) => isNamespaced(cluster, type) })
    const { host } = cluster
    if (host.guard === undefined) return find()
    const what = `controller ${controller.definition.name}: a predicate or mapping function`
    return host.guard(what, find, ofController(cluster, controller))
  } catch (error) {
    if (error instanceof NondeterminismFound) throw error
    throw new ScenarioError(
      `controller ${controller.definition.name}: a predicate or mapping function threw on the ${event.type} event of ${event.object.kind} ${event.object.metadata.name}: ${reasonOf(error)}`,
      { cause: error },
    )
  }
}

function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return error instanceof TypeError
    ? `${message}. It is asked about every object of the kind, also where fields are missing: write object.metadata.labels?.app.`
    : message
}

function isNamespaced(cluster: Cluster, type: TypeReference): boolean {
  return kindOf(cluster, type.apiVersion, type.kind)?.resource.namespaced ?? true
}

function requestEntry(cluster: Cluster, controller: ControllerEntry, request: ReconcileRequest): RequestEntry {
  return requestOf(cluster, controller, request.namespace ?? '', request.name)
}

/** The requests of a reading mapping function in the state that is `world.next`; undefined: code must run. */
export function dynamicRequests(world: World, plan: DynamicPlan): readonly RequestEntry[] | undefined {
  // A mapping function that turned out to read nothing depends on no state.
  if (plan.root.operation === undefined) return plan.leaves.get(plan.root)
  return inNext(world, () => {
    const run = mappingRun(plan)
    let node = plan.root
    for (;;) {
      const requests = plan.leaves.get(node)
      if (requests !== undefined) return requests
      if (node.operation === undefined) return undefined
      const child = childOf(node, answerMapping(world, run, node.operation, plan))
      if (child === undefined) return undefined
      node = child
    }
  })
}

/** Runs the mapping function once in `world.next` and extends its trie. */
export async function executeMapping(world: World, plan: DynamicPlan): Promise<void> {
  const { cluster } = world
  const run = mappingRun(plan)
  let node = plan.root
  let place = 0
  const transport = (call: HostCall): HostReply =>
    inNext(world, () => {
      const operation = operationOf(cluster, cluster.operations, call, run.heldRevisions, place++)
      ensureCapacity(world)
      node.operation ??= operation
      noteTouch(cluster, undefined, operation, !mapsWithoutStatus(plan))
      node = addChild(node, answerMapping(world, run, operation, plan, true))
      return materialise(cluster, operation, lastReply(run))
    })
  let found: readonly ReconcileRequest[]
  try {
    found = await runMapping(cluster, plan, transport)
  } catch (error) {
    if (error instanceof ScenarioError) throw error
    throw new ScenarioError(
      `controller ${plan.controller.definition.name}: a mapping function failed on ${plan.event.object.kind} ${plan.event.object.metadata.name}: ${reasonOf(error)}`,
      { cause: error },
    )
  }
  plan.leaves.set(
    node,
    found.map((request) => requestEntry(cluster, plan.controller, request)),
  )
  ensureCapacity(world)
}

/** Answers a read of a mapping function. Returns the trie edge. */
function answerMapping(world: World, run: Run, operation: Operation, plan: DynamicPlan, keep = false): number {
  if (!mapsWithoutStatus(plan)) return evaluate(world, run, operation, keep)
  evaluate(world, run, operation, true)
  const reply = withoutStatus(world.cluster, run.replies.pop() as Reply)
  run.replies.push(reply)
  return reply.key
}

function mapsWithoutStatus({ controller }: DynamicPlan): boolean {
  return controller.definition.mapsWithoutStatus === true
}

/** The answer with each object as it would be without status. Two that differ in nothing else have one key. */
function withoutStatus(cluster: Cluster, reply: Reply): Reply {
  if (reply.objects.length === 0) return reply
  const objects: number[] = []
  let high = 7
  let low = 11
  for (let i = 0; i < reply.objects.length; i += 3) {
    const [slot, version, revision] = reply.objects.slice(i, i + 3) as [number, number, number]
    const without = versionWithoutStatus(cluster, version)
    objects.push(slot, without, revision)
    combine(high, low, slot, without)
    high = lanes.high
    low = lanes.low
  }
  return { ...reply, objects, key: lanesKey() }
}

async function runMapping(
  cluster: Cluster,
  { controller, event }: DynamicPlan,
  transport: (call: HostCall) => HostReply,
): Promise<readonly ReconcileRequest[]> {
  const { foreign } = controller.definition
  if (foreign !== undefined) return foreign.requests(event, transport)
  const cached = createReader(transport, { cached: true })
  const live = createReader(transport, { cached: false })
  return mapEvent(cluster, controller, event, { cached, live })
}

function mappingRun(plan: DynamicPlan): Run {
  const request = {
    controller: plan.controller,
    label: `mapping of ${plan.controller.definition.name}`,
  } as RequestEntry
  const run = createRun(request, plan.root)
  run.waitsForOwnWrites = false
  return run
}

/** Reads of mapping functions see the successor being built: both its truth and its views. */
function inNext<T>(world: World, read: () => T): T {
  const { state, truth, truthIsCopied } = world
  world.state = world.next
  world.truth = world.next
  world.truthIsCopied = true
  try {
    return read()
  } finally {
    world.state = state
    world.truth = truth
    world.truthIsCopied = truthIsCopied
  }
}
