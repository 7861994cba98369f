/** CronJobs as their controller reads and writes them. */
import type { ObjectMeta, TypeReference } from '#api/object.ts'
import type { StoredObject } from '../kinds.ts'

export const cronJobType: TypeReference = { apiVersion: 'batch/v1', kind: 'CronJob' }

interface JobReference {
  readonly apiVersion: string
  readonly kind: string
  readonly namespace?: string
  readonly name: string
  readonly uid: string
}

export interface CronJobStatus {
  readonly active?: readonly JobReference[]
  readonly lastScheduleTime?: string
  readonly lastSuccessfulTime?: string
}

export interface CronJob extends StoredObject {
  readonly spec: {
    readonly schedule: string
    readonly timeZone?: string
    readonly startingDeadlineSeconds?: number
    readonly concurrencyPolicy?: 'Allow' | 'Forbid' | 'Replace'
    readonly suspend?: boolean
    readonly successfulJobsHistoryLimit?: number
    readonly failedJobsHistoryLimit?: number
    readonly jobTemplate: { readonly metadata?: ObjectMeta; readonly spec?: object }
  }
  readonly status?: CronJobStatus
}
