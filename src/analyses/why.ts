/** Why a reconcile ran: all its causes, the writes behind them, and why those were made, back to what came from outside. */
import type { Cause } from '#trace/path.ts'
import { type CausalGraph, type GraphReconcile, type GraphWrite, inOrder } from './causal-graph.ts'

export interface ExplainedCause extends Cause {
  /** Of an event: the writes behind it. None: the initial state, or somebody who is not in the trace. */
  readonly writes: readonly GraphWrite[]
  /** Of a retry or a timer: the reconcile that asked for it. */
  readonly after?: string
}

export interface ExplainedReconcile {
  readonly id: string
  readonly line: number
  readonly step: number
  readonly controller: string
  readonly process: string
  readonly request: string
  readonly inferred: boolean
  readonly causes: readonly ExplainedCause[]
}

export interface Why {
  readonly reconcile: string
  /** It, then those that led to it, nearest first, each once. */
  readonly reconciles: readonly ExplainedReconcile[]
  /** The writes from outside with which it all began, oldest first. */
  readonly external: readonly GraphWrite[]
}

export function explainReconcile(graph: CausalGraph, reconcile: GraphReconcile): Why {
  const { reconciles, external } = explainAll(graph, [reconcile])
  return { reconcile: reconcile.id, reconciles, external }
}

/** The reconciles that led to any of these, and these. */
export function explainAll(graph: CausalGraph, from: readonly GraphReconcile[]): Omit<Why, 'reconcile'> {
  const reached = new Set(from)
  const external = new Set<GraphWrite>()
  const reconciles: ExplainedReconcile[] = []
  for (const reconcile of reached) {
    const causes = reconcile.causes.map((cause) => explainCause(graph, reconcile, cause))
    reconciles.push(explained(reconcile, causes))
    for (const { writes, after } of causes) {
      for (const write of writes) {
        const author = graph.reconcile(write.by)
        if (isFromOutside(graph, write)) external.add(write)
        if (author !== undefined) reached.add(author)
      }
      const asked = after === undefined ? undefined : graph.reconcile(after)
      if (asked !== undefined) reached.add(asked)
    }
  }
  return { reconciles, external: inOrder(external) }
}

/** Calls that a recorder took for a reconcile, and that nothing known woke: a person's or a script's, most likely. */
export function isFromOutside(graph: CausalGraph, { by }: GraphWrite): boolean {
  const author = graph.reconcile(by)
  return author === undefined || (author.inferred && author.causes.length === 0)
}

function explainCause(graph: CausalGraph, { previous }: GraphReconcile, cause: Cause): ExplainedCause {
  const { type } = cause
  if (type === 'retry' || type === 'timer')
    return { ...cause, writes: [], ...(previous === undefined ? {} : { after: previous.id }) }
  return { ...cause, writes: graph.writesOf(cause) }
}

function explained(reconcile: GraphReconcile, causes: readonly ExplainedCause[]): ExplainedReconcile {
  const { id, line, step, controller, process, request, inferred } = reconcile
  return { id, line, step, controller, process, request, inferred, causes }
}
