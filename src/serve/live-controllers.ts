/**
 * Runs controllers on a live state, on the real clock: every change is delivered, requests wait in a work queue, one
 * is served after the other. For `kamera serve --controllers`; a search runs them in `cluster/`.
 */
import type { TypeReference } from '#api/object.ts'
import type { WatchRecord } from '#apiserver/watch-record.ts'
import type { ObjectEvent, ReconcileRequest, Reconciler } from '#controller/controller.ts'
import { createClient, createReader } from '#controller/create-client.ts'
import { createExternalClient } from '#controller/create-external-client.ts'
import type { Controller } from '#controller/define-controller.ts'
import { type EnqueueOptions, requestsOfEvent } from '#controller/enqueue.ts'
import { add, createWorkQueue, finish, get, nextReadyAtMs, type WorkQueue } from '#controller/work-queue.ts'
import { answerAdmitted, answerCall } from './controller-calls.ts'
import type { LiveState } from './live-state.ts'

export interface LiveControllers {
  /** Ends them; a reconcile that is running ends first. */
  stop(): Promise<void>
}

export interface LiveControllerOptions {
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** What reconcilers get as `kubeConfig`. Default: nothing. */
  readonly kubeConfig?: unknown
  /** Told of reconciles that failed; they are tried again. */
  readonly onError?: (controller: string, request: string, error: unknown) => void
}

/** Starts controllers: what is there is delivered to them first, as ADDED. */
export function startControllers(
  live: LiveState,
  controllers: readonly Controller[],
  options: LiveControllerOptions,
): LiveControllers {
  const running = controllers.map((controller) => startController(live, controller, options))
  return {
    stop: async () => {
      await Promise.all(running.map((one) => one.stop()))
    },
  }
}

interface Running {
  queue: WorkQueue
  readonly requests: Map<string, ReconcileRequest>
  timer: NodeJS.Timeout | undefined
  busy: Promise<void> | undefined
  stopped: boolean
}

function startController(live: LiveState, controller: Controller, options: LiveControllerOptions): LiveControllers {
  const { now } = options
  if (controller.handles !== undefined)
    throw new Error(`${controller.name} handles events, which a live control plane does not call yet: leave it out.`)
  const running: Running = {
    queue: createWorkQueue('fifo'),
    requests: new Map(),
    timer: undefined,
    busy: undefined,
    stopped: false,
  }
  const answer = (call: Parameters<typeof answerCall>[1]) => answerCall(live, call, controller.name)
  const client = createClient((call) => answerAdmitted(live, call, controller.name), { cached: true })
  const apiReader = createReader(answer, { cached: false })
  const reconciler = controller.reconciler({
    client,
    apiReader,
    clock: { now: () => new Date(now()) },
    kubeConfig: options.kubeConfig,
    recorder: { event: () => undefined },
    external: <T>(name: string) => createExternalClient(answer, name) as T,
  })
  const readers = { cached: createReader(answer, { cached: true }), live: apiReader }
  const enqueueing: EnqueueOptions = {
    readers,
    isNamespaced: ({ apiVersion, kind }: TypeReference) => live.served().byKind(apiVersion, kind)?.namespaced ?? true,
  }
  const deliver = (event: ObjectEvent): void => {
    const found = requestsOfEvent(controller, event, enqueueing)
    Promise.resolve(found).then(
      (requests) => enqueue(running, requests, () => serve(running, controller, reconciler, options)),
      (error: unknown) => options.onError?.(controller.name, event.object.metadata.name ?? '', error),
    )
  }
  const unsubscribe = live.subscribe((record) => deliver(eventOf(record)))
  const listed = new Set<string>()
  for (const resource of live.served().all) {
    if (listed.has(resource.key)) continue
    listed.add(resource.key)
    for (const { body } of live.state().list(resource, undefined)) deliver({ type: 'ADDED', object: body })
  }
  return {
    stop: async () => {
      running.stopped = true
      unsubscribe()
      clearTimeout(running.timer)
      await running.busy
    },
  }
}

/** Predicates see resourceVersions that differ, as old and new always do. */
function eventOf({ type, object, old, revision }: WatchRecord): ObjectEvent {
  const marked = (body: typeof object, version: number): typeof object => ({
    ...body,
    metadata: { ...body.metadata, resourceVersion: String(version) },
  })
  if (type !== 'MODIFIED' || old === undefined) return { type, object: marked(object, revision) }
  return { type, object: marked(object, revision), old: marked(old, revision - 1) }
}

function enqueue(running: Running, requests: readonly ReconcileRequest[], wake: () => void): void {
  for (const request of requests) {
    const key = keyOf(request)
    running.requests.set(key, request)
    running.queue = add(running.queue, key)
  }
  if (requests.length > 0) wake()
}

function keyOf({ namespace, name }: ReconcileRequest): string {
  return namespace === undefined ? name : `${namespace}/${name}`
}

/** Serves what is ready, one after the other; then waits for the next delayed request. */
function serve(running: Running, controller: Controller, reconciler: Reconciler, options: LiveControllerOptions): void {
  if (running.stopped || running.busy !== undefined) return
  running.busy = serveReady(running, controller, reconciler, options).then(() => {
    running.busy = undefined
    clearTimeout(running.timer)
    const next = nextReadyAtMs(running.queue)
    if (next === undefined || running.stopped) return
    const delayMs = Math.min(Math.max(0, next - options.now()), 2 ** 31 - 1)
    running.timer = setTimeout(() => serve(running, controller, reconciler, options), delayMs)
  })
}

async function serveReady(
  running: Running,
  controller: Controller,
  reconciler: Reconciler,
  { now, onError }: LiveControllerOptions,
): Promise<void> {
  for (;;) {
    const next = running.stopped ? undefined : get(running.queue, now())
    if (next === undefined) return
    running.queue = next.queue
    const request = running.requests.get(next.key) as ReconcileRequest
    try {
      const result = await reconciler.reconcile(request)
      running.queue = finish(running.queue, next.key, result ?? {}, { nowMs: now() })
    } catch (error) {
      onError?.(controller.name, next.key, error)
      running.queue = finish(running.queue, next.key, 'error', { nowMs: now() })
    }
    // A turn for requests of clients: controllers must not hold the server up.
    await new Promise((resolve) => setImmediate(resolve))
  }
}
