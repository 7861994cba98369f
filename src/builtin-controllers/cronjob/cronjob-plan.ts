/**
 * When a CronJob is to start a Job, and which finished ones it forgets: pure functions of the CronJob, its Jobs and now.
 * Source: https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/, kubernetes/pkg/controller/cronjob/utils.go
 */
import { endOf, type Job } from '../job/job-kind.ts'
import type { CronJob } from './cronjob-kind.ts'
import { nextTime, parseSchedule } from './schedule.ts'

export interface StartPlan {
  /** The latest time of the schedule that has passed without a Job; undefined: none. */
  readonly missedMs: number | undefined
  /** Whether that was longer ago than the deadline for starting. */
  readonly isTooLate: boolean
  /** When to look again. */
  readonly nextMs: number | undefined
}

/** Undefined: the schedule cannot be read. */
export function planStart(cronJob: CronJob, nowMs: number): StartPlan | undefined {
  const { schedule: text, timeZone = 'UTC', startingDeadlineSeconds } = cronJob.spec
  const schedule = parseSchedule(text)
  if (schedule === undefined) return undefined
  const { lastScheduleTime } = cronJob.status ?? {}
  const { creationTimestamp = '' } = cronJob.metadata
  const deadlineMs = startingDeadlineSeconds === undefined ? undefined : nowMs - startingDeadlineSeconds * 1000
  const earliestMs = Math.max(Date.parse(lastScheduleTime ?? creationTimestamp), deadlineMs ?? Number.NEGATIVE_INFINITY)
  let missedMs: number | undefined
  for (let at = nextTime(schedule, earliestMs, timeZone); at !== undefined && at <= nowMs; ) {
    missedMs = at
    at = nextTime(schedule, at, timeZone)
  }
  const isTooLate = missedMs !== undefined && deadlineMs !== undefined && missedMs < deadlineMs
  return { missedMs, isTooLate, nextMs: nextTime(schedule, nowMs, timeZone) }
}

/** A Job for each time: the name is the minute, so one that is there already was started by an earlier attempt. */
export function jobName({ metadata }: CronJob, scheduledMs: number): string {
  return `${metadata.name}-${Math.floor(scheduledMs / 60_000)}`
}

/** Finished Jobs beyond the limits of history, oldest first. */
export function jobsToForget({ spec }: CronJob, jobs: readonly Job[]): readonly Job[] {
  const ended = (type: 'Complete' | 'Failed') =>
    jobs.filter((job) => endOf(job)?.type === type && job.metadata.deletionTimestamp === undefined)
  return [
    ...beyond(ended('Complete'), spec.successfulJobsHistoryLimit ?? 3),
    ...beyond(ended('Failed'), spec.failedJobsHistoryLimit ?? 1),
  ]
}

function beyond(jobs: readonly Job[], limit: number): readonly Job[] {
  const sorted = [...jobs].sort((left, right) => (ageKey(left) < ageKey(right) ? -1 : 1))
  return sorted.slice(0, Math.max(0, sorted.length - limit))
}

function ageKey({ metadata }: Job): string {
  return `${metadata.creationTimestamp ?? ''} ${metadata.name}`
}
