/**
 * What the reconciles of each request were seen to read and write, from their tries. Where nobody writes what another
 * one touches, the writes of different reconciles commute with everything of the others, so searching write by write
 * shows nothing that whole reconciles do not.
 */
import type { Cluster, RequestEntry } from './tables.ts'
import { type CommitOperation, commits, type Operation, type TrieNode } from './trie.ts'

interface Footprint {
  readonly request: RequestEntry | undefined
  readonly reads: ReadonlySet<Operation>
  readonly writes: ReadonlySet<CommitOperation>
}

/**
 * Whether some reconcile or user action writes what another controller's writing reconcile reads or writes. With two
 * `instances` of a process every reconcile may meet itself.
 */
export function interferes(cluster: Cluster, { instances }: { readonly instances: number }): boolean {
  const footprints = cluster.requests.map(footprintOf)
  const user: Footprint = {
    request: undefined,
    reads: new Set(),
    writes: new Set(
      cluster.actions.flatMap(({ whenAbsent, whenPresent }) =>
        [whenAbsent, whenPresent].filter((w) => w !== undefined),
      ),
    ),
  }
  const environment: Footprint = { request: undefined, reads: new Set(), writes: cluster.environmentWrites }
  const writers = [...footprints, user, environment].filter(({ writes }) => writes.size > 0)
  return footprints.some(
    (victim) =>
      victim.writes.size > 0 &&
      writers.some((writer) => (instances > 1 || mayInterleave(writer, victim)) && touches(writer, victim)),
  )
}

function mayInterleave(writer: Footprint, victim: Footprint): boolean {
  if (writer === victim) return false
  const a = writer.request?.controller
  const b = victim.request?.controller
  return a !== b || (a?.definition.maxConcurrentReconciles ?? 1) > 1
}

function touches(writer: Footprint, victim: Footprint): boolean {
  for (const write of writer.writes) {
    for (const other of victim.writes) if (sameTarget(write, other)) return true
    for (const read of victim.reads) if (reads(read, write)) return true
  }
  return false
}

function sameTarget(a: CommitOperation, b: CommitOperation): boolean {
  if (a.slot !== undefined && b.slot !== undefined) return a.slot === b.slot
  return a.kind === b.kind
}

function reads(read: Operation, write: CommitOperation): boolean {
  if (write.op === 'external' || read.op === 'external') return read.op === 'external' && read.slot === write.slot
  if (read.op === 'get') return write.slot === undefined ? write.kind === read.slot.kind : write.slot === read.slot
  if (read.op !== 'list') return false
  if (read.kind !== undefined && read.kind !== write.kind) return false
  return read.namespace === '' || write.call.namespace === undefined || read.namespace === write.call.namespace
}

function footprintOf(request: RequestEntry): Footprint {
  const reads = new Set<Operation>()
  const writes = new Set<CommitOperation>()
  const stack: TrieNode[] = [...request.roots.values()]
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    const { operation } = node
    if (commits(operation)) writes.add(operation)
    else if (operation?.op === 'get' || operation?.op === 'list' || operation?.op === 'external') reads.add(operation)
    if (node.soleChild !== undefined) stack.push(node.soleChild)
    if (node.children !== undefined) stack.push(...node.children.values())
  }
  return { request, reads, writes }
}
