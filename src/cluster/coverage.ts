/**
 * Whether the reads of absorbed no-ops are covered by watches. No-op absorption takes a request that would do nothing
 * out of the queue at once; that is right because whatever changes its reads enqueues it again. Declarations cannot
 * promise this (predicates and mapping functions decide), so it is observed: the first change anywhere in the search
 * that touches a remembered read without enqueueing the request switches absorption off for the controller.
 */
import type { Plan } from './plan.ts'
import type { Cluster, RequestEntry } from './tables.ts'
import type { Operation } from './trie.ts'

export interface CoverageTable {
  /** Reads of absorbed runs, by request. */
  readonly reads: Map<RequestEntry, Set<Operation>>
  readonly deliveries: Plan[]
}

export function coverageTable(): CoverageTable {
  return { reads: new Map(), deliveries: [] }
}

/** Remembers the reads of a request that is absorbed. */
export function noteAbsorbed(cluster: Cluster, request: RequestEntry, reads: readonly Operation[]): void {
  let known = cluster.coverage.reads.get(request)
  if (known === undefined) {
    known = new Set()
    cluster.coverage.reads.set(request, known)
  }
  for (const read of reads) {
    if (known.has(read)) continue
    known.add(read)
    for (const plan of cluster.coverage.deliveries) check(cluster, plan, request, read)
  }
}

/** Remembers a change that can be delivered. */
export function noteDelivery(cluster: Cluster, plan: Plan): void {
  cluster.coverage.deliveries.push(plan)
  for (const [request, reads] of cluster.coverage.reads) for (const read of reads) check(cluster, plan, request, read)
}

function check(cluster: Cluster, plan: Plan, request: RequestEntry, read: Operation): void {
  if (request.controller.absorptionOff || !touches(plan, read)) return
  const inProcess = plan.processes.find((entry) => entry.process === request.controller.process)
  if (inProcess?.requests.includes(request)) return
  // A mapping function that reads may enqueue it in one state and not in another: taken as not covered.
  request.controller.absorptionOff = true
  const name = request.controller.definition.name
  const { resource } = plan.slot.kind
  cluster.counters.restartReason = `a change of ${resource.kind} does not wake ${name}`
  cluster.counters.lints.set(
    `uncovered-read:${name}:${resource.kind}`,
    `${name} reads ${resource.kind} (for ${request.label}), but a change of ${resource.kind} ${plan.slot.namespace}/${plan.slot.name} does not enqueue that request: it may act late, or never.`,
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
