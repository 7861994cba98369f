/** Where the changes of an object came from: the changes from outside that led to them, and all else that those caused. */
import type { ObjectName } from '#trace/path.ts'
import { type CausalGraph, type GraphReconcile, type GraphWrite, inOrder } from './causal-graph.ts'
import { explainAll, isFromOutside } from './why.ts'

export interface Provenance {
  readonly object: ObjectName
  /** Each change of it in the trace, oldest first. */
  readonly changes: readonly {
    readonly write: GraphWrite
    /** Lines of the changes from outside that led to it. None: the initial state, a start, or somebody who is not in the trace. */
    readonly external: readonly number[]
  }[]
  /** Those changes, and what each caused. */
  readonly external: readonly ExternalChange[]
}

export interface ExternalChange {
  readonly write: GraphWrite
  /** Reconciles in the order in which they were woken, and what they wrote. A reconcile may have other causes, too. */
  readonly caused: readonly CausedReconcile[]
}

export interface CausedReconcile {
  readonly reconcile: string
  readonly line: number
  /** The reconcile whose write or retry woke it first; absent: the change did. */
  readonly after?: string
  /** The write that woke it; absent for a retry or a timer. */
  readonly wokenBy?: GraphWrite
  readonly writes: readonly GraphWrite[]
}

/** Undefined where nothing in the trace writes the object. */
export function findProvenance(graph: CausalGraph, object: ObjectName): Provenance | undefined {
  const writes = inOrder(graph.writes.filter((write) => write.object === object))
  if (writes.length === 0) return undefined
  const external = new Map<number, GraphWrite>()
  const changes = writes.map((write) => {
    const author = graph.reconcile(write.by)
    const from = author === undefined || isFromOutside(graph, write) ? [write] : explainAll(graph, [author]).external
    for (const each of from) external.set(each.line, each)
    return { write, external: from.map(({ line }) => line) }
  })
  return {
    object,
    changes,
    external: inOrder(external.values()).map((write) => ({ write, caused: causedBy(graph, write) })),
  }
}

function causedBy(graph: CausalGraph, root: GraphWrite): readonly CausedReconcile[] {
  const after = retriesOf(graph)
  const caused = new Map<GraphReconcile, CausedReconcile>()
  const wake = (reconcile: GraphReconcile, by: { readonly after?: string; readonly wokenBy?: GraphWrite }): void => {
    const { id, line, writes } = reconcile
    if (!caused.has(reconcile)) caused.set(reconcile, { reconcile: id, line, ...by, writes })
  }
  for (const reconcile of graph.wokenBy(root)) wake(reconcile, { wokenBy: root })
  for (const reconcile of caused.keys()) {
    for (const write of reconcile.writes)
      for (const next of graph.wokenBy(write)) wake(next, { after: reconcile.id, wokenBy: write })
    for (const next of after.get(reconcile) ?? []) wake(next, { after: reconcile.id })
  }
  return [...caused.values()]
}

/** Reconciles that ask for another one of theirs, by an error, a requeue or a timer. */
function retriesOf(graph: CausalGraph): ReadonlyMap<GraphReconcile, readonly GraphReconcile[]> {
  const after = new Map<GraphReconcile, GraphReconcile[]>()
  for (const reconcile of graph.reconciles) {
    if (reconcile.previous === undefined) continue
    if (!reconcile.causes.some(({ type }) => type === 'retry' || type === 'timer')) continue
    after.set(reconcile.previous, [...(after.get(reconcile.previous) ?? []), reconcile])
  }
  return after
}
