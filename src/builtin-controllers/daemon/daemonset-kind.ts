/** DaemonSets as their controller reads and writes them. */
import type { TypeReference } from '#api/object.ts'
import type { LabelSelector } from '#api/selectors.ts'
import type { PodTemplate, StoredObject } from '../kinds.ts'

export const daemonSetType: TypeReference = { apiVersion: 'apps/v1', kind: 'DaemonSet' }

export interface DaemonSetStatus {
  readonly currentNumberScheduled: number
  readonly numberMisscheduled: number
  readonly desiredNumberScheduled: number
  readonly numberReady: number
  readonly observedGeneration?: number
  readonly updatedNumberScheduled?: number
  readonly numberAvailable?: number
  readonly numberUnavailable?: number
}

export interface DaemonSet extends StoredObject {
  readonly spec: {
    readonly selector?: LabelSelector
    readonly template: PodTemplate
    readonly updateStrategy?: {
      readonly type?: 'RollingUpdate' | 'OnDelete'
      readonly rollingUpdate?: { readonly maxUnavailable?: number | string }
    }
  }
  readonly status?: DaemonSetStatus
}
