/**
 * The ReplicaSet controller: keeps as many pods as asked for, of whatever name. Which pods are its own is decided in
 * `../claim.ts`, which go first in `pods-to-delete.ts`; what the cache may not show yet is remembered in
 * `../expectations.ts`.
 *
 * Source: https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/
 * Left out: minReadySeconds, batches of growing size and the burst limit of 500, terminatingReplicas. The status counts
 * what this reconcile created and deleted, where upstream needs a second reconcile for that.
 */
import { equalJson } from '#api/equal.ts'
import type { KubernetesObject } from '#api/object.ts'
import { controllerReferenceTo } from '#api/owner-reference.ts'
import { ApiError } from '#api/status.ts'
import type { MapFunction, Predicate, ReconcileRequest, Reconciler, ReconcilerTools } from '#controller/controller.ts'
import { type Controller, defineController } from '#controller/define-controller.ts'
import { candidatesFor, claim, mayAdopt } from '../claim.ts'
import { Expectations, expectationMemory } from '../expectations.ts'
import { type Pod, podType, type ReplicaSet, replicaSetType } from '../kinds.ts'
import { isActive, isReady } from '../pod-state.ts'
import { controllerManagerProcess } from '../processes.ts'
import { unlessGone } from '../unless-gone.ts'
import { podsToDelete } from './pods-to-delete.ts'
import { countStatus, isSameStatus, type ReplicaFailure } from './replicaset-status.ts'

export function replicaSet(): Controller {
  return defineController({
    name: 'replicaset',
    process: controllerManagerProcess,
    for: replicaSetType,
    owns: [{ ...podType, predicate: changesReplicas }],
    watches: [
      { ...podType, predicate: ({ type, object }) => type !== 'DELETED' && isOrphan(object), requests: adopters },
    ],
    memory: expectationMemory,
    reconciler: (tools) => new ReplicaSetReconciler(tools),
  })
}

/** Of a pod only what is counted, and what makes it belong to a set. */
const changesReplicas: Predicate = ({ type, object, old }) => {
  if (type !== 'MODIFIED' || old === undefined) return true
  const [before, after] = [old as Pod, object as Pod]
  return (
    isActive(before) !== isActive(after) ||
    isReady(before) !== isReady(after) ||
    !equalJson(before.metadata.labels, after.metadata.labels) ||
    !equalJson(before.metadata.ownerReferences, after.metadata.ownerReferences)
  )
}

function isOrphan({ metadata }: KubernetesObject): boolean {
  return metadata.ownerReferences?.some(({ controller }) => controller === true) !== true
}

/** The sets that would adopt a pod without a controller. */
const adopters: MapFunction = async (pod, { cached }) => {
  if (!isOrphan(pod)) return []
  const { namespace = '' } = pod.metadata
  const sets = await cached.list<ReplicaSet>(replicaSetType, { namespace })
  return sets
    .filter((set) => mayAdopt(set.spec.selector, pod))
    .map(({ metadata }) => ({ namespace, name: metadata.name }))
}

class ReplicaSetReconciler implements Reconciler {
  readonly expectations: Expectations
  private readonly tools: ReconcilerTools

  constructor(tools: ReconcilerTools) {
    this.tools = tools
    this.expectations = new Expectations(tools)
  }

  async reconcile(request: ReconcileRequest): Promise<void> {
    const { client } = this.tools
    const set = await client.tryGet<ReplicaSet>(replicaSetType, request)
    if (set === undefined) return this.expectations.forget(request)
    const candidates = await candidatesFor<Pod>(set, set.spec.selector, podType, client)
    const mayAct = await this.expectations.areFulfilled(request, candidates.owned, set)
    const pods = (await claim(set, candidates, this.tools)).filter(isActive)
    const acts = mayAct && set.metadata.deletionTimestamp === undefined
    const change = acts ? await this.scale(request, set, pods) : { pods, failure: undefined, error: undefined }
    const status = countStatus(set, change.pods, change.failure)
    if (!isSameStatus(set.status, status)) {
      if (mayAct && change.pods === pods) this.expectations.forget(request)
      await client.status().update({ ...set, status })
    }
    if (change.error !== undefined) throw change.error
  }

  /** Creates what is missing or deletes what is too much. An error stops it; what was written before it stays. */
  private async scale(request: ReconcileRequest, set: ReplicaSet, pods: readonly Pod[]): Promise<Scaled> {
    const missing = (set.spec.replicas ?? 1) - pods.length
    const created: Pod[] = []
    const deleted: Pod[] = []
    try {
      for (let count = 0; count < missing; count++) created.push((await this.tools.client.create(podOf(set))) as Pod)
      for (const pod of podsToDelete(pods, -missing)) {
        await this.deletePod(pod)
        deleted.push(pod)
      }
      return { pods: remaining(pods, created, deleted), failure: undefined, error: undefined }
    } catch (error) {
      // Nothing new can be made in a namespace that is going: upstream gives up without an error.
      const isFinal = error instanceof ApiError && error.status.details?.causes?.[0]?.reason === 'NamespaceTerminating'
      return {
        pods: remaining(pods, created, deleted),
        failure: missing > 0 ? 'FailedCreate' : 'FailedDelete',
        error: isFinal ? undefined : error,
      }
    } finally {
      this.expectations.expect(request, created, deleted)
    }
  }

  private async deletePod(pod: Pod): Promise<void> {
    await unlessGone(this.tools.client.delete(pod, { preconditions: { uid: pod.metadata.uid } }))
  }
}

interface Scaled {
  /** Active pods after the change. */
  readonly pods: readonly Pod[]
  readonly failure: ReplicaFailure | undefined
  readonly error: unknown
}

/** The list itself when nothing was created or deleted. */
function remaining(pods: readonly Pod[], created: readonly Pod[], deleted: readonly Pod[]): readonly Pod[] {
  if (created.length + deleted.length === 0) return pods
  return [...pods.filter((pod) => !deleted.includes(pod)), ...created]
}

function podOf(set: ReplicaSet): KubernetesObject {
  const { metadata = {}, spec = {} } = set.spec.template
  const { name, namespace } = set.metadata
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      generateName: `${name}-`,
      ...(namespace === undefined ? {} : { namespace }),
      ...(metadata.labels === undefined ? {} : { labels: metadata.labels }),
      ...(metadata.annotations === undefined ? {} : { annotations: metadata.annotations }),
      ...(metadata.finalizers === undefined ? {} : { finalizers: metadata.finalizers }),
      ownerReferences: [controllerReferenceTo(set)],
    },
    spec,
  }
}
