/** The numbers of fairness classes: a request's reconcile (whole or in parts), its timer, the deliveries of an episode. */
import type { Cluster, Process, RequestEntry } from './tables.ts'

const RECONCILE = 1
const DELIVERY = 2
const TIMER = 3

export function reconcileClass(request: RequestEntry): number {
  return request.id * 4 + RECONCILE
}

export function timerClass(request: RequestEntry): number {
  return request.id * 4 + TIMER
}

/** A reconcile in flight of an instance that was replaced, by its part. Parts are of one kind only. */
export function retiredClass(part: number): number {
  return deliveryClass(part)
}

export function deliveryClass(episodePart: number): number {
  return episodePart * 4 + DELIVERY
}

/** Faults are never assumed to be fair, and their edges are left out of all cycles: the number tells whom they befall. */
export function faultClass(process: Process): number {
  return (process.id + 1) * 4
}

/** The process of a fault's class; undefined of the outside world's, which is 0. */
export function processOfFault(cluster: Cluster, fairClass: number): Process | undefined {
  return (fairClass & 3) === 0 ? cluster.processes[(fairClass >> 2) - 1] : undefined
}

/** The request of a reconcile's or a timer's class. */
export function requestOfClass(cluster: Cluster, fairClass: number): RequestEntry | undefined {
  return cluster.requests[fairClass >> 2]
}
