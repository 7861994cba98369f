/**
 * A ZooKeeper operator: for each ZookeeperCluster a ConfigMap, a headless and a client Service and a StatefulSet,
 * whose members join and leave the quorum by themselves when they start and stop. With reclaimPolicy Delete it also
 * deletes the claims of members that have left, and, held by a finalizer, those of a deleted ensemble.
 */
import { type Client, defineController, type KubernetesObject, type Reader } from 'kamera'
import { deleteClaims, listClaims } from './claims.ts'
import type { removeClaimsOfFormerMembers } from './former-members.ts'
import { clientServiceFor, configMapFor, headlessServiceFor, statefulSetFor } from './manifests.ts'
import { statusFor } from './status.ts'
import {
  claimType,
  configMapType,
  finalizer,
  type StatefulSet,
  serviceType,
  statefulSetKey,
  statefulSetType,
  type ZookeeperCluster,
  zookeeperClusterType,
} from './zookeeper-cluster.ts'

export interface ZookeeperOperatorOptions {
  /** `former-members.ts`, or its fixed twin. */
  readonly removeClaimsOfFormerMembers: typeof removeClaimsOfFormerMembers
}

export function zookeeperOperator(options: ZookeeperOperatorOptions) {
  return defineController({
    name: 'zookeeper-operator',
    // Its own status comes back as an event: what was written is compared with what is there, which may be late.
    for: zookeeperClusterType,
    owns: [statefulSetType, serviceType, configMapType],
    watches: [{ ...claimType, requests: ensembleOfClaim }],
    reconciler: ({ client, apiReader, clock }) =>
      new ZookeeperReconciler({ client, apiReader, now: () => clock.now(), ...options }),
  })
}

/** Claims have no owner; the label says whose they are. */
function ensembleOfClaim({ metadata: { namespace = '', labels = {} } }: KubernetesObject) {
  const { app } = labels
  return app === undefined || labels['app.kubernetes.io/managed-by'] !== 'zookeeper-operator'
    ? []
    : [{ namespace, name: app }]
}

interface Tools extends ZookeeperOperatorOptions {
  readonly client: Client
  readonly apiReader: Reader
  readonly now: () => Date
}

class ZookeeperReconciler {
  private readonly tools: Tools

  constructor(tools: Tools) {
    this.tools = tools
  }

  async reconcile(request: { readonly namespace?: string; readonly name: string }): Promise<void> {
    const cluster = await this.tools.client.tryGet<ZookeeperCluster>(zookeeperClusterType, request)
    if (cluster === undefined) return
    if (cluster.metadata.deletionTimestamp !== undefined) return this.tearDown(cluster)
    await this.bringUp(deletesClaims(cluster) ? await this.withFinalizer(cluster) : cluster)
  }

  private async bringUp(cluster: ZookeeperCluster): Promise<void> {
    await this.ensure(configMapFor(cluster))
    await this.ensure(headlessServiceFor(cluster))
    await this.ensure(clientServiceFor(cluster))
    const statefulSet = (await this.ensure(statefulSetFor(cluster))) as StatefulSet
    if (deletesClaims(cluster)) await this.tools.removeClaimsOfFormerMembers(cluster, this.tools)
    await this.writeStatus(cluster, statefulSet)
  }

  /** Creates the object, or changes what differs from it; fields that others have set stay. */
  private async ensure(desired: KubernetesObject): Promise<KubernetesObject> {
    const { client } = this.tools
    const { namespace = '', name = '' } = desired.metadata
    const existing = await client.tryGet<KubernetesObject>(desired, { namespace, name })
    if (existing === undefined) return client.create(desired)
    if (includes(existing, desired)) return existing
    return client.patch(existing, desired, { patchType: 'merge' })
  }

  private async writeStatus(cluster: ZookeeperCluster, statefulSet: StatefulSet): Promise<void> {
    const status = statusFor(cluster, statefulSet, this.tools.now)
    if (!includes(cluster.status, status)) await this.tools.client.status().update({ ...cluster, status })
  }

  private async withFinalizer(cluster: ZookeeperCluster): Promise<ZookeeperCluster> {
    const finalizers = cluster.metadata.finalizers ?? []
    return finalizers.includes(finalizer) ? cluster : this.writeFinalizers(cluster, [...finalizers, finalizer])
  }

  /** The members go first, so that nothing uses or makes a claim any more; then the claims; then the ensemble. */
  private async tearDown(cluster: ZookeeperCluster): Promise<void> {
    const { client, apiReader } = this.tools
    const finalizers = cluster.metadata.finalizers ?? []
    if (!finalizers.includes(finalizer)) return
    const statefulSet = await apiReader.tryGet<StatefulSet>(statefulSetType, statefulSetKey(cluster))
    if (statefulSet !== undefined) {
      if (statefulSet.metadata.deletionTimestamp === undefined)
        await client.delete(statefulSet, { propagationPolicy: 'Foreground' })
      return
    }
    await deleteClaims(await listClaims(cluster, apiReader), client)
    await this.writeFinalizers(
      cluster,
      finalizers.filter((name) => name !== finalizer),
    )
  }

  private writeFinalizers(cluster: ZookeeperCluster, finalizers: readonly string[]): Promise<ZookeeperCluster> {
    const { resourceVersion } = cluster.metadata
    return this.tools.client.patch(cluster, { metadata: { resourceVersion, finalizers } }, { patchType: 'merge' })
  }
}

function deletesClaims(cluster: ZookeeperCluster): boolean {
  return cluster.spec.persistence?.reclaimPolicy === 'Delete'
}

/** Whether `actual` has everything that `desired` asks for; the API server and other writers may have added to it. */
function includes(actual: unknown, desired: unknown): boolean {
  if (Array.isArray(desired)) {
    return (
      Array.isArray(actual) &&
      actual.length === desired.length &&
      desired.every((item, index) => includes(actual[index], item))
    )
  }
  if (typeof desired !== 'object' || desired === null) return actual === desired
  if (typeof actual !== 'object' || actual === null) return false
  return Object.entries(desired).every(([field, value]) => includes((actual as Record<string, unknown>)[field], value))
}
