/**
 * How a Job counts each of its pods exactly once. A pod carries a finalizer until it is counted: its uid is written down
 * in the status, then the finalizer goes, then the uid becomes part of a count. So a pod that is removed is not forgotten,
 * and none is counted twice, wherever the controller stops in between.
 *
 * Source: https://kubernetes.io/docs/concepts/workloads/controllers/job/#job-tracking-with-finalizers
 */
import type { Pod } from '../kinds.ts'
import { isTerminating } from '../pod-state.ts'
import type { Job, JobStatus } from './job-kind.ts'

export const trackingFinalizer = 'batch.kubernetes.io/job-tracking'
export const indexAnnotation = 'batch.kubernetes.io/job-completion-index'

/** What a Job knows of the pods that have ended. */
export interface Ledger {
  /** Of a Job with indexes: how many of them have succeeded. */
  readonly succeeded: number
  readonly failed: number
  /** Undefined in a Job without indexes. Sorted. */
  readonly indexes: readonly number[] | undefined
  /** Uids that are written down and not in the counts yet. */
  readonly uncounted: { readonly succeeded: readonly string[]; readonly failed: readonly string[] }
}

export function isTracked({ metadata }: Pod): boolean {
  return metadata.finalizers?.includes(trackingFinalizer) === true
}

/** A pod that is on its way out counts as failed at once, unless only pods that have failed are to be replaced. */
export function countsAsFailed(pod: Pod, { spec }: Job): boolean {
  if (pod.status?.phase === 'Failed') return true
  return spec.podReplacementPolicy !== 'Failed' && isTerminating(pod) && pod.status?.phase !== 'Succeeded'
}

export function indexOf({ metadata }: Pod): number {
  return Number(metadata.annotations?.[indexAnnotation] ?? -1)
}

/** What the status says, with the uids counted whose pods carry no finalizer any more. */
export function ledgerOf({ spec, status = {} }: Job, pods: readonly Pod[]): Ledger {
  const { succeeded = 0, failed = 0, completedIndexes = '', uncountedTerminatedPods: uncounted = {} } = status
  const ledger: Ledger = {
    succeeded,
    failed,
    indexes: spec.completionMode === 'Indexed' ? parseIndexes(completedIndexes) : undefined,
    uncounted: { succeeded: uncounted.succeeded ?? [], failed: uncounted.failed ?? [] },
  }
  return counted(ledger, new Set(pods.filter(isTracked).map(({ metadata }) => metadata.uid)))
}

/** Counts the uids that are not among those of pods with the finalizer. */
export function counted(ledger: Ledger, tracked: ReadonlySet<string>): Ledger {
  const kept = (uids: readonly string[]): readonly string[] => uids.filter((uid) => tracked.has(uid))
  const uncounted = { succeeded: kept(ledger.uncounted.succeeded), failed: kept(ledger.uncounted.failed) }
  return {
    ...ledger,
    succeeded: ledger.succeeded + ledger.uncounted.succeeded.length - uncounted.succeeded.length,
    failed: ledger.failed + ledger.uncounted.failed.length - uncounted.failed.length,
    uncounted,
  }
}

/** With the pods written down that have ended; where the Job fails, all others have failed, too. */
export function withEnded(ledger: Ledger, job: Job, pods: readonly Pod[], fails = false): Ledger {
  const succeeded = new Set(ledger.uncounted.succeeded)
  const failed = new Set(ledger.uncounted.failed)
  const indexes = new Set(ledger.indexes)
  for (const pod of pods.filter(isTracked)) {
    const { uid } = pod.metadata
    if (pod.status?.phase === 'Succeeded' && !failed.has(uid)) {
      if (ledger.indexes === undefined) succeeded.add(uid)
      else if (isIndexOf(job, indexOf(pod))) indexes.add(indexOf(pod))
    } else if (fails || countsAsFailed(pod, job)) failed.add(uid)
  }
  return {
    succeeded: ledger.indexes === undefined ? ledger.succeeded : indexes.size,
    failed: ledger.failed,
    indexes: ledger.indexes && [...indexes].sort((left, right) => left - right),
    uncounted: { succeeded: [...succeeded], failed: [...failed] },
  }
}

/** How many have succeeded and failed, counted or only written down. */
export function totals({ succeeded, failed, uncounted }: Ledger): {
  readonly succeeded: number
  readonly failed: number
} {
  return { succeeded: succeeded + uncounted.succeeded.length, failed: failed + uncounted.failed.length }
}

/** As the status has it; counts of 0 and empty lists are left out. */
export function ledgerStatus({ succeeded, failed, indexes, uncounted }: Ledger): JobStatus {
  return {
    ...(succeeded === 0 ? {} : { succeeded }),
    ...(failed === 0 ? {} : { failed }),
    ...(indexes === undefined || indexes.length === 0 ? {} : { completedIndexes: formatIndexes(indexes) }),
    uncountedTerminatedPods: {
      ...(uncounted.succeeded.length === 0 ? {} : { succeeded: uncounted.succeeded }),
      ...(uncounted.failed.length === 0 ? {} : { failed: uncounted.failed }),
    },
  }
}

function isIndexOf({ spec }: Job, index: number): boolean {
  return index >= 0 && index < (spec.completions ?? 0)
}

/** `0,2-4`: two neighbours are written with a comma, three and more with a dash. */
function formatIndexes(sorted: readonly number[]): string {
  const runs: [number, number][] = []
  for (const index of sorted) {
    const last = runs.at(-1)
    if (last !== undefined && last[1] === index - 1) last[1] = index
    else runs.push([index, index])
  }
  return runs.map(([from, to]) => (from === to ? String(from) : `${from}${to === from + 1 ? ',' : '-'}${to}`)).join(',')
}

function parseIndexes(text: string): readonly number[] {
  return text
    .split(',')
    .filter((run) => run !== '')
    .flatMap((run) => {
      const [from = 0, to = from] = run.split('-').map(Number)
      return Array.from({ length: to - from + 1 }, (_, index) => from + index)
    })
}
