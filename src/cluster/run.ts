/**
 * What walking a reconcile through its trie gave: the changes it commits, how it ended, what it looked at. One Run
 * is filled for each action of the state being expanded; fault variants of the action share it.
 */
import { type ApiErrorChoice, NO_ERRORS } from './api-error.ts'
import type { Wait } from './own-writes.ts'
import type { EarlyReply, InFlight, Reply, RequestEntry, Slot } from './tables.ts'
import type { Leaf, Operation, TrieNode } from './trie.ts'

export interface CommittedChange {
  readonly slot: Slot
  readonly before: number
  readonly beforeRevision: number
  readonly after: number
  readonly afterRevision: number
  /** Name counter that went up with it; 0: none. */
  readonly nameCounter: number
  /** By how much, when not by one. */
  readonly names?: number
  /** Its answer was lost on the way (a fault): who wrote it does not know that it did. */
  readonly answerLost?: true
}

/** One call of a run. A write's changes are `changes[from]` to before `changes[to]`. */
export interface RunCall {
  /** Its number in the reconcile, from 0. */
  readonly place: number
  readonly operation: Operation
  readonly reply: Reply
  readonly from: number
  readonly to: number
}

export interface Run {
  /** Which write of the batch in flight this run commits. */
  offset: number
  /** Writes of the batch committed so far, when others of it are still to come. */
  early: readonly EarlyReply[]
  /** Calls that fail by a fault. */
  errors: readonly ApiErrorChoice[]
  /** Part of the reconcile in flight, when the instance that runs it was replaced; 0: it was not. */
  retired: number
  /** Changes committed up to the last of them. */
  changesAtError: number
  /** Number of the reconcile's next call. */
  place: number
  request: RequestEntry
  /** The reconcile in flight that this run continues; undefined when it begins. */
  inFlight: InFlight | undefined
  /** `leaf`: it ended. `write`: it stands before a write (granularity write). `miss`: code must run. */
  stoppedAt: 'leaf' | 'write' | 'miss'
  node: TrieNode
  leaf: Leaf | undefined
  readonly changes: CommittedChange[]
  /** Numbers of changes after each write that committed any: where a crash may strike. One write may commit several. */
  readonly commitEnds: number[]
  /** Answers of this run: slots and revisions held, in order (with those of the reconcile in flight before them). */
  readonly heldSlots: number[]
  readonly heldRevisions: number[]
  /** Answers as data; only when the walk was asked to keep them. */
  readonly replies: Reply[]
  /** Calls of this run with their answers; only when the walk was asked to keep them. */
  readonly calls: RunCall[]
  /** Reads, for absorption and for the views to keep. */
  readonly reads: Operation[]
  writes: number
  readClock: boolean
  readLive: boolean
  usedRandom: boolean
  /** Deliveries that cached reads waited for, in order (`own-writes.ts`). */
  readonly waits: Wait[]
  /** Whether cached reads may wait: those of mapping functions are answered as they are. */
  waitsForOwnWrites: boolean
  /** The instant given last in this run, in milliseconds since the start; 0: none. */
  instant: number
}

export function createRun(request: RequestEntry, node: TrieNode): Run {
  return {
    offset: 0,
    early: [],
    errors: NO_ERRORS,
    retired: 0,
    changesAtError: 0,
    place: 0,
    request,
    inFlight: undefined,
    stoppedAt: 'miss',
    node,
    leaf: undefined,
    changes: [],
    commitEnds: [],
    heldSlots: [],
    heldRevisions: [],
    replies: [],
    calls: [],
    reads: [],
    writes: 0,
    readClock: false,
    readLive: false,
    usedRandom: false,
    waits: [],
    waitsForOwnWrites: true,
    instant: 0,
  }
}

/** Empties a short array; setting its length would give its memory back, to be asked for again at once. */
function clear(array: unknown[]): void {
  while (array.length > 0) array.pop()
}

/** Makes a run ready for another walk. */
export function resetRun(run: Run, request: RequestEntry, inFlight: InFlight | undefined, root: TrieNode): void {
  run.offset = 0
  run.early = []
  run.errors = NO_ERRORS
  run.retired = 0
  run.changesAtError = 0
  run.place = inFlight === undefined ? 0 : inFlight.replies.length
  run.request = request
  run.inFlight = inFlight
  run.node = inFlight === undefined ? root : inFlight.node
  run.stoppedAt = 'miss'
  run.leaf = undefined
  clear(run.changes)
  clear(run.commitEnds)
  clear(run.heldSlots)
  clear(run.heldRevisions)
  clear(run.replies)
  clear(run.calls)
  clear(run.reads)
  run.writes = 0
  run.readClock = false
  run.readLive = false
  run.usedRandom = false
  clear(run.waits)
  run.instant = 0
  if (inFlight === undefined) return
  for (const reply of inFlight.replies) holdReply(run, reply)
}

export function holdReply(run: Run, reply: Reply): void {
  if (reply.form === 'instant') run.instant = reply.value as number
  for (let i = 0; i < reply.objects.length; i += 3) {
    run.heldSlots.push(reply.objects[i] as number)
    run.heldRevisions.push(reply.objects[i + 2] as number)
  }
}

/** What a controller may know of a resourceVersion: 0 first of its object, 1 equal to the last one held, 2 another. */
export function relation(run: Run, slot: number, revision: number): number {
  for (let i = run.heldSlots.length - 1; i >= 0; i--) {
    if (run.heldSlots[i] === slot) return run.heldRevisions[i] === revision ? 1 : 2
  }
  return 0
}
