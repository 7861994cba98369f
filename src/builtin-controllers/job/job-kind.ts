/** Jobs as their controllers read and write them. */
import type { TypeReference } from '#api/object.ts'
import type { LabelSelector } from '#api/selectors.ts'
import type { Condition, PodTemplate, StoredObject } from '../kinds.ts'

export const jobType: TypeReference = { apiVersion: 'batch/v1', kind: 'Job' }

/** Uids of pods that have ended and are not in the counts yet: their finalizer is still to be removed. */
export interface UncountedPods {
  readonly succeeded?: readonly string[]
  readonly failed?: readonly string[]
}

export interface JobStatus {
  readonly active?: number
  readonly ready?: number
  readonly terminating?: number
  readonly succeeded?: number
  readonly failed?: number
  readonly completedIndexes?: string
  /** Only where `activeDeadlineSeconds` counts from it. */
  readonly startTime?: string
  readonly uncountedTerminatedPods?: UncountedPods
  readonly conditions?: readonly Condition[]
}

export interface Job extends StoredObject {
  readonly spec: {
    readonly completions?: number
    readonly parallelism?: number
    readonly backoffLimit?: number
    readonly podReplacementPolicy?: 'TerminatingOrFailed' | 'Failed'
    readonly suspend?: boolean
    readonly activeDeadlineSeconds?: number
    readonly completionMode?: 'NonIndexed' | 'Indexed'
    readonly ttlSecondsAfterFinished?: number
    readonly selector?: LabelSelector
    readonly template: PodTemplate
  }
  readonly status?: JobStatus
}

/** The condition with which a Job has ended, Complete or Failed. */
export function endOf({ status }: Job): Condition | undefined {
  return status?.conditions?.find(
    ({ type, status: value }) => (type === 'Complete' || type === 'Failed') && value === 'True',
  )
}

export function hasCondition({ status }: Job, type: string): boolean {
  return status?.conditions?.some((condition) => condition.type === type && condition.status === 'True') === true
}
