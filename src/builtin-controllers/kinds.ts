/**
 * The built-in kinds as these controllers read them: only the fields that they look at or write.
 * Source: https://kubernetes.io/docs/reference/kubernetes-api/
 */
import type { KubernetesObject, ObjectMeta, TypeReference } from '#api/object.ts'
import type { LabelSelector } from '#api/selectors.ts'

export const everyKind: TypeReference = { apiVersion: '*', kind: '*' }
export const namespaceType: TypeReference = { apiVersion: 'v1', kind: 'Namespace' }
export const podType: TypeReference = { apiVersion: 'v1', kind: 'Pod' }
export const persistentVolumeClaimType: TypeReference = { apiVersion: 'v1', kind: 'PersistentVolumeClaim' }
export const statefulSetType: TypeReference = { apiVersion: 'apps/v1', kind: 'StatefulSet' }
export const controllerRevisionType: TypeReference = { apiVersion: 'apps/v1', kind: 'ControllerRevision' }
export const replicaSetType: TypeReference = { apiVersion: 'apps/v1', kind: 'ReplicaSet' }
export const deploymentType: TypeReference = { apiVersion: 'apps/v1', kind: 'Deployment' }

/** What a Deployment adds to the template's labels, so that its ReplicaSets never share pods. */
export const podTemplateHashLabel = 'pod-template-hash'

/** `metadata` of an object that the API server has stored. */
export interface StoredMeta extends ObjectMeta {
  readonly name: string
  readonly uid: string
}

/** An object that the API server has stored: it has a name and a uid. */
export interface StoredObject extends KubernetesObject {
  readonly metadata: StoredMeta
}

export interface NamespaceObject extends StoredObject {
  readonly spec?: { readonly finalizers?: readonly string[] }
}

/** A condition of a built-in kind. Times are left out, but where a deadline is counted from one. */
export interface Condition {
  readonly type: string
  readonly status: 'True' | 'False' | 'Unknown'
  readonly reason?: string
  readonly lastUpdateTime?: string
  readonly lastTransitionTime?: string
}

interface Container {
  readonly name: string
  readonly image?: string
  readonly resources?: { readonly requests?: Readonly<Record<string, string>> }
  readonly ports?: readonly { readonly name?: string; readonly containerPort: number; readonly protocol?: string }[]
}

interface Volume {
  readonly name: string
  readonly persistentVolumeClaim?: { readonly claimName: string }
  readonly [source: string]: unknown
}

export interface PodSpec {
  readonly nodeName?: string
  readonly hostname?: string
  readonly subdomain?: string
  readonly restartPolicy?: 'Always' | 'OnFailure' | 'Never'
  readonly containers?: readonly Container[]
  readonly volumes?: readonly Volume[]
  readonly [field: string]: unknown
}

export type PodPhase = 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Unknown'

export interface Pod extends StoredObject {
  readonly spec: PodSpec
  readonly status?: {
    readonly phase?: PodPhase
    readonly conditions?: readonly Condition[]
    readonly podIP?: string
    readonly containerStatuses?: readonly ContainerStatus[]
  }
}

export interface ContainerStatus {
  readonly name: string
  readonly ready: boolean
  readonly restartCount: number
  readonly started?: boolean
  readonly state?: { readonly waiting?: { readonly reason?: string } }
}

export interface PodTemplate {
  readonly metadata?: ObjectMeta
  readonly spec?: PodSpec
}

export interface PersistentVolumeClaim extends StoredObject {
  readonly spec?: {
    readonly accessModes?: readonly string[]
    readonly resources?: { readonly requests?: Readonly<Record<string, string>> }
  }
  readonly status?: { readonly phase?: 'Pending' | 'Bound' | 'Lost' }
}

export interface ClaimTemplate {
  readonly metadata: ObjectMeta & { readonly name: string }
  readonly spec?: PersistentVolumeClaim['spec']
}

export interface StatefulSetStatus {
  readonly observedGeneration?: number
  readonly replicas: number
  readonly readyReplicas?: number
  readonly availableReplicas: number
  readonly currentReplicas?: number
  readonly updatedReplicas?: number
  readonly currentRevision?: string
  readonly updateRevision?: string
  readonly [field: string]: unknown
}

export interface StatefulSet extends StoredObject {
  readonly spec: {
    readonly replicas?: number
    readonly serviceName?: string
    readonly selector?: LabelSelector
    readonly template: PodTemplate
    readonly volumeClaimTemplates?: readonly ClaimTemplate[]
    readonly podManagementPolicy?: 'OrderedReady' | 'Parallel'
    readonly updateStrategy?: {
      readonly type?: 'RollingUpdate' | 'OnDelete'
      readonly rollingUpdate?: { readonly partition?: number }
    }
    readonly ordinals?: { readonly start?: number }
    readonly revisionHistoryLimit?: number
    readonly persistentVolumeClaimRetentionPolicy?: {
      readonly whenDeleted?: 'Retain' | 'Delete'
      readonly whenScaled?: 'Retain' | 'Delete'
    }
  }
  readonly status?: StatefulSetStatus
}

/** A template that a StatefulSet had, as a strategic merge patch. */
export interface ControllerRevision extends StoredObject {
  readonly data: { readonly spec: { readonly template: PodTemplate & { readonly $patch?: string } } }
  readonly revision: number
}

export interface ReplicaSetStatus {
  readonly observedGeneration?: number
  readonly replicas: number
  readonly fullyLabeledReplicas?: number
  readonly readyReplicas?: number
  readonly availableReplicas?: number
  readonly conditions?: readonly Condition[]
}

export interface ReplicaSet extends StoredObject {
  readonly spec: {
    readonly replicas?: number
    readonly minReadySeconds?: number
    readonly selector?: LabelSelector
    readonly template: PodTemplate
  }
  readonly status?: ReplicaSetStatus
}

export interface DeploymentStatus {
  readonly observedGeneration?: number
  readonly replicas?: number
  readonly updatedReplicas?: number
  readonly readyReplicas?: number
  readonly availableReplicas?: number
  readonly unavailableReplicas?: number
  readonly collisionCount?: number
  readonly conditions?: readonly Condition[]
}

export interface Deployment extends StoredObject {
  readonly spec: {
    readonly replicas?: number
    readonly minReadySeconds?: number
    readonly selector?: LabelSelector
    readonly template: PodTemplate
    readonly strategy?: {
      readonly type?: 'RollingUpdate' | 'Recreate'
      readonly rollingUpdate?: { readonly maxSurge?: number | string; readonly maxUnavailable?: number | string }
    }
    readonly paused?: boolean
    readonly revisionHistoryLimit?: number
    readonly progressDeadlineSeconds?: number
  }
  readonly status?: DeploymentStatus
}
