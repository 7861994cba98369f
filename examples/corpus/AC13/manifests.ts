/** What a datacenter consists of: a pod for each node, and a claim for each pod, named after it. */
import type { KubernetesObject, OwnerReference } from 'kamera'
import { claim, pod } from './workload.ts'

type DataCenter = KubernetesObject & { readonly spec: { readonly nodes: number } }

export function podsOf(datacenter: DataCenter) {
  return namesOf(datacenter).map((name) => ({
    ...pod,
    metadata: { ...metadataOf(datacenter, name), ownerReferences: [ownerReferenceTo(datacenter)] },
    spec: { containers: [{ name: 'cassandra', image: 'cassandra' }] },
  }))
}

export function claimsOf(datacenter: DataCenter) {
  return namesOf(datacenter).map((name) => ({
    ...claim,
    metadata: metadataOf(datacenter, `data-${name}`),
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '20Gi' } } },
  }))
}

/** The same claims as dependents of their datacenter. */
export function ownedClaimsOf(datacenter: DataCenter) {
  const ownerReferences = [ownerReferenceTo(datacenter)]
  return claimsOf(datacenter).map(({ metadata, ...rest }) => ({ ...rest, metadata: { ...metadata, ownerReferences } }))
}

function ownerReferenceTo({ apiVersion, kind, metadata: { name = '', uid = '' } }: DataCenter): OwnerReference {
  return { apiVersion, kind, name, uid, controller: true }
}

function namesOf({ metadata, spec }: DataCenter): readonly string[] {
  return Array.from({ length: spec.nodes }, (_, ordinal) => `${metadata.name}-${ordinal}`)
}

function metadataOf({ metadata: { namespace = '', name: app = '' } }: DataCenter, name: string) {
  return { namespace, name, labels: { app } }
}
