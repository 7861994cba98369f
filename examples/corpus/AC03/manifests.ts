/** What a datacenter consists of: a StatefulSet, and a claim for each node, whose pod has the name after `data-`. */
import type { KubernetesObject, OwnerReference } from 'kamera'
import { claim, statefulSet } from './workload.ts'

interface StatefulSet extends KubernetesObject {
  readonly spec: { readonly replicas: number }
  readonly status?: { readonly observedGeneration?: number; readonly replicas: number }
}

type DataCenter = KubernetesObject & { readonly spec: { readonly nodes: number } }

export function statefulSetOf(datacenter: DataCenter) {
  const labels = { app: datacenter.metadata.name ?? '' }
  const container = { name: 'cassandra', image: 'cassandra' }
  return {
    ...statefulSet,
    metadata: metadataOf(datacenter, labels.app),
    spec: {
      replicas: datacenter.spec.nodes,
      serviceName: labels.app,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [container] } },
    },
  }
}

export function claimsOf(datacenter: DataCenter) {
  return Array.from({ length: datacenter.spec.nodes }, (_, ordinal) => ({
    ...claim,
    metadata: metadataOf(datacenter, `data-${datacenter.metadata.name}-${ordinal}`),
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '20Gi' } } },
  }))
}

function metadataOf({ apiVersion, kind, metadata }: DataCenter, name: string) {
  const { namespace = '', name: app = '', uid = '' } = metadata
  const owner: OwnerReference = { apiVersion, kind, name: app, uid, controller: true }
  return { namespace, name, labels: { app }, ownerReferences: [owner] }
}

/** Whether the StatefulSet has as many pods as its present spec says, and no more. */
export function hasSettled({ metadata, spec, status }: StatefulSet): boolean {
  return status?.observedGeneration === metadata.generation && status?.replicas === spec.replicas
}

/** The number of the node that an object is named for. */
export function ordinalOf({ metadata: { name = '' } }: KubernetesObject): number {
  return Number(name.slice(name.lastIndexOf('-') + 1))
}
