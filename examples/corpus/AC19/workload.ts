/** Three members that run; the user asks for a new version. Two of them must be ready at any time. */
import { always, type KubernetesObject, patch } from 'kamera'

export const searchCluster = { apiVersion: 'example.kamera.dev/v1', kind: 'SearchCluster' }
export const pod = { apiVersion: 'v1', kind: 'Pod' }

const key = { namespace: 'default', name: 'logs' }
export const quorum = 2

export const workload = {
  kinds: [searchCluster],
  objects: [{ ...searchCluster, metadata: key, spec: { members: 3, version: '1' } }],
  settled: true,
  actions: [patch({ ...searchCluster, ...key }, { spec: { version: '2' } })],
  properties: [
    always('a quorum of members is ready', (cluster) => cluster.list<Member>(pod).filter(isReady).length >= quorum),
  ],
}

export interface Member extends KubernetesObject {
  readonly spec: { readonly containers: readonly { readonly image: string }[] }
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] }
}

export function isReady({ metadata, status }: Member): boolean {
  const ready = status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True')
  return ready === true && metadata.deletionTimestamp === undefined
}

export function imageOf(version: string): string {
  return `search:${version}`
}

// biome-ignore lint/suspicious/noExplicitAny: an object of a kind without a schema
export function membersOf({ apiVersion, kind, metadata: { namespace, name, uid }, spec }: any) {
  return Array.from({ length: spec.members }, (_, ordinal) => ({
    ...pod,
    metadata: {
      namespace,
      name: `${name}-${ordinal}`,
      labels: { app: name },
      ownerReferences: [{ apiVersion, kind, name, uid, controller: true }],
    },
    spec: { containers: [{ name: 'search', image: imageOf(spec.version) }] },
  }))
}
