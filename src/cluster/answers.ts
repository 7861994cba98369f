/** What a reconcile had been answered before it made a change: what it knew. */
import { createRun, type Run } from './run.ts'
import type { Reply, Slot } from './tables.ts'
import { childOf, type Operation, type TrieNode } from './trie.ts'
import { versionOf } from './versions.ts'
import { beginRun, memoryOf, placeOf, rootOf, walk } from './walk.ts'
import type { World } from './world.ts'

export interface Answer {
  readonly operation: Operation
  readonly reply: Reply
}

let scratch: Run | undefined

/** The answers that a run of the state being expanded had before its change number `index`, oldest first. */
export function answersBefore(world: World, run: Run, index: number): readonly Answer[] {
  const { request, inFlight } = run
  const root = rootOf(world, request, inFlight?.memory ?? memoryOf(world, request))
  // The write in flight was called with what it had been answered then; others of its batch say nothing yet.
  if (inFlight !== undefined) return paired(root, inFlight.replies)
  const { calls, replies } = keptRun(world, run)
  const call = calls.findIndex(({ from, to }) => from <= index && index < to)
  return paired(root, replies.slice(0, Math.max(0, call)))
}

/** The run again, with its calls and answers kept; valid until the next call. */
function keptRun(world: World, run: Run): Run {
  scratch ??= createRun(run.request, run.node)
  beginRun(world, scratch, run.request, placeOf(run))
  walk(world, scratch, true, true)
  world.truthIsCopied = false
  return scratch
}

/** Each answer with the call that it was given to. */
function paired(root: TrieNode, replies: readonly Reply[]): readonly Answer[] {
  const answers: Answer[] = []
  let node: TrieNode | undefined = root
  for (const reply of replies) {
    if (node?.operation === undefined) break
    answers.push({ operation: node.operation, reply })
    node = childOf(node, reply.key)
  }
  return answers
}

/** What a reconcile knew of an object: its last answer about it. Undefined: it never asked. */
export type Knowledge =
  | { readonly is: 'there' | 'going' | 'gone'; readonly version: number; readonly revision: number }
  | undefined

export function knowledgeOf(world: World, answers: readonly Answer[], slot: Slot): Knowledge {
  let known: Knowledge
  for (const { operation, reply } of answers) known = learnt(world, operation, reply, slot) ?? known
  return known
}

const GONE: Knowledge = { is: 'gone', version: 0, revision: 0 }

function learnt(world: World, operation: Operation, reply: Reply, slot: Slot): Knowledge {
  const { objects, form } = reply
  for (let i = 0; i < objects.length; i += 3) {
    if (objects[i] !== slot.id) continue
    const version = objects[i + 1] as number
    const { deletionTimestamp } = versionOf(world.cluster.versions, version).body.metadata
    return { is: deletionTimestamp === undefined ? 'there' : 'going', version, revision: objects[i + 2] as number }
  }
  if (operation.op === 'get') return operation.slot === slot && form === 'object' ? GONE : undefined
  if (operation.op !== 'write' || operation.slot !== slot) return undefined
  if (form === 'status') return (reply.value as { readonly code?: number }).code === 404 ? GONE : undefined
  return operation.call.op === 'delete' ? { is: 'going', version: 0, revision: 0 } : undefined
}

/** The call that made a change of a run. */
export function operationOfChange(world: World, run: Run, index: number): Operation | undefined {
  const calls = run.inFlight === undefined ? keptRun(world, run).calls : run.calls
  return calls.find(({ from, to }) => from <= index && index < to)?.operation
}
