/** The members' PersistentVolumeClaims, made by the StatefulSet: `data-<ensemble>-<ordinal>`. */
import { ApiError, type Client, type KubernetesObject, type Reader } from 'kamera'
import { claimType, type ZookeeperCluster } from './zookeeper-cluster.ts'

export interface Clients {
  /** Reads from the informer caches. */
  readonly client: Client
  /** Reads from the API server. */
  readonly apiReader: Reader
}

export async function listClaims(cluster: ZookeeperCluster, reader: Reader): Promise<readonly KubernetesObject[]> {
  const { namespace, name } = cluster.metadata
  return reader.list<KubernetesObject>(claimType, { namespace, labelSelector: { app: name } })
}

export async function deleteClaims(claims: readonly KubernetesObject[], client: Client): Promise<void> {
  for (const claim of claims) {
    if (claim.metadata.deletionTimestamp !== undefined) continue
    await ignoreNotFound(client.delete(claim, { preconditions: { uid: claim.metadata.uid ?? '' } }))
  }
}

/** The ordinal of the member that a claim belongs to. */
export function ordinalOf(claim: KubernetesObject): number {
  const name = claim.metadata.name ?? ''
  return Number(name.slice(name.lastIndexOf('-') + 1))
}

async function ignoreNotFound(write: Promise<void>): Promise<void> {
  try {
    await write
  } catch (error) {
    if (!(error instanceof ApiError && error.isNotFound)) throw error
  }
}
