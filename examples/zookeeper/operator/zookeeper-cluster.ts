/** The custom resource as the operator reads it (crd.yaml), and the types of everything that it makes. */
import type { KubernetesObject } from 'kamera'

export const zookeeperClusterType = { apiVersion: 'zookeeper.pravega.io/v1beta1', kind: 'ZookeeperCluster' }
export const statefulSetType = { apiVersion: 'apps/v1', kind: 'StatefulSet' }
export const serviceType = { apiVersion: 'v1', kind: 'Service' }
export const configMapType = { apiVersion: 'v1', kind: 'ConfigMap' }
export const claimType = { apiVersion: 'v1', kind: 'PersistentVolumeClaim' }

export const finalizer = 'zookeeper.pravega.io/cleanup-claims'
export const ports = { client: 2181, quorum: 2888, leaderElection: 3888, metrics: 7000, admin: 8080 }

export interface Condition {
  readonly type: 'PodsReady' | 'Scaling' | 'Error'
  readonly status: 'True' | 'False' | 'Unknown'
  readonly reason?: string
  readonly message?: string
  readonly lastTransitionTime?: string
}

export interface ZookeeperStatus {
  readonly observedGeneration?: number
  readonly replicas?: number
  readonly readyReplicas?: number
  readonly internalClientEndpoint?: string
  readonly currentVersion?: string
  readonly conditions?: readonly Condition[]
}

interface Resources {
  readonly limits?: Readonly<Record<string, string>>
  readonly requests?: Readonly<Record<string, string>>
}

export interface ZookeeperCluster extends KubernetesObject {
  readonly metadata: KubernetesObject['metadata'] & {
    readonly name: string
    readonly namespace: string
    readonly uid: string
  }
  readonly spec: {
    readonly replicas?: number
    readonly image?: { readonly repository?: string; readonly tag?: string; readonly pullPolicy?: string }
    readonly labels?: Readonly<Record<string, string>>
    readonly config?: {
      readonly tickTime?: number
      readonly initLimit?: number
      readonly syncLimit?: number
      readonly quorumListenOnAllIPs?: boolean
      readonly additionalConfig?: Readonly<Record<string, string>>
    }
    readonly pod?: {
      readonly annotations?: Readonly<Record<string, string>>
      readonly serviceAccountName?: string
      readonly terminationGracePeriodSeconds?: number
      readonly resources?: Resources
    }
    readonly persistence?: {
      readonly reclaimPolicy?: 'Retain' | 'Delete'
      readonly storageClassName?: string
      readonly storage?: string
    }
  }
  readonly status?: ZookeeperStatus
}

export interface StatefulSet extends KubernetesObject {
  readonly spec: { readonly replicas: number }
  readonly status?: {
    readonly observedGeneration?: number
    readonly replicas?: number
    readonly readyReplicas?: number
  }
}

export function replicasWanted(cluster: ZookeeperCluster): number {
  return cluster.spec.replicas ?? 3
}

/** On everything that belongs to an ensemble. */
export function labelsOf(cluster: ZookeeperCluster): Readonly<Record<string, string>> {
  return { app: cluster.metadata.name, 'app.kubernetes.io/managed-by': 'zookeeper-operator' }
}

export function headlessServiceName(cluster: ZookeeperCluster): string {
  return `${cluster.metadata.name}-headless`
}

export function clientServiceName(cluster: ZookeeperCluster): string {
  return `${cluster.metadata.name}-client`
}

export function configMapName(cluster: ZookeeperCluster): string {
  return `${cluster.metadata.name}-configmap`
}

/** The StatefulSet has the ensemble's own name. */
export function statefulSetKey(cluster: ZookeeperCluster): { readonly namespace: string; readonly name: string } {
  return { namespace: cluster.metadata.namespace, name: cluster.metadata.name }
}
