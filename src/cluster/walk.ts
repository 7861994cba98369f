/**
 * Walks a reconcile through its trie in the state being expanded: no code runs. At granularity `reconcile` it goes
 * from the root to a leaf; at granularity `write` it stops before each write, and goes on from there once that
 * write's turn has come.
 */
import { evaluateGet, evaluateList, evaluateNow, evaluateRandom, lastReply } from './evaluate.ts'
import { evaluateExternal } from './evaluate-external.ts'
import { evaluateEvent } from './handled-events.ts'
import { holdReply, type Run, relation, resetRun } from './run.ts'
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

/** Which write of a batch in flight a run commits. */
export interface BatchPlace {
  readonly inFlight: InFlight
  readonly offset: number
}

/** Starts `run` anew: `world.truth` becomes the state again. */
export function beginRun(world: World, run: Run, request: RequestEntry, place: BatchPlace | undefined): void {
  resetRun(run, request, place?.inFlight, rootOf(world, request))
  run.offset = place?.offset ?? 0
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
  evaluate(world, run, operation, true)
  const reply = lastReply(run)
  run.calls.push({ operation, reply, from: 0, to: run.changes.length })
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
  const key = evaluate(world, run, operation as Operation, keep)
  if (keep) run.calls.push({ operation: operation as Operation, reply: lastReply(run), from, to: run.changes.length })
  const child = childOf(run.node, key)
  if (child === undefined) {
    run.stoppedAt = 'miss'
    return false
  }
  run.node = child
  return true
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
