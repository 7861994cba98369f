/**
 * What a Job does next and how it stands, as pure functions of the Job and its pods.
 * Source: https://kubernetes.io/docs/concepts/workloads/controllers/job/
 */
import { formatTimestamp } from '#api/identity.ts'
import type { Condition, Pod } from '../kinds.ts'
import { hasEnded, isActive, isReady, isTerminating } from '../pod-state.ts'
import { podsToDelete } from '../replicaset/pods-to-delete.ts'
import { hasCondition, type Job, type JobStatus } from './job-kind.ts'
import { indexOf, type Ledger, ledgerStatus, totals } from './job-tracking.ts'

export interface JobPlan {
  /** The completion index of each pod to be created; undefined in a Job without indexes. */
  readonly create: readonly (number | undefined)[]
  readonly delete: readonly Pod[]
  /** Why the Job is about to end: it waits only for its pods to stop and to be counted. */
  readonly end: JobEnd | undefined
}

export interface JobEnd {
  readonly type: 'Complete' | 'Failed'
  readonly reason: string
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

/** `ledger` has all pods that have ended. */
export function planJob(job: Job, pods: readonly Pod[], ledger: Ledger, deadline: JobDeadline | undefined): JobPlan {
  const active = pods.filter(isActive)
  const { failed } = totals(ledger)
  const failure = decidedEnd(job) ?? failureOf(job, pods, failed, deadline)
  if (failure !== undefined) return { create: [], delete: active, end: failure }
  const wanted = job.spec.suspend === true ? 0 : wantedActive(job, active.length, ledger)
  // Whose pods are replaced only once they have failed waits for those that are on their way out.
  const leaving = job.spec.podReplacementPolicy === 'Failed' ? pods.filter(isLeaving).length : 0
  const missing = wanted - active.length - leaving
  const surplus = active.length - wanted
  const indexes = job.spec.completionMode === 'Indexed' ? openIndexes(job, pods, ledger) : undefined
  const create = Array.from({ length: Math.max(0, missing) }, (_, index) => indexes?.[index])
  const remaining = Math.min(active.length, wanted)
  return {
    create: indexes === undefined ? create : create.slice(0, indexes.length),
    delete: surplus > 0 ? podsToDelete(active, surplus) : [],
    end: missing <= 0 && remaining === 0 ? completionOf(job, ledger) : undefined,
  }
}

function isLeaving(pod: Pod): boolean {
  return isTerminating(pod) && !hasEnded(pod)
}

/** An end that was announced stays. */
function decidedEnd(job: Job): JobEnd | undefined {
  const reasonOf = (type: string): string => job.status?.conditions?.find((each) => each.type === type)?.reason ?? ''
  if (hasCondition(job, 'SuccessCriteriaMet')) return { type: 'Complete', reason: reasonOf('SuccessCriteriaMet') }
  return hasCondition(job, 'FailureTarget') ? { type: 'Failed', reason: reasonOf('FailureTarget') } : undefined
}

function failureOf(
  job: Job,
  pods: readonly Pod[],
  failed: number,
  deadline: JobDeadline | undefined,
): JobEnd | undefined {
  const limit = job.spec.backoffLimit ?? 6
  if (failed > limit || hasRestartedTooOften(job, pods, limit))
    return { type: 'Failed', reason: 'BackoffLimitExceeded' }
  return deadline !== undefined && deadline.remainingMs <= 0
    ? { type: 'Failed', reason: 'DeadlineExceeded' }
    : undefined
}

/** Containers that are started again in their pod count as well. */
function hasRestartedTooOften({ spec }: Job, pods: readonly Pod[], limit: number): boolean {
  if (spec.template.spec?.restartPolicy !== 'OnFailure') return false
  const restarts = pods
    .filter(({ status }) => status?.phase === 'Running' || status?.phase === 'Pending')
    .flatMap(({ status }) => status?.containerStatuses ?? [])
    .reduce((sum, { restartCount }) => sum + restartCount, 0)
  return limit === 0 ? restarts > 0 : restarts >= limit
}

/** Asked of a Job that has no active pod left and none to create. */
function completionOf({ spec }: Job, ledger: Ledger): JobEnd | undefined {
  const { succeeded } = totals(ledger)
  const isDone = spec.completions === undefined ? succeeded > 0 : succeeded >= spec.completions
  return isDone ? { type: 'Complete', reason: 'CompletionsReached' } : undefined
}

/** A Job without completions is a work queue: once a pod has succeeded, no new one starts. */
function wantedActive({ spec }: Job, active: number, ledger: Ledger): number {
  const { completions, parallelism = 1 } = spec
  const { succeeded } = totals(ledger)
  if (completions === undefined) return succeeded > 0 ? Math.min(parallelism, active) : parallelism
  return Math.max(0, Math.min(parallelism, completions - succeeded))
}

function openIndexes(job: Job, pods: readonly Pod[], ledger: Ledger): readonly number[] {
  const taken = new Set([...pods.filter(isActive).map(indexOf), ...(ledger.indexes ?? [])])
  return Array.from({ length: job.spec.completions ?? 0 }, (_, index) => index).filter((index) => !taken.has(index))
}

/** How many pods do what once `plan` is carried out. */
export interface PodCounts {
  readonly active: number
  readonly ready: number
  readonly terminating: number
}

export function podCounts(pods: readonly Pod[], plan: JobPlan): PodCounts {
  const remaining = pods.filter((pod) => isActive(pod) && !plan.delete.includes(pod))
  const stopping = pods.filter((pod) => !hasEnded(pod) && (isTerminating(pod) || plan.delete.includes(pod)))
  return {
    active: remaining.length + plan.create.length,
    ready: remaining.filter(isReady).length,
    terminating: stopping.length,
  }
}

/** Whether the Job ends with this plan: its pods have stopped, and all are counted. */
export function endsNow({ end }: JobPlan, { terminating }: PodCounts, { uncounted }: Ledger): boolean {
  return end !== undefined && terminating === 0 && uncounted.succeeded.length + uncounted.failed.length === 0
}

export interface StatusInput {
  readonly job: Job
  readonly plan: JobPlan
  readonly counts: PodCounts
  readonly ledger: Ledger
  readonly startTime: string | undefined
  /** Whether the terminal condition comes; its time, where somebody counts from it. */
  readonly ended: boolean
  readonly endedAt?: string | undefined
}

/** The status once the plan is carried out. */
export function statusOf(input: StatusInput): JobStatus {
  const { counts, ledger, startTime } = input
  const { active, ready, terminating } = counts
  const conditions = conditionsOf(input)
  return {
    ...(startTime === undefined ? {} : { startTime }),
    ...(active === 0 ? {} : { active }),
    ready,
    terminating,
    ...ledgerStatus(ledger),
    ...(conditions.length === 0 ? {} : { conditions }),
  }
}

/** An end is announced first, and the terminal condition comes when all pods have stopped and are counted. */
function conditionsOf({ job, plan: { end }, ended, endedAt }: StatusInput): readonly Condition[] {
  const known = job.status?.conditions ?? []
  if (end !== undefined) {
    const announced = end.type === 'Complete' ? 'SuccessCriteriaMet' : 'FailureTarget'
    const conditions = [announced, ...(ended ? [end.type] : [])].map((type): Condition => {
      const time = type === end.type && endedAt !== undefined ? { lastTransitionTime: endedAt } : {}
      return { type, status: 'True', reason: end.reason, ...time }
    })
    return [...known.filter(({ type }) => !conditions.some((condition) => condition.type === type)), ...conditions]
  }
  const suspended = known.find(({ type }) => type === 'Suspended')
  const isSuspended = job.spec.suspend === true
  if ((suspended?.status === 'True') === isSuspended) return known
  const changed: Condition = isSuspended
    ? { type: 'Suspended', status: 'True', reason: 'JobSuspended' }
    : { type: 'Suspended', status: 'False', reason: 'JobResumed' }
  return [...known.filter(({ type }) => type !== 'Suspended'), changed]
}
