/**
 * A small cluster for the tests of controllers: the real API server, every watch event delivered at once, requests
 * served round robin until nothing is pending. Its record of writes is the transcript that tests compare.
 */
import type { Json, KubernetesObject, NamespacedName, TypeReference } from '#api/object.ts'
import type { ResourceInfo } from '#api/resource.ts'
import { createScheme, declareKind } from '#api/scheme.ts'
import type { Status } from '#api/status.ts'
import { handle, withResourceVersion } from '#apiserver/apiserver.ts'
import type { ApiRequest } from '#apiserver/request.ts'
import { type ApiState, initialState, makeState } from '#apiserver/state.ts'
import type { WatchRecord } from '#apiserver/watch-record.ts'
import type { Client } from '#controller/client.ts'
import type { ReconcileRequest } from '#controller/controller.ts'
import { createClient, createReader } from '#controller/create-client.ts'
import type { Controller } from '#controller/define-controller.ts'
import type { HostCall, HostReply, ReadCall, WriteCall } from '#controller/host.ts'

/** Reconciles after which a test is told that its controllers do not come to rest. */
const reconcilesMax = 500

export interface TestClusterOptions {
  readonly objects?: readonly object[]
  readonly kinds?: readonly TypeReference[]
  readonly controllers: readonly Controller[]
}

export interface TestCluster {
  /** The user: every write is in the transcript as `user`. */
  readonly user: Client
  /** Serves requests until none is pending; returns the writes since the last call, one a line. */
  settle(): Promise<readonly string[]>
  /** Lets virtual time pass, with every timer that ends meanwhile at its time; returns the writes. */
  pass(milliseconds: number): Promise<readonly string[]>
  /** Serves the oldest pending request only. */
  step(): Promise<void>
  /** Pending requests, `controller namespace/name`, oldest first. */
  pending(): Promise<readonly string[]>
  /** `Kind namespace/name` of all objects but Namespaces that are there anyway, sorted. */
  objects(): readonly string[]
  get(kind: string, name: string): KubernetesObject | undefined
}

interface Timer extends PendingRequest {
  readonly atMs: number
}

interface PendingRequest {
  readonly controller: Controller
  readonly request: ReconcileRequest
}

/** Starts the controllers on the objects: what they list is delivered to them as ADDED. */
export async function startTestCluster({
  objects = [],
  kinds = [],
  controllers,
}: TestClusterOptions): Promise<TestCluster> {
  const cluster = new RunningTestCluster(objects, kinds, controllers)
  await cluster.start()
  return cluster
}

class RunningTestCluster implements TestCluster {
  readonly user: Client
  private readonly table
  private readonly controllers: readonly Controller[]
  private state: ApiState
  private readonly queue: PendingRequest[] = []
  private undelivered: WatchRecord[] = []
  private readonly memories = new Map<Controller, Json>()
  private transcript: string[] = []
  private timers: Timer[] = []

  constructor(objects: readonly object[], kinds: readonly TypeReference[], controllers: readonly Controller[]) {
    this.table = createScheme(kinds.map(declareKind))
    this.state = initialState(this.table, objects)
    this.controllers = controllers
    this.user = createClient((call) => this.answer(call, 'user'), { cached: false })
  }

  async start(): Promise<void> {
    for (const resource of this.table.all) {
      for (const stored of this.state.list(resource, undefined)) {
        this.undelivered.push({ type: 'ADDED', resource, object: stored.body, revision: stored.revision })
      }
    }
    await this.deliver()
  }

  async settle(): Promise<readonly string[]> {
    for (let count = 0; (await this.pending()).length > 0; count++) {
      if (count === reconcilesMax)
        throw new Error(`not at rest after ${reconcilesMax} reconciles:\n${this.transcript.slice(-20).join('\n')}`)
      await this.step()
    }
    const { transcript } = this
    this.transcript = []
    return transcript
  }

  async pass(milliseconds: number): Promise<readonly string[]> {
    const end = this.state.nowMs + milliseconds
    const writes = [...(await this.settle())]
    for (;;) {
      const next = this.timers.filter(({ atMs }) => atMs <= end).sort((left, right) => left.atMs - right.atMs)[0]
      if (next === undefined) break
      this.timers = this.timers.filter((timer) => timer !== next)
      this.setTime(next.atMs)
      this.enqueue(next.controller, next.request)
      writes.push(...(await this.settle()))
    }
    this.setTime(end)
    return writes
  }

  private setTime(nowMs: number): void {
    const { objects, created, generated, revision } = this.state
    this.state = makeState(objects, created, generated, { revision, nowMs: Math.max(nowMs, this.state.nowMs) })
  }

  async step(): Promise<void> {
    await this.deliver()
    const next = this.queue.shift()
    if (next === undefined) return
    const { controller, request } = next
    const client = createClient((call) => this.answer(call, controller.name), { cached: true })
    const apiReader = createReader((call) => this.answer(call, controller.name), { cached: false })
    const tools = {
      client,
      apiReader,
      clock: { now: () => new Date(this.state.nowMs) },
      kubeConfig: undefined,
      recorder: { event: () => undefined },
      external: (name: string) => {
        throw new Error(`no external system ${name} here`)
      },
    }
    const reconciler = controller.reconciler(tools)
    const memory = this.memories.get(controller)
    if (memory !== undefined) controller.memory?.restore(reconciler as never, memory)
    try {
      const { requeueAfterMs } = (await reconciler.reconcile(request)) ?? {}
      if (requeueAfterMs !== undefined && requeueAfterMs > 0) {
        const name = nameOf(request)
        this.timers = this.timers.filter((timer) => timer.controller !== controller || nameOf(timer.request) !== name)
        this.timers.push({ controller, request, atMs: this.state.nowMs + requeueAfterMs })
      }
    } catch (error) {
      this.transcript.push(`${controller.name}: ${(error as Error).message}`)
      this.enqueue(controller, request)
    }
    if (controller.memory !== undefined) this.memories.set(controller, controller.memory.snapshot(reconciler as never))
    await this.deliver()
  }

  async pending(): Promise<readonly string[]> {
    await this.deliver()
    return this.queue.map(({ controller, request }) => `${controller.name} ${nameOf(request)}`)
  }

  objects(): readonly string[] {
    return this.everyObject()
      .filter(({ kind, metadata }) => kind !== 'Namespace' || metadata.name !== 'default')
      .map((object) => `${object.kind} ${nameOf(object.metadata as NamespacedName)}`)
      .sort()
  }

  get(kind: string, name: string): KubernetesObject | undefined {
    return this.everyObject().find((object) => object.kind === kind && object.metadata.name === name)
  }

  private everyObject(): readonly KubernetesObject[] {
    return this.table.all.flatMap((resource) => this.state.list(resource, undefined).map(withResourceVersion))
  }

  private async deliver(): Promise<void> {
    for (let event = this.undelivered.shift(); event !== undefined; event = this.undelivered.shift()) {
      for (const controller of this.controllers) await this.deliverTo(controller, event)
    }
  }

  private async deliverTo(controller: Controller, event: WatchRecord): Promise<void> {
    const { type, object, old } = event
    const seen = type === 'MODIFIED' && old !== undefined ? { type, object, old } : { type, object }
    const versions = type === 'MODIFIED' && old !== undefined ? [old, object] : [object]
    const primary = controller.for
    if (primary !== undefined && isOfType(object, primary) && primary.predicate?.(seen) !== false) {
      this.enqueue(controller, keyOf(object))
    }
    for (const owned of controller.owns ?? []) {
      if (!isOfType(object, owned) || owned.predicate?.(seen) === false) continue
      for (const owner of versions.flatMap((version) => version.metadata.ownerReferences ?? [])) {
        if (owner.controller === true && owner.kind === primary?.kind)
          this.enqueue(controller, { ...keyOf(object), name: owner.name })
      }
    }
    const reader = createReader((call) => this.answer(call, controller.name), { cached: false })
    for (const watch of controller.watches ?? []) {
      if (!isOfType(object, watch) || watch.predicate?.(seen) === false) continue
      for (const version of versions) {
        const requests = await watch.requests(version, { cached: reader, live: reader })
        for (const request of requests) this.enqueue(controller, request)
      }
    }
  }

  private enqueue(controller: Controller, request: ReconcileRequest): void {
    const known = this.queue.some(
      (entry) => entry.controller === controller && nameOf(entry.request) === nameOf(request),
    )
    if (!known) this.queue.push({ controller, request })
  }

  private answer(call: HostCall, caller: string): HostReply {
    if (call.op === 'now') return { value: this.state.nowMs }
    if (call.op === 'random' || call.op === 'external' || call.op === 'event')
      throw new Error(`${caller} asks for ${call.op}, which this cluster does not answer`)
    if (call.op === 'list' && (call.type.kind === '*' || call.fieldSelector?.startsWith(ownerUid) === true)) {
      return { items: this.listByOwner(call) }
    }
    const resource = this.table.byKind(call.type.apiVersion, call.type.kind)
    if (resource === undefined) throw new Error(`${caller}: nobody serves ${call.type.kind} in ${call.type.apiVersion}`)
    const before = this.state.revision
    const { state, response, watchEvents } = handle(this.table, this.state, requestOf(call, resource))
    this.state = state
    this.undelivered.push(...watchEvents)
    const failed = response.code >= 400
    if (!('cached' in call)) {
      const unchanged = state.revision === before ? ' (unchanged)' : ''
      const outcome = failed ? ` → ${(response.body as Status).reason}` : unchanged
      this.transcript.push(`${caller}: ${describeWrite(call)}${outcome}`)
    }
    if (failed) return { status: response.body as Status }
    if ('items' in response.body) return { items: response.body['items'] as readonly KubernetesObject[] }
    return { object: response.body as KubernetesObject }
  }

  /** What the API server has no list for: every kind, and the index on owner uids. */
  private listByOwner({ type, namespace = '', fieldSelector = '' }: ReadCall): readonly KubernetesObject[] {
    const uidOfOwner = fieldSelector.startsWith(ownerUid) ? fieldSelector.slice(ownerUid.length) : undefined
    return this.everyObject()
      .filter((object) => isOfType(object, type) && (namespace === '' || object.metadata.namespace === namespace))
      .filter(
        ({ metadata }) => uidOfOwner === undefined || metadata.ownerReferences?.some(({ uid }) => uid === uidOfOwner),
      )
  }
}

const ownerUid = 'metadata.ownerReferences.uid='

function requestOf(call: ReadCall | WriteCall, resource: ResourceInfo): ApiRequest {
  const { op: verb, namespace, name, subresource } = call
  return {
    verb,
    resource,
    ...(subresource === undefined ? {} : { subresource }),
    ...(namespace === undefined || !resource.namespaced ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
    ...('cached' in call ? { options: selectorsOf(call) } : contentOf(call)),
  }
}

function selectorsOf({ labelSelector = '', fieldSelector = '' }: ReadCall): NonNullable<ApiRequest['options']> {
  return { labelSelector, fieldSelector }
}

function contentOf({ body, patchType, options = {} }: WriteCall): Pick<ApiRequest, 'body' | 'patchType' | 'options'> {
  return {
    ...(body === undefined ? {} : { body }),
    ...(patchType === undefined ? {} : { patchType }),
    options: options as NonNullable<ApiRequest['options']>,
  }
}

function describeWrite({ op, type, namespace, name = '', subresource }: WriteCall): string {
  const key = namespace === undefined ? name : `${namespace}/${name}`
  return `${op} ${type.kind} ${key}${subresource === undefined ? '' : `/${subresource}`}`
}

function isOfType(object: KubernetesObject, type: TypeReference): boolean {
  return type.kind === '*' || (object.kind === type.kind && object.apiVersion === type.apiVersion)
}

function keyOf({ metadata: { namespace, name = '' } }: KubernetesObject): NamespacedName {
  return namespace === undefined ? { name } : { namespace, name }
}

function nameOf({ namespace, name = '' }: Partial<NamespacedName>): string {
  return namespace === undefined ? name : `${namespace}/${name}`
}
