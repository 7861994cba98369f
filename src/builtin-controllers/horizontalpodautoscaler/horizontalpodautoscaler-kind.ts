/**
 * HorizontalPodAutoscalers (autoscaling/v2) as their controller reads and writes them.
 * Source: https://kubernetes.io/docs/reference/kubernetes-api/autoscaling/horizontal-pod-autoscaler-v2/
 */
import type { TypeReference } from '#api/object.ts'
import type { Condition, StoredObject } from '../kinds.ts'

export const horizontalPodAutoscalerType: TypeReference = {
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
}

interface TargetReference {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
}

export interface MetricTarget {
  readonly type: 'Utilization' | 'Value' | 'AverageValue'
  readonly averageUtilization?: number
  readonly averageValue?: string
  readonly value?: string
}

interface NamedMetric {
  readonly metric: { readonly name: string }
  readonly target: MetricTarget
}

export interface MetricSpec {
  readonly type: 'Resource' | 'ContainerResource' | 'Pods' | 'Object' | 'External'
  readonly resource?: { readonly name: string; readonly target: MetricTarget }
  readonly containerResource?: { readonly name: string; readonly container: string; readonly target: MetricTarget }
  readonly pods?: NamedMetric
  readonly object?: NamedMetric & { readonly describedObject: TargetReference }
  readonly external?: NamedMetric
}

export interface ScalingPolicy {
  readonly type: 'Pods' | 'Percent'
  readonly value: number
  readonly periodSeconds: number
}

export interface ScalingRules {
  readonly stabilizationWindowSeconds?: number
  readonly selectPolicy?: 'Max' | 'Min' | 'Disabled'
  readonly policies?: readonly ScalingPolicy[]
}

export interface HorizontalPodAutoscalerStatus {
  readonly lastScaleTime?: string
  readonly currentReplicas?: number
  readonly desiredReplicas: number
  readonly currentMetrics?: readonly object[]
  readonly conditions?: readonly Condition[]
}

export interface HorizontalPodAutoscaler extends StoredObject {
  readonly spec: {
    readonly scaleTargetRef: TargetReference
    readonly minReplicas?: number
    readonly maxReplicas: number
    readonly metrics?: readonly MetricSpec[]
    readonly behavior?: { readonly scaleUp?: ScalingRules; readonly scaleDown?: ScalingRules }
  }
  readonly status?: HorizontalPodAutoscalerStatus
}
