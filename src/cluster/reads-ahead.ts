/**
 * The reads that a reconcile will probably make next, with their answers, so that a host in another process need not
 * ask for each. They follow the trie as far as it goes, and then the calls of the request's last run. A guess decides
 * nothing: what the code really calls comes to `respond`, in order, and is answered there once more.
 */
import type { HostCall, HostReply } from '#controller/host.ts'
import { lastReply } from './evaluate.ts'
import { createRun, type Run } from './run.ts'
import type { Reply, RequestEntry } from './tables.ts'
import { childOf, type Operation, type TrieNode } from './trie.ts'
import { answerCall } from './walk.ts'
import type { World } from './world.ts'

const READS_MAX = 32

/** The calls of the last run of each request. */
const lastCalls = new WeakMap<RequestEntry, readonly Operation[]>()

export function rememberCalls(request: RequestEntry, calls: readonly Operation[]): void {
  lastCalls.set(request, calls)
}

interface Place {
  readonly run: Run
  readonly node: TrieNode
  /** Number of the next call. */
  readonly place: number
}

/** The reads that follow where a run stands, each with its answer in the state; ends before the first other call. */
export function readsAhead(
  world: World,
  { run, node, place }: Place,
  materialise: (operation: Operation, reply: Reply) => HostReply,
): readonly { readonly call: HostCall; readonly reply: HostReply }[] {
  const calls = lastCalls.get(run.request) ?? []
  const ahead: { call: HostCall; reply: HostReply }[] = []
  const trial = createRun(run.request, node)
  trial.errors = run.errors
  trial.heldSlots.push(...run.heldSlots)
  trial.heldRevisions.push(...run.heldRevisions)
  let at: TrieNode | undefined = node
  for (let index = place; ahead.length < READS_MAX; index++) {
    const operation: Operation | undefined = at?.operation ?? (at?.leaf === undefined ? calls[index] : undefined)
    if (operation === undefined || (operation.op !== 'get' && operation.op !== 'list')) break
    const key = answerCall(world, trial, { operation, place: index, keep: true })
    ahead.push({ call: operation.call, reply: materialise(operation, lastReply(trial)) })
    at = at === undefined ? undefined : childOf(at, key)
  }
  return ahead
}
