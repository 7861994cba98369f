/**
 * Walks a reconcile through its trie in the state being expanded: no code runs. At granularity `reconcile` it goes
 * from the root to a leaf; at granularity `write` it stops before each write, and goes on from there once that
 * write's turn has come.
 */
import { type ApiErrorChoice, canFail, errorReply, NO_ERRORS } from './api-error.ts'
import { evaluateGet, evaluateList, evaluateNow, evaluateRandom, lastReply } from './evaluate.ts'
import { evaluateExternal, timeOutExternal } from './evaluate-external.ts'
import { evaluateEvent } from './handled-events.ts'
import { type CommittedChange, holdReply, type Run, relation, resetRun } from './run.ts'
import type { InFlight, RequestEntry } from './tables.ts'
import {
  type CommitOperation,
  childOf,
  commits,
  createNode,
  type Operation,
  type TrieNode,
  type WriteEffect,
} from './trie.ts'
import type { World } from './world.ts'
import { commitWrite } from './write.ts'

/** The memory that a request's process has in the state; 0: none. */
export function memoryOf(world: World, request: RequestEntry): number {
  return request.controller.memoryPart === 0 ? 0 : (world.state[request.controller.memoryPart] as number)
}

/** The root of a request's trie for a memory: that which its process has in the state, or had when it began. */
export function rootOf(world: World, request: RequestEntry, memory = memoryOf(world, request)): TrieNode {
  let root = request.roots.get(memory)
  if (root === undefined) {
    root = createNode(false)
    request.roots.set(memory, root)
  }
  return root
}

/** Where a run begins, other than at the start of an undisturbed reconcile. */
export interface RunPlace {
  /** The reconcile in flight that it continues, with the write of its batch that the run commits. */
  readonly inFlight: InFlight | undefined
  readonly offset: number
  /** Calls that fail by a fault. */
  readonly errors: readonly ApiErrorChoice[]
  /** Part of `inFlight` when its instance was replaced; 0: it was not. */
  readonly retired: number
}

/** Where a run has begun. */
export function placeOf({ inFlight, offset, errors, retired }: Run): RunPlace {
  return { inFlight, offset, errors, retired }
}

/** Starts `run` anew: `world.truth` becomes the state again. */
export function beginRun(world: World, run: Run, request: RequestEntry, place: RunPlace | undefined): void {
  resetRun(run, request, place?.inFlight, rootOf(world, request))
  run.offset = place?.offset ?? 0
  run.errors = place?.errors ?? NO_ERRORS
  run.retired = place?.retired ?? 0
  world.truthIsCopied = false
}

/**
 * Takes a run as far as its granularity lets it, or, when it is to be `whole`, to its end. With `keep` the answers are
 * kept as data. A run in flight first commits the write of its batch that it stands for.
 */
export function walk(world: World, run: Run, keep: boolean, whole = world.rules.granularity === 'reconcile'): void {
  if (run.inFlight !== undefined && !commitInFlight(world, run, run.inFlight)) return
  for (;;) {
    const { node } = run
    if (node.leaf !== undefined) {
      run.leaf = node.leaf
      run.stoppedAt = 'leaf'
      return
    }
    if (node.operation === undefined) {
      run.stoppedAt = 'miss'
      return
    }
    if (!whole && commits(node.operation)) {
      // What is called together with the write is learnt by running on; then the whole batch is known.
      run.stoppedAt = node.soleChild === undefined ? 'miss' : 'write'
      return
    }
    if (!step(world, run, keep)) return
  }
}

/**
 * The writes called together at a node, in the order issued (`Promise.all`): the code saw no answer between them, so
 * whatever child is followed they are the same. At granularity write they commit in any order.
 */
export function batchAt(node: TrieNode): readonly CommitOperation[] {
  const batch: CommitOperation[] = []
  for (let at: TrieNode | undefined = node; at !== undefined && at.batch === node.batch; at = at.soleChild) {
    if (!commits(at.operation)) break
    batch.push(at.operation)
  }
  return batch
}

/** Commits the run's write of the batch in flight. True when the batch is complete and the run is to go on. */
function commitInFlight(world: World, run: Run, inFlight: InFlight): boolean {
  const batch = batchAt(inFlight.node)
  const operation = batch[run.offset] as CommitOperation
  run.replies.push(...inFlight.replies)
  const held = run.heldSlots.length
  const place = inFlight.replies.length + run.offset
  answerCall(world, run, { operation, place, keep: true })
  run.place = inFlight.replies.length + batch.length
  const reply = lastReply(run)
  run.calls.push({ place, operation, reply, from: 0, to: run.changes.length })
  if (batch.length > 1) {
    run.replies.pop()
    const early = [...inFlight.early, { offset: run.offset, reply }].sort((a, b) => a.offset - b.offset)
    if (early.length < batch.length) {
      run.early = early
      run.stoppedAt = 'write'
      return false
    }
    // Answers are held in the order issued, as when the code runs.
    run.heldSlots.length = held
    run.heldRevisions.length = held
    for (const done of early) {
      run.replies.push(done.reply)
      holdReply(run, done.reply)
    }
  }
  for (const { key } of run.replies.slice(inFlight.replies.length)) {
    const child = childOf(run.node, key)
    if (child === undefined) {
      run.stoppedAt = 'miss'
      return false
    }
    run.node = child
  }
  return true
}

/** Answers the call at the run's node and moves on; false (and `miss`) when nobody has been there. */
function step(world: World, run: Run, keep: boolean): boolean {
  const { operation } = run.node
  const from = run.changes.length
  const place = run.place++
  const key = answerCall(world, run, { operation: operation as Operation, place, keep })
  if (keep)
    run.calls.push({ place, operation: operation as Operation, reply: lastReply(run), from, to: run.changes.length })
  const child = childOf(run.node, key)
  if (child === undefined) {
    run.stoppedAt = 'miss'
    return false
  }
  run.node = child
  return true
}

interface Call {
  readonly operation: Operation
  readonly place: number
  readonly keep: boolean
}

/** Answers a call of a run: by the fault that strikes it, or from the state. Returns the trie edge. */
export function answerCall(world: World, run: Run, { operation, place, keep }: Call): number {
  for (const error of run.errors) {
    // Where reads are answered otherwise than in life, the call of that number may be another.
    if (error.call !== place || !canFail(world, operation)) continue
    // With each read answered from the truth, none fails: what is taken for absent since it could not be read is not.
    if (world.readsFrom === 'truth' && !commits(operation)) continue
    if (operation.op === 'external') {
      const key = timeOutExternal(world, run, operation, { applied: error.type === 'timeout-applied', keep })
      run.changesAtError = run.changes.length
      return key
    }
    if (operation.op === 'write') run.writes++
    if (operation.op === 'write' && error.type === 'timeout-applied') {
      const from = run.changes.length
      commitWrite(world, operation, run.heldRevisions, run.changes)
      for (let i = from; i < run.changes.length; i++)
        run.changes[i] = { ...(run.changes[i] as CommittedChange), answerLost: true }
      run.commitEnds.push(run.changes.length)
    }
    run.changesAtError = run.changes.length
    const reply = errorReply(operation, error.type)
    if (keep) run.replies.push(reply)
    return reply.key
  }
  return evaluate(world, run, operation, keep)
}

/** Answers a call from the state; writes are committed to `world.truth`. Returns the trie edge. */
export function evaluate(world: World, run: Run, operation: Operation, keep: boolean): number {
  switch (operation.op) {
    case 'get':
      return evaluateGet(world, run, operation, keep)
    case 'list':
      return evaluateList(world, run, operation, keep)
    case 'now':
      return evaluateNow(world, run, operation, keep)
    case 'random':
      return evaluateRandom(run, operation, keep)
    case 'event':
      return evaluateEvent(world, run, keep)
    case 'external':
      return evaluateExternal(world, run, operation, keep)
    case 'write': {
      run.writes++
      const effect = commitWrite(world, operation, run.heldRevisions, run.changes)
      if (effect.changes.length > 0) run.commitEnds.push(run.changes.length)
      return answerWrite(world, run, effect, keep)
    }
  }
}

/** The trie edge: for an object its version, and whether the caller held this revision of it already. */
function answerWrite(world: World, run: Run, effect: WriteEffect, keep: boolean): number {
  if (effect.status !== undefined) {
    if (keep) run.replies.push({ key: effect.key, objects: [], form: 'status', value: effect.status })
    return effect.key
  }
  if (effect.slot < 0) {
    if (keep) run.replies.push({ key: effect.key, objects: [], form: 'object' })
    return effect.key
  }
  const slot = world.cluster.slots[effect.slot]
  const revision = slot === undefined ? 0 : (world.truth[slot.part + 1] as number)
  const key = effect.version * 4 + relation(run, effect.slot, revision)
  const reply = { key, objects: [effect.slot, effect.version, revision], form: 'object' as const }
  if (keep) run.replies.push(reply)
  holdReply(run, reply)
  return key
}
