/**
 * The work queue of a controller as plain immutable data. Two modes: `fifo` is client-go's rate-limited, delaying queue,
 * `priority` is controller-runtime's (its default since 0.23), which has one entry a key.
 * Source: client-go/util/workqueue (queue.go, delaying_queue.go, default_rate_limiters.go),
 * controller-runtime/pkg/controller/priorityqueue, controller-runtime/pkg/internal/controller (reconcileHandler).
 */
import type { ReconcileResult } from '#controller/controller.ts'

export type QueueMode = 'fifo' | 'priority'

/** controller-runtime's priority of requests from a process start's list and from resyncs. */
export const lowPriority = -100

/** A key that waits to be handed out. */
export interface QueueEntry {
  readonly key: string
  /** Higher is served first; only in mode `priority`. */
  readonly priority: number
  /** Not before this instant; absent when ready. */
  readonly readyAtMs?: number
}

export interface WorkQueue {
  readonly mode: QueueMode
  /** In order of addition. In mode `fifo` a key may be here twice, ready and delayed; in `priority` once. */
  readonly entries: readonly QueueEntry[]
  /** Handed out and not yet done. */
  readonly processing: readonly string[]
  /** Added while processing: becomes an entry when done (mode `fifo`; in `priority` it is an entry already). */
  readonly again: readonly string[]
  /** Failures in a row, for the back-off. Keys without any are absent. */
  readonly failures: Readonly<Record<string, number>>
}

export interface AddOptions {
  readonly nowMs: number
  readonly priority?: number
}

export function createWorkQueue(mode: QueueMode): WorkQueue {
  return { mode, entries: [], processing: [], again: [], failures: {} }
}

/** Puts a key in the queue now. A key that is ready already stays where it is. */
export function add(queue: WorkQueue, key: string, priority = 0): WorkQueue {
  return queue.mode === 'fifo' ? addFifo(queue, key) : addPriority(queue, { key, priority })
}

/** Puts a key in the queue after a delay in milliseconds. Of two delays of one key the earlier end counts. */
export function addAfter(queue: WorkQueue, key: string, delayMs: number, options: AddOptions): WorkQueue {
  const priority = options.priority ?? 0
  if (delayMs <= 0) return add(queue, key, priority)
  const entry = { key, priority, readyAtMs: options.nowMs + delayMs }
  if (queue.mode === 'priority') return addPriority(queue, entry)
  const existing = queue.entries.find((other) => other.key === key && other.readyAtMs !== undefined)
  if (existing === undefined) return { ...queue, entries: [...queue.entries, entry] }
  return readyAt(existing) <= entry.readyAtMs
    ? queue
    : { ...queue, entries: queue.entries.map((other) => (other === existing ? entry : other)) }
}

/** Puts a key in the queue after its back-off, and counts a failure. */
export function addRateLimited(queue: WorkQueue, key: string, options: AddOptions): WorkQueue {
  const failures = queue.failures[key] ?? 0
  const counted = { ...queue, failures: { ...queue.failures, [key]: failures + 1 } }
  return addAfter(counted, key, backOffMs(failures), options)
}

/** The delay after so many failures in a row: 5 ms, doubled each time, up to 1000 s. */
export function backOffMs(failures: number): number {
  return Math.min(5 * 2 ** failures, 1_000_000)
}

/** Forgets a key's failures: its back-off starts anew. */
export function forget(queue: WorkQueue, key: string): WorkQueue {
  if (!(key in queue.failures)) return queue
  const { [key]: _, ...failures } = queue.failures
  return { ...queue, failures }
}

/** Hands out the next key, or undefined when none is ready. */
export function get(
  queue: WorkQueue,
  nowMs: number,
): { readonly queue: WorkQueue; readonly key: string; readonly priority: number } | undefined {
  const current = becomeReady(queue, nowMs)
  const entry = served(current)[0]
  if (entry === undefined) return undefined
  const { key, priority } = entry
  return {
    key,
    priority,
    queue: {
      ...current,
      entries: current.entries.filter((other) => other !== entry),
      processing: [...current.processing, key],
    },
  }
}

/** The keys that could be handed out at this instant, in the order in which they would be. */
export function readyKeys(queue: WorkQueue, nowMs: number): readonly string[] {
  return served(becomeReady(queue, nowMs)).map((entry) => entry.key)
}

/** When the next delayed key becomes ready, or undefined when none is delayed. */
export function nextReadyAtMs(queue: WorkQueue): number | undefined {
  let next: number | undefined
  for (const { readyAtMs } of queue.entries) {
    if (readyAtMs !== undefined && (next === undefined || readyAtMs < next)) next = readyAtMs
  }
  return next
}

/** Ends the processing of a key; if it was added meanwhile, it is ready again. */
export function done(queue: WorkQueue, key: string): WorkQueue {
  const rest = { ...queue, processing: queue.processing.filter((other) => other !== key) }
  if (!queue.again.includes(key)) return rest
  return {
    ...rest,
    again: queue.again.filter((other) => other !== key),
    entries: [...queue.entries, { key, priority: 0 }],
  }
}

/** What a controller does with a key when its reconcile has ended: back-off, delay or nothing, then `done`. */
export function finish(
  queue: WorkQueue,
  key: string,
  ended: ReconcileResult | 'error',
  options: AddOptions,
): WorkQueue {
  if (ended === 'error') return done(addRateLimited(queue, key, options), key)
  const { requeueAfterMs = 0, requeue = false } = ended
  if (requeueAfterMs > 0) return done(addAfter(forget(queue, key), key, requeueAfterMs, options), key)
  if (requeue) return done(addRateLimited(queue, key, options), key)
  return done(forget(queue, key), key)
}

/** Makes delayed keys ready whose instant has come, in the order of their instants. */
function becomeReady(queue: WorkQueue, nowMs: number): WorkQueue {
  const due = queue.entries.filter((entry) => entry.readyAtMs !== undefined && entry.readyAtMs <= nowMs)
  if (due.length === 0) return queue
  const rest = { ...queue, entries: queue.entries.filter((entry) => !due.includes(entry)) }
  due.sort(
    (left, right) => readyAt(left) - readyAt(right) || (queue.mode === 'priority' ? right.priority - left.priority : 0),
  )
  return due.reduce<WorkQueue>((current, { key, priority }) => add(current, key, priority), rest)
}

function addFifo(queue: WorkQueue, key: string): WorkQueue {
  if (queue.processing.includes(key))
    return queue.again.includes(key) ? queue : { ...queue, again: [...queue.again, key] }
  if (queue.entries.some((entry) => entry.key === key && entry.readyAtMs === undefined)) return queue
  return { ...queue, entries: [...queue.entries, { key, priority: 0 }] }
}

/** One entry a key: it takes the earlier instant and the higher priority, and goes behind its equals when that rose. */
function addPriority(queue: WorkQueue, entry: QueueEntry): WorkQueue {
  const existing = queue.entries.find((other) => other.key === entry.key)
  if (existing === undefined) return { ...queue, entries: [...queue.entries, entry] }
  const earliest = Math.min(readyAt(existing), readyAt(entry))
  const merged: QueueEntry = {
    key: entry.key,
    priority: Math.max(existing.priority, entry.priority),
    ...(earliest === Number.NEGATIVE_INFINITY ? {} : { readyAtMs: earliest }),
  }
  if (merged.priority > existing.priority)
    return { ...queue, entries: [...queue.entries.filter((other) => other !== existing), merged] }
  if (merged.readyAtMs === existing.readyAtMs) return queue
  return { ...queue, entries: queue.entries.map((other) => (other === existing ? merged : other)) }
}

/** Entries that may be handed out, the next one first. */
function served(queue: WorkQueue): QueueEntry[] {
  const ready = queue.entries.filter((entry) => entry.readyAtMs === undefined && !queue.processing.includes(entry.key))
  return queue.mode === 'fifo' ? ready : ready.sort((left, right) => right.priority - left.priority)
}

function readyAt(entry: QueueEntry): number {
  return entry.readyAtMs ?? Number.NEGATIVE_INFINITY
}
