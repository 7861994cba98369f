/**
 * Whether absorbed no-ops stay no-ops. No-op absorption takes a request r that would do nothing out of the queue at
 * once; in the plain search it might have waited while others change what it reads. That comes to the same if every
 * such change either enqueues r again or leaves it a no-op. Declarations cannot promise this (predicates and mapping
 * functions decide), so it is observed: the reads of absorbed runs are remembered, and whenever a change of them is
 * delivered without enqueueing r, r is walked there. While it does nothing, r is as good as absorbed again (its reads
 * there are remembered too); the first time it would do something, absorption is switched off for its controller, the
 * search starts again, and the read is a lint: that controller is not told of a change that it would act on.
 *
 * A reconcile's own changes are left out: a request that has just run was not waiting.
 */
import type { Plan, ProcessPlan } from './plan.ts'
import type { Cluster, ControllerEntry, RequestEntry } from './tables.ts'
import type { Operation } from './trie.ts'

export interface CoverageTable {
  /** Reads of absorbed runs, by request. */
  readonly reads: Map<RequestEntry, Set<Operation>>
  /** Grows with every read that is added. */
  revision: number
  readonly uncovered: Map<ProcessPlan, { readonly revision: number; readonly requests: readonly RequestEntry[] }>
}

export function coverageTable(): CoverageTable {
  return { reads: new Map(), revision: 0, uncovered: new Map() }
}

/** Remembers the reads of a run that does nothing. */
export function noteAbsorbed(cluster: Cluster, request: RequestEntry, reads: readonly Operation[]): void {
  const { coverage } = cluster
  let known = coverage.reads.get(request)
  if (known === undefined) {
    known = new Set()
    coverage.reads.set(request, known)
  }
  for (const read of reads) {
    if (known.has(read)) continue
    known.add(read)
    coverage.revision++
  }
}

/** Requests of a controller that were absorbed somewhere. */
export function absorbedRequestsOf(cluster: Cluster, controller: ControllerEntry): readonly RequestEntry[] {
  return [...cluster.coverage.reads.keys()].filter((request) => request.controller === controller)
}

const NONE: readonly RequestEntry[] = []

/** Requests of the process whose remembered reads a change touches, and which it does not enqueue. */
export function uncoveredRequests(cluster: Cluster, plan: Plan, entry: ProcessPlan): readonly RequestEntry[] {
  const { coverage } = cluster
  if (coverage.reads.size === 0) return NONE
  const known = coverage.uncovered.get(entry)
  if (known !== undefined && known.revision === coverage.revision) return known.requests
  const requests: RequestEntry[] = []
  for (const [request, reads] of coverage.reads) {
    const { controller } = request
    if (controller.process !== entry.process || !isAbsorbed(controller) || entry.requests.includes(request)) continue
    for (const read of reads) {
      if (!touches(plan, read)) continue
      requests.push(request)
      break
    }
  }
  coverage.uncovered.set(entry, { revision: coverage.revision, requests })
  return requests
}

export function isAbsorbed({ absorbedUpTo }: ControllerEntry): boolean {
  return absorbedUpTo === Number.POSITIVE_INFINITY
}

export function noteNotAbsorbable(cluster: Cluster, controller: ControllerEntry): void {
  if (isAbsorbed(controller)) controller.absorbedUpTo = cluster.learnt++
}

/** Absorption is wrong for this controller: a change that does not wake it makes it act. */
export function switchAbsorptionOff(cluster: Cluster, request: RequestEntry, plan: Plan): void {
  noteNotAbsorbable(cluster, request.controller)
  const name = request.controller.definition.name
  const { resource } = plan.slot.kind
  cluster.counters.restartReason = `a change of ${resource.kind} does not wake ${name}`
  cluster.counters.lints.set(
    `uncovered-read:${name}:${resource.kind}`,
    `${name} would act on a change of ${resource.kind} ${plan.slot.namespace}/${plan.slot.name} that does not enqueue its request (${request.label}): no watch, predicate or mapping function wakes it, so it acts late, or never.`,
  )
}

function touches(plan: Plan, read: Operation): boolean {
  if (read.op === 'get') return read.slot === plan.slot
  if (read.op !== 'list') return false
  if (read.kind !== undefined && read.kind !== plan.slot.kind) return false
  if (read.namespace !== '' && read.namespace !== plan.slot.namespace) return false
  const { matches } = read
  if (matches === undefined) return true
  return (plan.before !== 0 && matches(plan.before)) || (plan.after !== 0 && matches(plan.after))
}
