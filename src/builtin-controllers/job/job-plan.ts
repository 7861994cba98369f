/**
 * What a Job does next and how it stands, as pure functions of the Job and its pods.
 * Source: https://kubernetes.io/docs/concepts/workloads/controllers/job/
 */
import { formatTimestamp } from '#api/identity.ts'
import type { Condition, Pod } from '../kinds.ts'
import { hasEnded, isActive, isReady, isTerminating } from '../pod-state.ts'
import { podsToDelete } from '../replicaset/pods-to-delete.ts'
import type { Job, JobStatus } from './job-kind.ts'

export const indexAnnotation = 'batch.kubernetes.io/job-completion-index'

export interface JobPlan {
  /** The completion index of each pod to be created; undefined in a Job without indexes. */
  readonly create: readonly (number | undefined)[]
  readonly delete: readonly Pod[]
  /** Why the Job is about to end: it waits only for its pods to stop. */
  readonly end: JobEnd | undefined
}

export interface JobEnd {
  readonly type: 'Complete' | 'Failed'
  readonly reason: 'CompletionsReached' | 'BackoffLimitExceeded' | 'DeadlineExceeded'
}

/** How a Job stands to its `activeDeadlineSeconds`; a suspended Job and one without a deadline have none. */
export interface JobDeadline {
  /** The deadline counts from here. */
  readonly startTime: string
  /** Negative or 0: it has passed. */
  readonly remainingMs: number
}

/** The clock starts with the first look at a Job that is not suspended, and again when it is resumed. */
export function deadlineOf({ spec, status }: Job, clock: { now(): Date }): JobDeadline | undefined {
  if (spec.activeDeadlineSeconds === undefined || spec.suspend === true) return undefined
  const now = clock.now().getTime()
  const startTime = status?.startTime ?? formatTimestamp(now)
  return { startTime, remainingMs: Date.parse(startTime) + spec.activeDeadlineSeconds * 1000 - now }
}

export function planJob(job: Job, pods: readonly Pod[], deadline: JobDeadline | undefined): JobPlan {
  const active = pods.filter(isActive)
  const end = endReached(job, pods, deadline)
  if (end !== undefined || job.spec.suspend === true) return { create: [], delete: active, end }
  const missing = wantedActive(job, pods) - active.length
  if (missing <= 0) return { create: [], delete: podsToDelete(active, -missing), end }
  const indexes = job.spec.completionMode === 'Indexed' ? openIndexes(job, pods) : undefined
  const create = Array.from({ length: missing }, (_, index) => indexes?.[index])
  return { create: indexes === undefined ? create : create.slice(0, indexes.length), delete: [], end }
}

function withPhase(pods: readonly Pod[], phase: 'Succeeded' | 'Failed'): readonly Pod[] {
  return pods.filter(({ status }) => status?.phase === phase)
}

/** With indexes, those that have succeeded at least once. */
function successes(job: Job, pods: readonly Pod[]): number {
  const succeeded = withPhase(pods, 'Succeeded')
  return job.spec.completionMode === 'Indexed' ? new Set(succeeded.map(indexOf)).size : succeeded.length
}

function endReached(job: Job, pods: readonly Pod[], deadline: JobDeadline | undefined): JobEnd | undefined {
  if (withPhase(pods, 'Failed').length > (job.spec.backoffLimit ?? 6)) {
    return { type: 'Failed', reason: 'BackoffLimitExceeded' }
  }
  if (deadline !== undefined && deadline.remainingMs <= 0) return { type: 'Failed', reason: 'DeadlineExceeded' }
  const succeeded = successes(job, pods)
  const isDone =
    job.spec.completions === undefined
      ? succeeded > 0 && !pods.some(isActive)
      : succeeded >= job.spec.completions && job.spec.suspend !== true
  return isDone ? { type: 'Complete', reason: 'CompletionsReached' } : undefined
}

/** A Job without completions is a work queue: once a pod has succeeded, no new one starts. */
function wantedActive(job: Job, pods: readonly Pod[]): number {
  const { completions, parallelism = 1 } = job.spec
  const succeeded = successes(job, pods)
  if (completions === undefined)
    return succeeded > 0 ? Math.min(parallelism, pods.filter(isActive).length) : parallelism
  return Math.max(0, Math.min(parallelism, completions - succeeded))
}

function openIndexes(job: Job, pods: readonly Pod[]): readonly number[] {
  const taken = new Set(pods.filter((pod) => isActive(pod) || pod.status?.phase === 'Succeeded').map(indexOf))
  return Array.from({ length: job.spec.completions ?? 0 }, (_, index) => index).filter((index) => !taken.has(index))
}

function indexOf({ metadata }: Pod): number {
  return Number(metadata.annotations?.[indexAnnotation] ?? -1)
}

/** Times of the status, where somebody counts from them. */
export interface JobTimes {
  readonly startTime?: string | undefined
  /** Of the terminal condition. */
  readonly endedAt?: string | undefined
}

/** The status once `plan` is carried out. */
export function countStatus(
  job: Job,
  pods: readonly Pod[],
  plan: JobPlan,
  { startTime, endedAt }: JobTimes,
): JobStatus {
  const remaining = pods.filter((pod) => isActive(pod) && !plan.delete.includes(pod))
  const stopping = pods.filter((pod) => !hasEnded(pod) && (isTerminating(pod) || plan.delete.includes(pod)))
  const active = remaining.length + plan.create.length
  const succeeded = withPhase(pods, 'Succeeded')
  const failed = withPhase(pods, 'Failed').length
  const conditions = conditionsOf(job, plan.end, active + stopping.length === 0, endedAt)
  const indexes = job.spec.completionMode === 'Indexed' ? formatIndexes(succeeded.map(indexOf)) : ''
  return {
    ...(startTime === undefined ? {} : { startTime }),
    ...(active === 0 ? {} : { active }),
    ready: remaining.filter(isReady).length,
    terminating: stopping.length,
    ...(succeeded.length === 0 ? {} : { succeeded: successes(job, pods) }),
    ...(failed === 0 ? {} : { failed }),
    ...(indexes === '' ? {} : { completedIndexes: indexes }),
    ...(conditions.length === 0 ? {} : { conditions }),
  }
}

/** Whether the Job ends with this plan: all its pods have stopped. */
export function endsNow(pods: readonly Pod[], plan: JobPlan): boolean {
  return plan.end !== undefined && plan.delete.length === 0 && pods.every(hasEnded)
}

/** An end is announced first, and the terminal condition comes when all pods have stopped. */
function conditionsOf(
  job: Job,
  end: JobEnd | undefined,
  hasStopped: boolean,
  endedAt: string | undefined,
): readonly Condition[] {
  const known = job.status?.conditions ?? []
  if (end !== undefined) {
    const announced = end.type === 'Complete' ? 'SuccessCriteriaMet' : 'FailureTarget'
    const ended = [announced, ...(hasStopped ? [end.type] : [])].map((type): Condition => {
      const time = type === end.type && endedAt !== undefined ? { lastTransitionTime: endedAt } : {}
      return { type, status: 'True', reason: end.reason, ...time }
    })
    return [...known.filter(({ type }) => !ended.some((condition) => condition.type === type)), ...ended]
  }
  const suspended = known.find(({ type }) => type === 'Suspended')
  const isSuspended = job.spec.suspend === true
  if ((suspended?.status === 'True') === isSuspended) return known
  const changed: Condition = isSuspended
    ? { type: 'Suspended', status: 'True', reason: 'JobSuspended' }
    : { type: 'Suspended', status: 'False', reason: 'JobResumed' }
  return [...known.filter(({ type }) => type !== 'Suspended'), changed]
}

/** `0,2-4`: two neighbours are written with a comma, three and more with a dash. */
function formatIndexes(indexes: readonly number[]): string {
  const sorted = [...new Set(indexes)].sort((left, right) => left - right)
  const runs: [number, number][] = []
  for (const index of sorted) {
    const last = runs.at(-1)
    if (last !== undefined && last[1] === index - 1) last[1] = index
    else runs.push([index, index])
  }
  return runs.map(([from, to]) => (from === to ? String(from) : `${from}${to === from + 1 ? ',' : '-'}${to}`)).join(',')
}
