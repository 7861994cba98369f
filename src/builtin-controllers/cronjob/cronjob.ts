/**
 * The CronJob controller: starts a Job at each time of a schedule, in virtual time. When is planned in
 * `cronjob-plan.ts`, what a schedule says in `schedule.ts`.
 *
 * Source: https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/,
 * kubernetes/pkg/controller/cronjob/cronjob_controllerv2.go
 * Left out: Events, lastSuccessfulTime, and the spread of a tenth of a second between timers. Jobs of history are
 * forgotten by their creation, as no Job has a start time here.
 */
import { equalJson } from '#api/equal.ts'
import { formatTimestamp } from '#api/identity.ts'
import { controllerReferenceTo, isControlledBy } from '#api/owner-reference.ts'
import { ApiError } from '#api/status.ts'
import type {
  Predicate,
  ReconcileRequest,
  ReconcileResult,
  Reconciler,
  ReconcilerTools,
} from '#controller/controller.ts'
import { type Controller, defineController } from '#controller/define-controller.ts'
import { endOf, type Job, jobType } from '../job/job-kind.ts'
import { controllerManagerProcess } from '../processes.ts'
import { unlessGone } from '../unless-gone.ts'
import { type CronJob, type CronJobStatus, cronJobType } from './cronjob-kind.ts'
import { jobName, jobsToForget, planStart } from './cronjob-plan.ts'
import { isTimeZone } from './schedule.ts'

export function cronJob(): Controller {
  return defineController({
    name: 'cronjob',
    process: controllerManagerProcess,
    for: cronJobType,
    owns: [{ ...jobType, predicate: endsOrGoes }],
    reconciler: (tools) => new CronJobReconciler(tools),
  })
}

/** Of a Job that it is there, ends, goes, or has another owner. */
const endsOrGoes: Predicate = ({ type, object, old }) =>
  type !== 'MODIFIED' ||
  (endOf(object as Job) === undefined) !== (endOf(old as Job) === undefined) ||
  (object.metadata.deletionTimestamp === undefined) !== (old?.metadata.deletionTimestamp === undefined) ||
  !equalJson(object.metadata.ownerReferences, old?.metadata.ownerReferences)

type Active = NonNullable<CronJobStatus['active']>

class CronJobReconciler implements Reconciler {
  private readonly tools: ReconcilerTools

  constructor(tools: ReconcilerTools) {
    this.tools = tools
  }

  async reconcile(request: ReconcileRequest): Promise<ReconcileResult> {
    const { client } = this.tools
    const found = await client.tryGet<CronJob>(cronJobType, request)
    if (found === undefined) return {}
    const { namespace = '' } = request
    const jobs = (await client.list<Job>(jobType, { namespace })).filter((job) => isControlledBy(job, found))
    const active = await this.stillActive(found, jobs)
    const started = await this.startJob(found, active)
    for (const job of jobsToForget(found, jobs)) await this.delete(job)
    const { active: _active, ...others } = found.status ?? {}
    const status: CronJobStatus = {
      ...others,
      ...(started.active.length === 0 ? {} : { active: started.active }),
      ...(started.scheduledAt === undefined ? {} : { lastScheduleTime: started.scheduledAt }),
    }
    if (!equalJson(status, found.status ?? {})) await client.status().update({ ...found, status: { ...status } })
    return started.inMs === undefined ? {} : { requeueAfterMs: started.inMs }
  }

  /** Jobs of the status that run on; one that runs without being in it is left alone, as upstream. */
  private async stillActive(found: CronJob, jobs: readonly Job[]): Promise<Active> {
    const byUid = new Map(jobs.map((job) => [job.metadata.uid, job]))
    const known = found.status?.active ?? []
    const kept: Active[number][] = []
    for (const reference of known) {
      const job = byUid.get(reference.uid) ?? (await this.liveJob(reference))
      if (job !== undefined && endOf(job) === undefined) kept.push(reference)
    }
    return kept
  }

  /** A Job that the cache does not show may have been created just now. */
  private async liveJob({ namespace = '', name, uid }: Active[number]): Promise<Job | undefined> {
    const job = await this.tools.apiReader.tryGet<Job>(jobType, { namespace, name })
    return job?.metadata.uid === uid ? job : undefined
  }

  private async startJob(
    found: CronJob,
    active: Active,
  ): Promise<{ readonly active: Active; readonly scheduledAt?: string; readonly inMs?: number }> {
    const { suspend = false, timeZone = 'UTC', concurrencyPolicy = 'Allow' } = found.spec
    if (found.metadata.deletionTimestamp !== undefined || suspend || !isTimeZone(timeZone)) return { active }
    const nowMs = this.tools.clock.now().getTime()
    const plan = planStart(found, nowMs)
    if (plan === undefined) return { active }
    const later = plan.nextMs === undefined ? {} : { inMs: plan.nextMs - nowMs }
    const { missedMs } = plan
    if (missedMs === undefined || plan.isTooLate) return { active, ...later }
    const scheduledAt = formatTimestamp(missedMs)
    const name = jobName(found, missedMs)
    if (active.some((reference) => reference.name === name) || found.status?.lastScheduleTime === scheduledAt)
      return { active, ...later }
    if (concurrencyPolicy === 'Forbid' && active.length > 0) return { active, ...later }
    let running = active
    if (concurrencyPolicy === 'Replace') {
      for (const { namespace, name: old, uid } of active) {
        const metadata = { name: old, uid, ...(namespace === undefined ? {} : { namespace }) }
        await this.delete({ ...jobType, metadata } as Job)
      }
      running = []
    }
    const job = await this.createJob(found, name, scheduledAt)
    if (job === undefined) return { active: running, ...later }
    return { active: endOf(job) === undefined ? [...running, referenceTo(job)] : running, scheduledAt, ...later }
  }

  /** A Job of this name that belongs to the CronJob was created by an attempt whose answer was lost. */
  private async createJob(found: CronJob, name: string, scheduledAt: string): Promise<Job | undefined> {
    const { metadata = {}, spec = {} } = found.spec.jobTemplate
    const { namespace = '' } = found.metadata
    try {
      return (await this.tools.client.create({
        ...jobType,
        metadata: {
          name,
          namespace,
          ...(metadata.labels === undefined ? {} : { labels: metadata.labels }),
          annotations: { ...metadata.annotations, 'batch.kubernetes.io/cronjob-scheduled-timestamp': scheduledAt },
          ownerReferences: [controllerReferenceTo(found)],
        },
        spec,
      } as never)) as Job
    } catch (error) {
      if (!(error instanceof ApiError && error.isAlreadyExists)) throw error
      const existing = await this.tools.apiReader.tryGet<Job>(jobType, { namespace, name })
      if (existing === undefined || !isControlledBy(existing, found)) throw error
      return existing
    }
  }

  private async delete(job: Job): Promise<void> {
    const { uid } = job.metadata
    await unlessGone(this.tools.client.delete(job, { propagationPolicy: 'Background', preconditions: { uid } }))
  }
}

function referenceTo({ metadata }: Job): Active[number] {
  const { name, uid, namespace } = metadata
  return { ...jobType, ...(namespace === undefined ? {} : { namespace }), name, uid }
}
