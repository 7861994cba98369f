/**
 * Runs controller code once, from the start of a reconcile, and writes what it does into the trie. Calls that the
 * trie knows must come again, in order: the first that differs is nondeterminism, which is a finding.
 */
import type { Json, KubernetesObject } from '#api/object.ts'
import type { Status } from '#api/status.ts'
import { notFound } from '#api/status-errors.ts'
import { scaleOf } from '#apiserver/scale.ts'
import type { ObjectEvent } from '#controller/controller.ts'
import { type HostCall, type HostReply, type ReadCall, type RunOutcome, STOP } from '#controller/host.ts'
import { NO_ERRORS } from './api-error.ts'
import { lastReply } from './evaluate.ts'
import { eventsAhead } from './events-ahead.ts'
import { externalCallText } from './external-systems.ts'
import { dataOf, noteGenerationCopies } from './generation-copies.ts'
import { valueOf } from './interner.ts'
import { internMemory } from './memory-form.ts'
import { NondeterminismFound } from './nondeterminism.ts'
import { operationOf } from './operation.ts'
import { readsAhead, rememberCalls } from './reads-ahead.ts'
import { createRun, holdReply, type Run } from './run.ts'
import { ScenarioError } from './scenario-error.ts'
import { type Cluster, type InFlight, type Reply, type RequestEntry, START_MS } from './tables.ts'
import { noteTouch } from './touches.ts'
import { addChild, type Leaf, type Operation, type TrieNode } from './trie.ts'
import { noteTurnover } from './turnover.ts'
import { versionOf } from './versions.ts'
import { answerCall, memoryOf, type RunPlace, rootOf } from './walk.ts'
import { withRevision } from './with-revision.ts'
import { ensureCapacity, type World } from './world.ts'
import { noteBlindWrite } from './writers.ts'

/** What is chance in a program (the order of a map in Go) seldom has so many outcomes that none of these is the known one. */
const ATTEMPTS_MAX = 200

/** Runs `request` in the state being expanded, to its end: also where the search goes write by write, since that shows what
 * is called together. True when the trie has grown. A program that may use chance is run until it does what is known:
 * the chance of its runtime is nothing that can be set, and what was met first stands for all. */
export async function execute(
  world: World,
  request: RequestEntry,
  runPlace: RunPlace | undefined,
  onLog?: (text: string) => void,
): Promise<boolean> {
  for (let attempt = usesChance(request) ? 1 : ATTEMPTS_MAX; ; attempt++) {
    try {
      return await executeOnce(world, request, runPlace, onLog)
    } catch (error) {
      if (!(error instanceof NondeterminismFound) || attempt >= ATTEMPTS_MAX) throw error
    }
  }
}

/** Whether its code runs in another process, and is declared to use chance. */
export function usesChance({ controller: { definition } }: RequestEntry): boolean {
  return definition.foreign !== undefined && definition.allowRandom === true
}

async function executeOnce(
  world: World,
  request: RequestEntry,
  runPlace: RunPlace | undefined,
  onLog: ((text: string) => void) | undefined,
): Promise<boolean> {
  const { cluster } = world
  const inFlight = runPlace?.inFlight
  const memory = inFlight?.memory ?? memoryOf(world, request)
  const root = rootOf(world, request, memory)
  world.truthIsCopied = false
  const run = createRun(request, root)
  run.inFlight = inFlight
  run.errors = runPlace?.errors ?? NO_ERRORS
  let node = root
  let place = 0
  let extended = false
  let failure: Error | undefined
  const kindsRead = new Set<number>()
  const answers: HostReply[] = []
  const writes: Json[] = []
  const calls: Operation[] = []

  const respond = (call: HostCall, batch: number): HostReply | typeof STOP => {
    const operation = operationOf(cluster, cluster.operations, call, run.heldRevisions, place++)
    ensureCapacity(world)
    calls.push(operation)
    if (operation.op === 'get') kindsRead.add(operation.slot.kind.id)
    else if (operation.op === 'list' && operation.kind !== undefined) kindsRead.add(operation.kind.id)
    else if (operation.op === 'event' && request.handles !== undefined) kindsRead.add(request.handles.kind.id)
    else if (operation.op === 'external') kindsRead.add(operation.kind.id)
    else if (operation.op === 'now') run.readClock = true
    if (node.operation === undefined && node.leaf === undefined) {
      node.operation = operation
      node.batch = batch
      extended = true
      noteRandom(cluster, request, operation)
      noteRead(world, request, operation, node.afterWrite)
      noteTouch(cluster, request, operation)
      noteDelete(world, request, operation)
      noteBlindWrite(cluster, request.controller.definition.name, operation)
      noteTurnover(cluster, request, operation)
    } else if (node.operation !== operation) {
      failure = differs(request, node, operation)
      return STOP
    }
    const data = dataOf(call)
    if (data !== undefined) writes.push(data)
    const given = inFlight === undefined ? undefined : givenAt(inFlight, place - 1)
    if (given !== undefined) {
      holdReply(run, given)
      run.replies.push(given)
      node = addChild(node, given.key)
      return answered(materialise(cluster, operation, given))
    }
    const key = answerCall(world, run, { operation, place: place - 1, keep: true })
    node = addChild(node, key)
    return answered(materialise(cluster, operation, lastReply(run)))
  }
  const answered = (reply: HostReply): HostReply => {
    answers.push(reply)
    return reply
  }

  const hostRequest = {
    controller: request.controller.definition.name,
    request: { ...(request.namespace === '' ? {} : { namespace: request.namespace }), name: request.name },
    ...(memory === 0 ? {} : { memory: valueOf(cluster.memories, memory).json as Json }),
  }
  const ahead = () =>
    inFlight === undefined
      ? readsAhead(world, { run, node, place }, (operation, reply) => materialise(cluster, operation, reply))
      : []
  let changesTold = 0
  const events = () => {
    const from = changesTold
    changesTold = run.changes.length
    return eventsAhead(cluster, run, from)
  }
  const log = onLog && { onLog }
  const outcome = await cluster.host.run({ ...hostRequest, ...log, respond, readsAhead: ahead, eventsAhead: events })
  rememberCalls(request, calls)
  if (failure !== undefined) throw failure
  if (outcome.type === 'unusable') throw new ScenarioError(outcome.message)
  if (outcome.type !== 'stopped') {
    const leaf = leafOf(cluster, request, outcome)
    if (node.leaf === undefined && node.operation === undefined) {
      node.leaf = leaf
      extended = true
    } else if (node.operation !== undefined || !sameLeaf(node.leaf as Leaf, leaf))
      failure = endsOtherwise(request, node, leaf)
  }
  if (failure !== undefined) throw failure
  if (run.readClock) noteTimedKinds(cluster, kindsRead)
  if (extended) {
    cluster.counters.executed++
    await noteGenerationCopies(cluster, cluster.host, {
      request: hostRequest,
      answers,
      generations: generationsIn(cluster, run),
      writes,
      kinds: kindsRead,
    })
  }
  return extended
}

/** The answer that a reconcile in flight has had to its call number `place`. */
function givenAt(inFlight: InFlight, place: number): Reply | undefined {
  const { replies, early } = inFlight
  if (place < replies.length) return replies[place]
  return early.find(({ offset }) => offset === place - replies.length)?.reply
}

/** The generations that the answers of a run mention. */
function generationsIn(cluster: Cluster, run: Run): ReadonlySet<number> {
  const generations = new Set<number>()
  for (const { objects } of run.replies) {
    for (let i = 1; i < objects.length; i += 3) {
      for (const generation of versionOf(cluster.versions, objects[i] as number).generations)
        generations.add(generation)
    }
  }
  return generations
}

function noteRandom(cluster: Cluster, request: RequestEntry, operation: Operation): void {
  if (operation.op !== 'random' || request.controller.definition.allowRandom === true) return
  const controller = request.controller.definition.name
  const key = `${controller} ${operation.site ?? ''}`
  if (!cluster.counters.randomUses.has(key)) {
    cluster.counters.randomUses.set(key, {
      controller,
      what: operation.what,
      site: operation.site,
      request: request.label,
    })
  }
}

/** What a cached read shows of the process: an informer, or a view that outlives a write. Both change what states are. */
function noteRead(world: World, request: RequestEntry, operation: Operation, afterWrite: boolean): void {
  if ((operation.op !== 'get' && operation.op !== 'list') || !operation.cached) return
  const { cluster } = world
  const { controller } = request
  const kinds =
    operation.op === 'get' ? [operation.slot.kind] : operation.kind === undefined ? cluster.kinds : [operation.kind]
  for (const kind of kinds) {
    if (!controller.process.watchesAll && !controller.process.informers.has(kind.id)) {
      controller.process.informers.add(kind.id)
      cluster.counters.restartReason = `${controller.definition.name} reads ${kind.resource.kind} through its cache`
    }
    if (afterWrite && !controller.readsAfterWrite.has(kind.id)) {
      controller.readsAfterWrite.add(kind.id)
      if (world.rules.granularity === 'write') {
        cluster.counters.restartReason = `${controller.definition.name} reads ${kind.resource.kind} after a write`
      }
    }
  }
}

/** Of a controller that deletes, reconciles in flight remember what their reads were worth. */
function noteDelete(world: World, { controller }: RequestEntry, operation: Operation): void {
  if (operation.op !== 'write' || controller.deletes) return
  const { op, subresource } = operation.call
  if (op !== 'delete' && op !== 'deletecollection' && subresource !== 'eviction') return
  controller.deletes = true
  if (world.rules.granularity === 'write')
    world.cluster.counters.restartReason = `${controller.definition.name} deletes`
}

/** Instants in objects that a clock-reading reconcile has read count by their distance to now. */
function noteTimedKinds(cluster: Cluster, kinds: ReadonlySet<number>): void {
  for (const kind of kinds) {
    if (cluster.counters.timedKinds.has(kind)) continue
    cluster.counters.timedKinds.add(kind)
    cluster.counters.restartReason = 'a reconcile reads the clock'
  }
}

function leafOf(
  cluster: Cluster,
  request: RequestEntry,
  outcome: RunOutcome & { readonly type: 'done' | 'error' },
): Leaf {
  const memory =
    request.controller.memoryPart === 0 || outcome.memory === undefined ? 0 : internMemory(cluster, outcome.memory)
  if (outcome.type === 'error') {
    const { site } = outcome
    const { message, defect } = errorOf(request, outcome)
    return { type: 'error', requeueAfterMs: -1, requeue: false, message, defect, site, memory }
  }
  const { requeueAfterMs, requeue } = outcome.result
  const after = requeueAfterMs === undefined || requeueAfterMs <= 0 ? -1 : Math.ceil(requeueAfterMs)
  return {
    type: 'done',
    requeueAfterMs: after,
    requeue: requeue === true && after < 0,
    message: '',
    defect: false,
    site: undefined,
    memory,
  }
}

/** Nobody awaits a handler: what it lets out is an unhandled rejection, which ends the process. */
function errorOf(
  { controller, handles }: RequestEntry,
  { message, defect }: RunOutcome & { readonly type: 'error' },
): { readonly message: string; readonly defect: boolean } {
  if (handles === undefined || defect || controller.definition.survivesErrors === true) return { message, defect }
  return { message: `unhandled rejection in a handler, which ends the process: ${message}`, defect: true }
}

function sameLeaf(a: Leaf, b: Leaf): boolean {
  return (
    a.type === b.type &&
    a.requeueAfterMs === b.requeueAfterMs &&
    a.requeue === b.requeue &&
    a.message === b.message &&
    a.memory === b.memory
  )
}

/** An answer as the host hands it out. */
export function materialise(cluster: Cluster, operation: Operation, reply: Reply): HostReply {
  switch (reply.form) {
    case 'object':
      if (reply.objects.length > 0) return objectReply(operation, objectAt(cluster, reply, 0))
      if (operation.op !== 'get') return { object: undefined }
      return { status: notFound(operation.slot.kind.resource, operation.slot.name) }
    case 'items': {
      const items: KubernetesObject[] = []
      for (let i = 0; i < reply.objects.length; i += 3) items.push(objectAt(cluster, reply, i))
      return { items }
    }
    case 'status':
      return { status: reply.value as Status }
    case 'event':
      return { event: eventOf(cluster, reply) }
    case 'external':
      return externalReply(versionOf(cluster.versions, reply.objects[1] as number).body)
    case 'instant':
      return { value: START_MS + (reply.value as number) }
    case 'value':
      return { value: reply.value as string | number }
  }
}

/** The object itself, or the Scale of it that was asked for. */
function objectReply(operation: Operation, object: KubernetesObject): HostReply {
  if (operation.op !== 'get' || (operation.call as ReadCall).subresource !== 'scale') return { object }
  const { resource } = operation.slot.kind
  if (resource.scale === undefined) return { status: notFound(resource, operation.slot.name) }
  const scale = scaleOf(resource, object, resource.scale)
  return 'failure' in scale ? { status: scale.failure } : { object: scale.value }
}

function eventOf(cluster: Cluster, reply: Reply): ObjectEvent {
  const type = reply.value as ObjectEvent['type']
  if (type !== 'MODIFIED') return { type, object: objectAt(cluster, reply, 0) }
  return { type, object: objectAt(cluster, reply, 3), old: objectAt(cluster, reply, 0) }
}

function externalReply(body: KubernetesObject): HostReply {
  return body['failure'] === undefined ? { result: body['result'] } : { failure: body['failure'] }
}

function objectAt(cluster: Cluster, reply: Reply, index: number): KubernetesObject {
  return withRevision(
    versionOf(cluster.versions, reply.objects[index + 1] as number).body,
    reply.objects[index + 2] as number,
  )
}

const LIKELY =
  'Likely causes: Date or Math.random captured before the run, the order of a Map or Set, a variable outside the reconciler that keeps memory between reconciles (declare it with memory).'

function differs(request: RequestEntry, node: TrieNode, got: Operation): NondeterminismFound {
  const before = node.operation === undefined ? 'ended' : `called ${describeOperation(node.operation)}`
  return new NondeterminismFound(
    request.controller.definition.name,
    `${request.label}: with the same answers it ${before} the first time and called ${describeOperation(got)} now. ${LIKELY}`,
    undefined,
  )
}

function endsOtherwise(request: RequestEntry, node: TrieNode, leaf: Leaf): NondeterminismFound {
  const before =
    node.operation === undefined ? describeLeaf(node.leaf as Leaf) : `called ${describeOperation(node.operation)}`
  return new NondeterminismFound(
    request.controller.definition.name,
    `${request.label}: with the same answers it ${before} the first time and ${describeLeaf(leaf)} now. ${LIKELY}`,
    leaf.site,
  )
}

function describeLeaf(leaf: Leaf): string {
  if (leaf.type === 'error') return `failed with "${leaf.message}"`
  return leaf.requeueAfterMs >= 0 ? `ended, to be run again after ${leaf.requeueAfterMs} ms` : 'ended'
}

/** `update Foo default/a`, for messages. */
function describeOperation(operation: Operation): string {
  switch (operation.op) {
    case 'now':
      return 'the clock'
    case 'random':
      return `a random ${operation.what}${operation.site === undefined ? '' : ` at ${operation.site}`}`
    case 'get':
      return `get ${operation.slot.kind.resource.kind} ${operation.slot.namespace}/${operation.slot.name}`
    case 'event':
      return 'for its event'
    case 'external':
      return externalCallText(operation.call)
    case 'list':
      return `list ${operation.kind?.resource.kind ?? '*'} ${operation.namespace}`
    case 'write': {
      const { call } = operation
      return `${call.op} ${call.type.kind}${call.subresource === undefined ? '' : `/${call.subresource}`} ${call.namespace ?? ''}/${call.name ?? ''} ${JSON.stringify(call.body ?? null).slice(0, 200)}`
    }
  }
}
